"""Puts changed settings into effect: the plugins that can are made anew, the others wait."""

from collections.abc import Iterable
from typing import Literal

import structlog

from jishi.plugins.hooks import Hooks
from jishi.plugins.saved import Saved
from jishi.plugins.seats import Seat, take_seat

log = structlog.get_logger("jishi.plugins")


def settle(
    hooks: Hooks, saved: Iterable[Saved], whose: Literal["live", "everybody"] = "live"
) -> None:
    """Make the plugins anew whose saved settings are other than those they were made with.

    A plugin that cannot be made with them stays as it was, and the log says so.

    Args:
        hooks: The shop's plugins.
        saved: What is saved by now; it was checked when it was saved.
        whose: ``live``: of plugins that declare ``live_settings``; ``everybody`` only before any
            ``register_`` hook was asked.
    """
    told = {each.plugin: each for each in saved}
    for name, seat in list(hooks.roster.seats.items()):
        if seat.declaration.live_settings == "no" and whose == "live":
            continue
        now = told.get(name) or Saved(name)
        if now.values != hooks.roster.scopes.saved(name):
            _settle(hooks, seat, now)


def is_behind(hooks: Hooks, now: Saved) -> bool:
    """Whether a plugin still runs with other settings than are saved."""
    return now.values != hooks.roster.scopes.saved(now.plugin)


def _settle(hooks: Hooks, seat: Seat, now: Saved) -> None:
    if hooks.roster.unusable.get(seat.name) == now.version:
        return
    scopes = hooks.roster.scopes.saving(seat.name, now.values)
    try:
        made = take_seat(type(seat.plugin), seat.home, scopes)
    except Exception as error:  # noqa: BLE001  # a stranger's code
        hooks.roster.unusable[seat.name] = now.version
        log.error("plugin_settings_unusable", plugin=seat.declaration.label, error=str(error))
        return
    hooks.reseat(made, scopes)
    log.info("plugin_settings_changed", plugin=seat.declaration.label, version=now.version)

"""Starts the plugins of a build: find, check, configure, seat."""

import logging
from collections.abc import Iterable, Mapping

from jishi import __version__
from jishi.clock import Clock
from jishi.config import Config
from jishi.plugins.approval import check_approved
from jishi.plugins.declaration import Plugin
from jishi.plugins.discovery import find_plugins, installed
from jishi.plugins.hooks import Hooks
from jishi.plugins.problems import PluginProblem
from jishi.plugins.roster import Roster, required_but_failed
from jishi.plugins.rules import Rules, rules_of
from jishi.plugins.safe import safe_ones
from jishi.plugins.scopes import Scopes
from jishi.plugins.seats import Seat, take_seat
from jishi.plugins.versions import check_core, check_needs

log = logging.getLogger("jishi.plugins")


def load_plugins(
    config: Config,
    specs: Iterable[object],
    *,
    builtin: Mapping[str, type[Plugin]] | None = None,
    remote: Mapping[str, type[Plugin]] | None = None,
    core: str = __version__,
    clock: Clock | None = None,
) -> Hooks:
    """Start the plugins that a build switches on; no other is imported.

    Args:
        config: The build.
        specs: The modules with the hook specifications.
        builtin: The core's own plugins by name; those the merchant does not list come last.
        remote: Plugins that run elsewhere, by name; those not switched on do not take part.
        core: The version of the running core.
        clock: What time it is.

    Raises:
        PluginProblem: A plugin is missing, broken, incompatible, wrongly configured or answers
            hooks in a way it cannot.
    """
    builtin = builtin or {}
    table = config.plugins
    enabled = table.enabled
    elsewhere = {name: each for name, each in (remote or {}).items() if name in enabled}
    left_out: tuple[str, ...] = ()
    if table.safe == "yes":
        near = tuple(name for name in enabled if name not in elsewhere)
        enabled, left_out = safe_ones(near, builtin)
        left_out, elsewhere = (*left_out, *elsewhere), {}
    found = find_plugins(enabled, {**builtin, **elsewhere}, table.off)
    declarations = {name: plugin.declaration for name, plugin in found.items()}
    for name, declaration in declarations.items():
        check_core(declaration, core)
        check_needs(declaration, declarations)
        if name not in builtin:
            check_approved(declaration, table.approved.get(name))
    scopes = Scopes(config)
    reachable = [
        *found,
        *left_out,
        *builtin,
        *(remote or {}),
        *(each.name for each in installed()),
    ]
    scopes.check_names(reachable)
    seats, failed = _seated(found, enabled, scopes)
    roster = Roster(specs, seats, rules=rules_of(config, left_out), scopes=scopes, clock=clock)
    _check_open(table.on_failure, roster)
    for name, error in failed.items():
        roster.disable(name, error)
    return Hooks(roster)


def hooks_for(
    specs: Iterable[object],
    *plugins: Plugin,
    rules: Rules | None = None,
    config: Config | None = None,
    clock: Clock | None = None,
) -> Hooks:
    """Hooks over plugins that are made already; for tests and small tools.

    Args:
        specs: The modules with the hook specifications.
        plugins: The instances, in the order they are asked; they are on everywhere.
        rules: What the merchant decided about asking.
        config: The build, for its channels and stores.
        clock: What time it is.
    """
    seats = [Seat(plugin, "given") for plugin in plugins]
    return Hooks(Roster(specs, seats, rules=rules, scopes=Scopes(config), clock=clock))


def _check_open(on_failure: Mapping[str, str], roster: Roster) -> None:
    """Refuse ``open`` for a plugin whose hooks always fail closed: prices are never guessed."""
    for name, way in on_failure.items():
        if way != "open" or name not in roster.seats:
            continue
        if not any(hook.startswith("review_") for hook in roster.answers(name)):
            raise PluginProblem(
                f'[plugins.on_failure] {name} = "open" means nothing: {name!r} answers no '
                "review_ hook, and prices and effects always fail closed.",
                next_step="Remove the line.",
            )


def _seated(
    found: Mapping[str, type[Plugin]], enabled: Iterable[str], scopes: Scopes
) -> tuple[list[Seat], dict[str, Exception]]:
    """The plugins that could be made, and the errors of those that could not."""
    seats: list[Seat] = []
    failed: dict[str, Exception] = {}
    for name, plugin in found.items():
        try:
            seats.append(take_seat(plugin, "installed" if name in enabled else "builtin", scopes))
        except PluginProblem:
            raise
        except Exception as error:
            if plugin.declaration.required == "yes":
                raise required_but_failed(name, f"{type(error).__name__}: {error}") from error
            failed[name] = error
    return seats, failed

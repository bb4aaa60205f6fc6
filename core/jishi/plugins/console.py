"""A plugin's settings as staff see and change them: the form, and what may be saved."""

from typing import Any, Literal

import msgspec

from jishi.config import (
    ConfigProblem,
    Described,
    Finding,
    describe,
    did_you_mean,
    form_of,
    values_of,
    variable_of,
)
from jishi.plugins.declaration import Declaration
from jishi.plugins.hooks import Hooks
from jishi.plugins.problems import PluginProblem
from jishi.plugins.saved import Saved
from jishi.plugins.scopes import Scopes
from jishi.plugins.seats import Seat, take_seat
from jishi.problems import Invalid, NotFound

Origin = Literal["default", "file", "console", "environment"]
"""Who says a value; the later ones go before the earlier."""


class Elsewhere(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel or store says otherwise; only the file can.

    Attributes:
        place: The table in the file: ``channels.till.plugins.loyalty``.
        values: Its values, without secrets.
    """

    place: str
    values: dict[str, Any]


class SettingsForm(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin's settings.

    Attributes:
        plugin: Its name.
        version: Its version.
        json_schema: JSON Schema of the settings, with titles, help, units, scopes and ranges.
        values: Those that count in the process that answers; secrets are not among them.
        secrets: For each secret, whether it is set.
        origins: Who says each value.
        saved: What staff saved, counting already or after a restart.
        takes_effect: ``at once`` in every process, or after a ``restart`` of the shop.
        restart: ``needed`` when something was saved that does not count yet.
        elsewhere: What channels and stores say otherwise.
    """

    plugin: str
    version: str
    json_schema: dict[str, Any]
    values: dict[str, Any]
    secrets: dict[str, bool]
    origins: dict[str, Origin]
    saved: dict[str, Any]
    takes_effect: Literal["at once", "restart"]
    restart: Literal["needed", "no"]
    elsewhere: tuple[Elsewhere, ...] = ()


class WrongSettings(Invalid):
    """Settings that cannot be saved; ``findings`` has the path and sentence of each fault."""

    code = "wrong_settings"
    title = "The settings cannot be used"

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(
            "\n".join(f"{each.path}: {each.said}" for each in findings),
            field=findings[0].path,
            findings=[{"path": each.path, "said": each.said} for each in findings],
        )


class NoSettings(NotFound):
    """There is no such plugin, or it has no settings."""

    code = "no_settings"


def settings_form(hooks: Hooks, saved: Saved) -> SettingsForm:
    """The form of a plugin that takes part.

    Args:
        hooks: The shop's plugins.
        saved: What staff saved of its settings.

    Raises:
        NoSettings: It does not take part, or has none.
    """
    seat, settings = _seat(hooks, saved.plugin)
    scopes = hooks.roster.scopes
    made = scopes.settings(seat.declaration)
    values, secrets = values_of(made) if made is not None else ({}, {})
    return SettingsForm(
        plugin=seat.name,
        version=seat.declaration.version,
        json_schema=form_of(settings),
        values=values,
        secrets=secrets,
        origins={each.name: _origin(scopes, seat.name, each.name) for each in describe(settings)},
        saved=saved.values,
        takes_effect="at once" if seat.declaration.live_settings == "yes" else "restart",
        restart="no" if saved.values == scopes.saved(seat.name) else "needed",
        elsewhere=tuple(
            Elsewhere(place=place, values={key: said[key] for key in said if key in values})
            for place, said in scopes.told_elsewhere(seat.name)
        ),
    )


def with_changes(hooks: Hooks, saved: Saved, changes: dict[str, Any]) -> dict[str, Any]:
    """What would be saved after some changes, if a plugin can work with that.

    Args:
        hooks: The shop's plugins.
        saved: What is saved until now.
        changes: Values by key; None takes back what was saved, so that the file counts again.

    Raises:
        NoSettings: There is nothing to change.
        WrongSettings: It says of each value what is wrong, in the words of the file's errors.
    """
    seat, settings = _seat(hooks, saved.plugin)
    scopes, at = hooks.roster.scopes, f"plugins.{seat.name}"
    known = {each.name: each for each in describe(settings)}
    findings = [
        Finding(path=f"{at}.{key}", said=said)
        for key in changes
        if (said := _objection(scopes, at, key, known))
    ]
    if findings:
        raise WrongSettings(findings)
    values = {key: value for key, value in saved.values.items() if key in known} | changes
    values = {key: value for key, value in values.items() if value is not None}
    _try(seat, scopes.saving(seat.name, values), at)
    return values


def _seat(hooks: Hooks, name: str) -> tuple[Seat, type[msgspec.Struct]]:
    seat = hooks.roster.seats.get(name)
    if seat is None:
        raise NoSettings(
            f"No plugin {name!r} takes part.", next_step="GET /admin/plugins lists them."
        )
    if seat.declaration.settings is None:
        raise NoSettings(f"The plugin {name!r} has no settings.")
    return seat, seat.declaration.settings


def _origin(scopes: Scopes, plugin: str, key: str) -> Origin:
    if scopes.source.environ.get(variable_of(f"plugins.{plugin}", key)):
        return "environment"
    if key in scopes.saved(plugin):
        return "console"
    return "file" if key in scopes.written(plugin) else "default"


def _objection(scopes: Scopes, at: str, key: str, known: dict[str, Described]) -> str:
    """Why staff may not change a setting; empty when they may."""
    if key not in known:
        return f"unknown key{did_you_mean(key, known)}"
    if known[key].console == "no":
        written = 'as { env = "NAME" } ' if known[key].secret == "yes" else ""  # noqa: S105
        return f"this cannot be set here; write it {written}in {scopes.source.name}, and restart"
    variable = variable_of(at, key)
    if scopes.source.environ.get(variable):
        return f"the environment variable {variable} says it, and goes before what is saved here"
    return ""


def _try(seat: Seat, scopes: Scopes, at: str) -> None:
    """Make the plugin once with these settings, in all places."""
    declaration = seat.declaration
    _decode(declaration, scopes, at)
    try:
        take_seat(type(seat.plugin), seat.home, scopes)
    except PluginProblem as problem:
        raise WrongSettings([Finding(path=at, said=str(problem))]) from problem
    except Exception as error:
        said = f"the plugin refuses them: {type(error).__name__}: {error}"
        raise WrongSettings([Finding(path=at, said=said)]) from error


def _decode(declaration: Declaration, scopes: Scopes, at: str) -> None:
    """Read them as the file is read; the findings are told without the file's lines."""
    table = {**scopes.written(declaration.name), **scopes.saved(declaration.name)}
    try:
        scopes.source.read(table, declaration.settings or msgspec.Struct, at)
    except ConfigProblem as problem:
        raise WrongSettings(list(problem.findings)) from problem

"""Everything there is to know about one plugin, for people who look after a shop."""

from typing import Literal

import msgspec

from jishi.config import Described, describe
from jishi.plugins.approval import wishes_of
from jishi.plugins.declaration import Plugin
from jishi.plugins.discovery import find_plugins
from jishi.plugins.hooks import Hooks
from jishi.plugins.modes import Mode
from jishi.plugins.register import marked
from jishi.plugins.structs import Installed


class Answering(msgspec.Struct, frozen=True, kw_only=True):
    """A hook that a plugin answers.

    Attributes:
        hook: Its name.
        mode: How it is asked.
        order: Who is asked in the whole shop, in order; empty while the plugin is off.
        budget: Milliseconds that one call may take.
        state: The breaker in this process: ``closed``, ``open``, ``half-open``, ``quarantined``.
    """

    hook: str
    mode: Mode
    order: tuple[str, ...] = ()
    budget: int = 0
    state: str = "closed"


class Portrait(msgspec.Struct, frozen=True, kw_only=True):
    """One plugin.

    Attributes:
        name: Its name.
        version: Its version.
        distribution: What pip calls it.
        state: On, off, disabled or quarantined.
        reason: Why it is disabled or quarantined.
        about: What its author says of it.
        requires: The versions of the core it works with.
        needs: Plugins it stands on.
        needed_by: Plugins that are on and stand on it.
        required: Whether the shop must not start without it.
        wants: The scopes and hosts it wants to be allowed.
        approved: Whether the merchant allowed them: ``yes``, ``not said``, ``not all``.
        tables: The tables it owns.
        settings: Its settings with defaults and help.
        hooks: The hooks it answers.
    """

    name: str
    version: str
    distribution: str
    state: str
    reason: str
    about: str
    requires: str
    needs: tuple[str, ...]
    needed_by: tuple[str, ...]
    required: Literal["yes", "no"]
    wants: tuple[str, ...]
    approved: Literal["yes", "not said", "not all"]
    tables: tuple[str, ...]
    settings: tuple[Described, ...]
    hooks: tuple[Answering, ...]


def portrait(hooks: Hooks, name: str, approved: tuple[str, ...] | None) -> Portrait:
    """Describe a plugin that is installed, whether it is on or off.

    Args:
        hooks: The shop's plugins.
        name: The plugin.
        approved: What the merchant allowed it; None when he said nothing.

    Raises:
        PluginProblem: It is not installed, or cannot be loaded.
    """
    seat = hooks.roster.seats.get(name)
    plugin = type(seat.plugin) if seat else find_plugins([name], {})[name]
    declaration = plugin.declaration
    shown = next(
        (each for each in hooks.roster.installed() if each.name == name),
        Installed(name=name, version=declaration.version, distribution="?", state="off"),
    )
    return Portrait(
        name=name,
        version=declaration.version,
        distribution=shown.distribution,
        state=shown.state,
        reason=shown.reason,
        about=(plugin.__doc__ or "").strip(),
        requires=declaration.requires,
        needs=declaration.needs,
        needed_by=hooks.roster.needed_by(name),
        required=declaration.required,
        wants=wishes_of(declaration),
        approved=_approval(wishes_of(declaration), approved),
        tables=table_names(plugin),
        settings=tuple(describe(declaration.settings)) if declaration.settings else (),
        hooks=_answering(hooks, plugin),
    )


def table_names(plugin: type[Plugin]) -> tuple[str, ...]:
    """The names of the tables that a plugin declares."""
    tables = plugin.declaration.tables
    return tuple(str(table._meta.tablename) for table in tables if hasattr(table, "_meta"))


def _approval(
    wants: tuple[str, ...], approved: tuple[str, ...] | None
) -> Literal["yes", "not said", "not all"]:
    if not wants:
        return "yes"
    if approved is None:
        return "not said"
    return "yes" if set(wants) <= set(approved) else "not all"


def _answering(hooks: Hooks, plugin: type[Plugin]) -> tuple[Answering, ...]:
    name, rules = plugin.declaration.name, hooks.roster.rules
    states = {each.hook: each.state for each in hooks.roster.board.healths(name)}
    known = hooks.roster.hooks
    names = sorted(str(marks["specname"] or each) for each, marks in marked(plugin).items())
    return tuple(
        Answering(
            hook=each,
            mode=known[each].mode,
            order=hooks.roster.order(each),
            budget=round(rules.budget(name, known[each].mode) * 1000),
            state=states.get(each, "closed"),
        )
        for each in names
        if each in known
    )

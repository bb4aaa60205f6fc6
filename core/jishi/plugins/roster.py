"""The plugins that take part, who of them is asked where, and what the start did to them."""

import logging
from collections.abc import Callable, Iterable, Mapping

from jishi.clock import Clock
from jishi.plugins.approval import wishes_of
from jishi.plugins.board import Board
from jishi.plugins.declaration import Declaration, Plugin
from jishi.plugins.discovery import installed
from jishi.plugins.exclusive import check_choices, only_one
from jishi.plugins.modes import Mode
from jishi.plugins.plans import Plan, make_plan
from jishi.plugins.problems import PluginProblem
from jishi.plugins.register import Hook, Register
from jishi.plugins.rules import Rules
from jishi.plugins.scopes import Scopes
from jishi.plugins.seats import Seat
from jishi.plugins.structs import SHOP, Installed, Where
from jishi.plugins.versions import is_needed

log = logging.getLogger("jishi.plugins")


class Roster:
    """The plugins of one build.

    Args:
        specs: The modules with the hook specifications.
        seats: The plugins that take part, in the order they are asked.
        rules: What the merchant decided about asking.
        scopes: The places of the build.
        clock: What time it is.

    Raises:
        PluginProblem: A plugin answers a hook that does not exist or in a way it cannot, or two
            claim a hook that only one may answer.
    """

    def __init__(
        self,
        specs: Iterable[object],
        seats: Iterable[Seat] = (),
        *,
        rules: Rules | None = None,
        scopes: Scopes | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.seats = {seat.name: seat for seat in seats}
        self.rules = rules or Rules()
        self.scopes = scopes or Scopes()
        self.board = Board(self.rules, clock)
        self.disabled: dict[str, str] = {}
        """Plugins that failed at the start, with the reason."""
        self.unusable: dict[str, int] = {}
        """Versions of saved settings with which a plugin cannot be made."""
        self._register = Register(specs, self.seats.values())
        self._check_exclusive()

    @property
    def declarations(self) -> tuple[Declaration, ...]:
        """What the plugins that take part declare, in order; disabled ones are not among them."""
        return tuple(
            seat.declaration for name, seat in self.seats.items() if name not in self.disabled
        )

    def plugin(self, name: str, where: Where = SHOP) -> Plugin | None:
        """The plugin's instance for a place; None when it is off there, or altogether."""
        if name not in self.seats or name in self.disabled or name in self.board.quarantined:
            return None
        return self.seats[name].at(self.scopes.known(where))

    def answers(self, plugin: str) -> tuple[str, ...]:
        """The hooks that a plugin answers, sorted."""
        return self._register.answered_by(plugin)

    @property
    def hooks(self) -> Mapping[str, Hook]:
        """Every hook of this shop by its name."""
        return self._register.hooks

    def order(self, hook: str) -> tuple[str, ...]:
        """Who is asked in the whole shop, in order, signed with their versions."""
        found = self._register.hooks[hook]
        plan = self.plan(found.spec, SHOP, frozenset({found.mode}))
        return tuple(step.label for step in plan.steps)

    def needed_by(self, name: str) -> tuple[str, ...]:
        """The plugins that take part and stand on the named one."""
        seats = self.seats.values()
        return tuple(seat.name for seat in seats if is_needed(name, seat.declaration))

    def plan(self, spec: Callable[..., object], where: Where, modes: frozenset[Mode]) -> Plan:
        """Work out who is asked in a place.

        Args:
            spec: The hook's specification.
            where: The place, one that is known.
            modes: The modes that the caller's way of asking serves.

        Raises:
            TypeError: The hook is not one of this shop's, or is asked in another way.
        """
        hook = self._register.hooks.get(spec.__name__)
        if hook is None or hook.spec is not spec:
            raise TypeError(f"{spec.__name__} is not a hook of this shop")
        if hook.mode not in modes:
            raise TypeError(f"{hook.name} is a {hook.mode} hook and is asked in another way")
        able = {name: seat for name, seat in self.seats.items() if name not in self.disabled}
        plan = make_plan(hook, self._register, able, where, self.board.health)
        return only_one(plan, self.rules.choose, able, where) if hook.mode == "choose" else plan

    def disable(self, name: str, error: Exception) -> None:
        """Go on without a plugin that failed at the start, and without those that need it.

        Raises:
            PluginProblem: The plugin, or one that needs it, is required.
        """
        if name in self.disabled:
            return
        reason = f"{type(error).__name__}: {error}"
        if name in self.seats and self.seats[name].declaration.required == "yes":
            raise required_but_failed(name, reason) from error
        self.disabled[name] = reason
        log.error("plugin %s is disabled: %s", name, reason, exc_info=error)
        for seat in self.seats.values():
            if is_needed(name, seat.declaration):
                self.disable(seat.name, PluginProblem(f"it needs {name!r}, which is disabled"))

    def installed(self) -> list[Installed]:
        """The plugins that take part, in order, then those that are only installed."""
        outside = {each.name: each for each in installed()}
        names = (*self.seats, *(name for name in self.disabled if name not in self.seats))
        taking_part = [self._shown(name, outside.pop(name, None)) for name in names]
        return taking_part + list(outside.values())

    def _shown(self, name: str, outside: Installed | None) -> Installed:
        seat = self.seats.get(name)
        version = outside.version if outside else ""
        return Installed(
            name=name,
            version=seat.declaration.version if seat else version,
            distribution=outside.distribution if outside else (seat.origin if seat else "jishi"),
            state=self._state(name),
            hooks=self._register.answered_by(name),
            wants=wishes_of(seat.declaration) if seat else (),
            reason=self.disabled.get(name) or self.board.quarantined.get(name, ""),
        )

    def _state(self, name: str) -> str:
        if name in self.disabled:
            return "disabled"
        return "quarantined" if name in self.board.quarantined else "on"

    def _check_exclusive(self) -> None:
        check_choices(self.rules.choose, self._register)
        for hook in self._register.hooks.values():
            if hook.mode == "choose":
                for where in self.scopes.places():
                    self.plan(hook.spec, where, frozenset({"choose"}))


def required_but_failed(name: str, reason: str) -> PluginProblem:
    """The problem of a required plugin that failed at the start."""
    return PluginProblem(
        f"The plugin {name!r} is required but failed at the start: {reason}.",
        next_step=f"Mend it, or take {name!r} out of enabled in [plugins].",
    )

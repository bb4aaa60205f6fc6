"""Who is asked, in one place, for one hook: worked out once and kept as a tuple."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from jishi.plugins.health import Health
from jishi.plugins.modes import Mode
from jishi.plugins.register import Hook, Register
from jishi.plugins.seats import Seat
from jishi.plugins.structs import Where


class Step(NamedTuple):
    """One plugin to ask.

    Attributes:
        name: The plugin's name.
        label: Name and version, as answers are signed.
        call: Called with the hook's arguments by position.
        health: How the plugin does in this hook.
    """

    name: str
    label: str
    call: Callable[..., object]
    health: Health


class Plan(NamedTuple):
    """Everybody who is asked, in order."""

    hook: str
    mode: Mode
    arguments: tuple[str, ...]
    steps: tuple[Step, ...]

    def positions(self, args: tuple[Any, ...], named: Mapping[str, Any]) -> tuple[Any, ...]:
        """The arguments by position.

        Raises:
            TypeError: An argument is missing or unknown.
        """
        try:
            values = (*args, *[named[name] for name in self.arguments[len(args) :]])
        except KeyError:
            values = ()
        if len(values) != len(args) + len(named) or len(values) != len(self.arguments):
            raise TypeError(f"{self.hook} is asked with {', '.join(self.arguments)}")
        return values


def make_plan(
    hook: Hook,
    register: Register,
    seats: Mapping[str, Seat],
    where: Where,
    health: Callable[[Seat, Hook], Health],
) -> Plan:
    """Work out who is asked.

    Args:
        hook: The hook.
        register: Who answers it at all.
        seats: The plugins that are not disabled, by name.
        where: The place; plugins that are off there are not asked.
        health: How a plugin does in a hook, the same for all places.
    """
    steps: list[Step] = []
    for implementation in register.implementations(hook.name):
        seat = seats.get(implementation.plugin_name)
        plugin = seat.at(where) if seat else None
        if seat is None or plugin is None:
            continue
        method = getattr(plugin, register.attributes[seat.name, hook.name])
        call = _by_position(method, implementation.argnames, hook.arguments)
        steps.append(Step(seat.name, seat.declaration.label, call, health(seat, hook)))
    return Plan(hook.name, hook.mode, hook.arguments, tuple(steps))


def _by_position(
    method: Callable[..., object], wanted: tuple[str, ...], given: tuple[str, ...]
) -> Callable[..., object]:
    """The method as it is, or one that picks the arguments it wants."""
    wanted = tuple(wanted)
    if wanted == given:
        return method
    places = tuple(given.index(name) for name in wanted)
    return lambda *args: method(*(args[place] for place in places))

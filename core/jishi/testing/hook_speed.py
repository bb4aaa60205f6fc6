"""What asking costs: for the bench, not for tests."""

import time
import timeit
from types import SimpleNamespace

import msgspec
import pluggy

from jishi.plugins import SHOP, Declaration, Plugin, hookimpl, hooks_for

_ROUNDS = 20_000
_spec = pluggy.HookspecMarker("jishi")


@_spec
def adjust_price(basket: str, lane: str) -> int | None:
    """Offer something."""


class HookSpeed(msgspec.Struct, frozen=True, kw_only=True):
    """CPU time of one call, in microseconds.

    Attributes:
        empty: Nobody answers.
        silent: Twenty plugins have nothing to offer.
        answering: Twenty plugins answer.
    """

    empty: float
    silent: float
    answering: float


def hook_speed() -> HookSpeed:
    """Measure what a pure hook costs; the best of nine runs, in CPU time of this thread."""
    return HookSpeed(empty=_cost(0, None), silent=_cost(20, None), answering=_cost(20, 1))


def _cost(plugins: int, answer: int | None) -> float:
    hooks = hooks_for(
        [SimpleNamespace(adjust_price=adjust_price)],
        *(_plugin(number, answer) for number in range(plugins)),
    )
    runs = timeit.repeat(
        lambda: hooks.ask(adjust_price, SHOP, basket="b", lane="l"),
        number=_ROUNDS,
        repeat=9,
        timer=time.thread_time,
    )
    return round(min(runs) / _ROUNDS * 1e6, 2)


def _plugin(number: int, answer: int | None) -> Plugin:
    def adjust(self: Plugin, basket: str, lane: str) -> int | None:
        return answer

    declaration = Declaration(name=f"p{number}", version="1")
    made = type(
        f"P{number}", (Plugin,), {"declaration": declaration, "adjust_price": hookimpl(adjust)}
    )
    plugin: Plugin = made()
    return plugin

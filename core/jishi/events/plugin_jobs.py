"""The jobs, schedules and ears that plugins bring."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, assert_never

from jishi.events.handlers import Handlers
from jishi.events.structs import JobKind, Listener, Schedule
from jishi.hookspecs.platform import register_jobs
from jishi.plugins import SHOP, HookShut, Plugin
from jishi.shop import Shop

Do = Callable[..., Awaitable[None]]


def sign_plugins_in(handlers: Handlers, shop: Shop) -> None:
    """Enter what plugins bring into the register, each below its plugin's name.

    Raises:
        ValueError: A plugin gives a name twice.
    """
    for answer in shop.hooks.ask(register_jobs, SHOP):
        _sign_in(handlers, answer.plugin, answer.value)


def _sign_in(
    handlers: Handlers, label: str, brought: Sequence[Schedule | JobKind | Listener]
) -> None:
    name = label.partition("@")[0]
    for one in brought:
        do = _while_it_may(label, one.do)
        match one:
            case Schedule():
                handlers.every(f"{name}.{one.name}", one.every, do)
            case JobKind():
                handlers.job(f"{name}.{one.name}", do)
            case Listener():
                handlers.on(one.event, f"{name}.{one.name}", do)
            case _:
                assert_never(one)


def _while_it_may(label: str, do: Do) -> Do:
    """The call, on the plugin as it is made by then, and not while it is in quarantine."""
    name = label.partition("@")[0]

    async def call(shop: Shop, *args: Any) -> None:
        if why := shop.hooks.roster.board.quarantined.get(name):
            raise HookShut(label, "register_jobs", why, 30)
        await _as_it_is(shop, name, do)(shop, *args)

    return call


def _as_it_is(shop: Shop, name: str, do: Do) -> Do:
    """The method on the instance that is in use: new settings make a new one."""
    if not isinstance(getattr(do, "__self__", None), Plugin):
        return do
    current: Do | None = getattr(shop.hooks.plugin(name), do.__name__, None)
    return current or do

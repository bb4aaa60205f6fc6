"""The gateways of a shop: asked for once, called outside of transactions, never for long."""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar
from weakref import WeakKeyDictionary

import structlog

from jishi.hookspecs.platform import register_gateways
from jishi.payments.gateway import Gateway, GatewayRefused, GatewayUnknown
from jishi.payments.problems import NoGateway
from jishi.plugins import SHOP
from jishi.shop import Shop

BUDGET = 8.0
"""Seconds that a gateway may take for one call."""

T = TypeVar("T")
log = structlog.get_logger("jishi.payments")

_gateways: WeakKeyDictionary[Shop, dict[str, Gateway]] = WeakKeyDictionary()


def gateways_of(shop: Shop) -> dict[str, Gateway]:
    """The shop's gateways by name, in the merchant's order; plugins are asked for them once."""
    known = _gateways.get(shop)
    if known is None:
        answers = shop.hooks.ask(register_gateways, SHOP)
        known = {gateway.name: gateway for answer in answers for gateway in answer.value}
        _gateways[shop] = known
    return known


def find_gateway(shop: Shop, name: str) -> Gateway:
    """The gateway of that name.

    Raises:
        NoGateway: There is none.
    """
    gateway = gateways_of(shop).get(name)
    if gateway is None:
        raise NoGateway(f"There is no gateway {name[:40]!r}.", next_step="Choose one of `ways`.")
    return gateway


async def stop_gateways(shop: Shop) -> None:
    """Have every gateway close its connections; at the shop's end."""
    for gateway in _gateways.pop(shop, {}).values():
        try:
            await gateway.stop()
        except Exception:
            log.exception("gateway_stop_failed", gateway=gateway.name)


async def bounded(call: Coroutine[object, object, T], seconds: float = BUDGET) -> T:
    """Wait for a gateway, but not for ever.

    Raises:
        GatewayRefused: It said no.
        GatewayUnknown: It took too long, or failed in a way that says nothing about the outcome.
    """
    task = asyncio.ensure_future(call)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        task.cancel()
        raise
    if not done:
        # Left behind rather than awaited: a gateway that swallows the cancellation binds nobody.
        task.cancel()
        task.add_done_callback(_forget)
        raise GatewayUnknown(f"no answer within {seconds:g} s")
    try:
        return task.result()
    except (GatewayRefused, GatewayUnknown):
        raise
    except Exception as error:
        log.warning("gateway_failed", error=f"{type(error).__name__}: {error}")
        raise GatewayUnknown(f"{type(error).__name__}: {error}") from error


def _forget(task: "asyncio.Task[T]") -> None:
    if not task.cancelled():
        task.exception()

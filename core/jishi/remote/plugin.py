"""A plugin that asks somebody elsewhere: made from its settings, asked like any other."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

import msgspec

from jishi.compliance import Subject
from jishi.identifiers import new_id
from jishi.membership import Member
from jishi.orders import Order, OrderDraft
from jishi.plugins import Declaration, Plugin, hookimpl, occasion
from jishi.pricing import Basket, Lane, Nets, Offer
from jishi.remote.answers import (
    Findings,
    Objections,
    Offers,
    RemoteFinding,
    RemoteObjection,
    read_answer,
)
from jishi.remote.line import Line
from jishi.remote.settings import RemoteSettings
from jishi.remote.told import priced, told


class Remote(Plugin):
    """Runs elsewhere and is asked by signed HTTP."""

    def __init__(self, settings: RemoteSettings) -> None:
        self.line = Line(settings)
        self.scopes = settings.scopes

    async def tell(self, hook: str, data: dict[str, Any]) -> None:
        """Tell of an event, under the id of that event."""
        await self.line.send(hook, data, occasion() or new_id())

    async def close(self) -> None:
        """Hang up."""
        await self.line.close()


def make_remote(name: str, settings: RemoteSettings) -> type[Plugin]:
    """The class of a remote plugin.

    Args:
        name: What the merchant calls it.
        settings: Its table.
    """
    declaration = Declaration(
        name=name,
        version=settings.version,
        settings=RemoteSettings,
        scopes=settings.scopes,
        hosts=(settings.host,),
    )
    members: dict[str, object] = {
        hook: hookimpl(answer) for asked in settings.hooks for hook, answer in ANSWERS[asked]
    }
    about = {"declaration": declaration, "origin": settings.remote, "__doc__": Remote.__doc__}
    return cast("type[Plugin]", type("Remote", (Remote,), {**about, **members}))


def _hears_of(hook: str) -> Callable[[Remote, Order], Awaitable[None]]:
    async def hear(self: Remote, order: Order) -> None:
        await self.tell(hook, {"order": told(order, self.scopes)})

    return hear


async def member_joined(self: Remote, member: Member) -> None:
    """Tell of a new member; asks for the scope ``members:contact``, as of any plugin."""
    await self.tell("member_joined", {"member": msgspec.to_builtins(member)})


async def review_checkout(self: Remote, draft: OrderDraft) -> Sequence[RemoteObjection]:
    """Ask for objections."""
    data: dict[str, object] = {"draft": told(draft, self.scopes)}
    answer = await self.line.send("review_checkout", data, new_id())
    return read_answer(answer, Objections).objections


async def review_subject(self: Remote, subject: Subject) -> Sequence[RemoteFinding]:
    """Ask for findings."""
    data: dict[str, object] = {"subject": msgspec.to_builtins(subject)}
    answer = await self.line.send("review_subject", data, new_id())
    return read_answer(answer, Findings).findings


async def load_pricing(self: Remote, basket: Basket) -> object:
    """Ask for the offers of all lanes at once."""
    data: dict[str, object] = {"basket": priced(basket)}
    answer = await self.line.send("adjust_price", data, new_id())
    return read_answer(answer, Offers).offers


def adjust_price(self: Remote, basket: Basket, lane: Lane, nets: Nets) -> Sequence[Offer] | None:
    """The offers of a lane, as they were fetched."""
    del nets
    offers = cast("dict[Lane, Sequence[Offer]]", basket.loaded[self.declaration.name])
    return offers.get(lane)


ORDERS = (
    "order_placed",
    "order_paid",
    "order_shipped",
    "order_completed",
    "order_cancelled",
    "order_refunded",
)

ANSWERS: dict[str, tuple[tuple[str, Callable[..., object]], ...]] = {
    **{hook: ((hook, _hears_of(hook)),) for hook in ORDERS},
    "member_joined": (("member_joined", member_joined),),
    "review_checkout": (("review_checkout", review_checkout),),
    "review_subject": (("review_subject", review_subject),),
    "adjust_price": (("load_pricing", load_pricing), ("adjust_price", adjust_price)),
}
"""For what the merchant writes, the hooks that are answered and how."""

"""Goods of an order leave the house."""

import hashlib
from collections.abc import Sequence
from typing import Literal

import msgspec

from jishi.db import Transaction
from jishi.hookspecs.checkout import review_shipment
from jishi.idempotency import KeyReused
from jishi.identifiers import new_id
from jishi.orders import sql
from jishi.orders.load_order import find_order
from jishi.orders.problems import NotThatMany, ShipmentRefused
from jishi.orders.structs import Order, OrderLine
from jishi.orders.tables import ShipmentTable
from jishi.orders.transition import Change, change_order
from jishi.plugins import Where
from jishi.problems import Invalid
from jishi.shop import Shop

_COLUMNS = ("id", "order_id", "key", "digest", "carrier", "tracking", "lines", "shipped_at")


class Shipped(msgspec.Struct, frozen=True, kw_only=True):
    """An order after goods left the house, and whether they had left before."""

    order: Order
    replayed: Literal["no", "yes"] = "no"


async def ship_order(
    shop: Shop,
    order_id: str,
    actor: str,
    key: str,
    *,
    carrier: str = "",
    tracking: str = "",
    lines: Sequence[tuple[str, int]] = (),
) -> Shipped:
    """Ship some or all goods of a paid order, once per key.

    Args:
        shop: The shop.
        order_id: The order's id.
        actor: Who ships.
        key: The idempotency key of this shipment, unique per order.
        carrier: The carrier's name or code; empty for a pickup.
        tracking: The carrier's number; may be empty.
        lines: Line id and pieces; empty ships whatever is left.

    Raises:
        NotThatMany: More pieces than there are left.
        KeyReused: The key came with another shipment before.
        OrderNotReady: The order is not paid, or over.
        ShipmentRefused: A plugin objects; every objection is in it.
    """
    digest = _digest(carrier, tracking, lines)
    seen: list[Literal["yes"]] = []
    sent: dict[str, int] = {}

    async def plan(order: Order) -> Change | None:
        known = await shop.database.one_as(str, sql.SHIPMENT_BY_KEY, order_id, key)
        if known is not None:
            if known != digest:
                raise KeyReused(key)
            seen.append("yes")
            return None
        await _review(shop, order)
        sent.clear()
        sent.update(_wanted(order, lines))
        now = shop.clock.now()
        after = msgspec.structs.replace(
            order,
            status="fulfilling",
            shipped_at=now,
            lines=tuple(_shipped(line, sent.get(line.id, 0)) for line in order.lines),
        )
        detail = " ".join(word for word in (carrier, tracking) if word)
        return Change(transition="ship", after=after, actor=actor, detail=detail)

    async def also(tx: Transaction, order: Order) -> None:
        pieces = [(line.sku, sent[line.id]) for line in order.lines if line.id in sent]
        text = msgspec.json.encode(pieces).decode()
        row = (new_id(), order_id, key, digest, carrier, tracking, text, order.shipped_at)
        await tx.insert(ShipmentTable, _COLUMNS, [row])

    order = await change_order(shop, order_id, plan, also)
    if not seen:
        return Shipped(order=order)
    # The first of them may have gone through after this one had read the order.
    return Shipped(order=await find_order(shop.database, order_id), replayed="yes")


async def _review(shop: Shop, order: Order) -> None:
    """Hear every objection before goods leave the house."""
    where = Where(channel=order.channel, store=order.store)
    answers = await shop.hooks.consult(review_shipment, where, order=order)
    objections = [objection for answer in answers for objection in answer.value]
    if objections:
        raise ShipmentRefused(
            " ".join(one.message for one in objections),
            next_step="Ship when nothing stands against it any more.",
            objections=msgspec.to_builtins(objections),
        )


def _digest(carrier: str, tracking: str, lines: Sequence[tuple[str, int]]) -> str:
    return hashlib.sha256(msgspec.json.encode((carrier, tracking, sorted(lines)))).hexdigest()


def _wanted(order: Order, lines: Sequence[tuple[str, int]]) -> dict[str, int]:
    """Pieces per line, each possible."""
    left = {line.id: line.to_ship for line in order.lines}
    wanted: dict[str, int] = {}
    for line, quantity in lines:
        if line not in left:
            raise Invalid(f"The order has no line {line!r}.", field="lines")
        if quantity < 1:
            raise Invalid("A shipment takes at least one piece of a line.", field="lines")
        wanted[line] = wanted.get(line, 0) + quantity
    if not lines:
        wanted = {line: quantity for line, quantity in left.items() if quantity}
    too_many = [line for line, quantity in wanted.items() if quantity > left[line]]
    if order.status in ("paid", "fulfilling") and (too_many or not wanted):
        raise NotThatMany(
            "Nothing is left to ship."
            if not wanted
            else f"Line {too_many[0]} has {left[too_many[0]]} pieces left to ship.",
            field="lines",
            next_step="Look at the order's lines: quantity, shipped and withdrawn.",
        )
    return wanted


def _shipped(line: OrderLine, quantity: int) -> OrderLine:
    return msgspec.structs.replace(line, shipped=line.shipped + quantity) if quantity else line

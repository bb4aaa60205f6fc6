"""Read orders back: one, many, by number, as they will be when a draft is placed."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from jishi.db import Database, Transaction
from jishi.fulfilment.structs import Address, DeliveryOption, Shipment
from jishi.orders import sql
from jishi.orders.private import PRIVATE
from jishi.orders.structs import Order, OrderDraft, OrderLine, Status, TimelineEntry
from jishi.pricing import Quote
from jishi.problems import NotFound

Reader = Database | Transaction


class _Row(msgspec.Struct):
    id: str
    number: str
    status: Status
    version: int
    owner: str
    member: str | None
    channel: str
    store: str | None
    currency: str
    total: int
    paid: int
    refunded: int
    delivery_fee: int
    delivery: str
    address: str | None
    contact: str
    note: str
    placed_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    completed_at: datetime | None
    delivery_refunded: int
    location: str
    shipped_at: datetime | None


class _Line(msgspec.Struct):
    order_id: str
    id: str
    sku: str
    product: str
    title: str
    quantity: int
    unit_price: int
    total: int
    shipped: int
    refunded: int
    refunded_amount: int
    withdrawn: int


_LINE_FIELDS = _Line.__struct_fields__[1:]


async def load_orders(reader: Reader, ids: Sequence[str]) -> list[Order]:
    """Orders in the sequence of their ids; those that do not exist are left out."""
    if not ids:
        return []
    rows = {row.id: row for row in await reader.fetch_as(_Row, sql.ORDERS, list(ids))}
    lines: dict[str, list[OrderLine]] = {order: [] for order in rows}
    for line in await reader.fetch_as(_Line, sql.LINES, list(rows)):
        fields = {name: getattr(line, name) for name in _LINE_FIELDS}
        lines[line.order_id].append(OrderLine(**fields))
    return [_order(reader, rows[one], lines[one]) for one in ids if one in rows]


async def load_order(reader: Reader, order_id: str) -> Order | None:
    """An order, or None if there is none of that id."""
    found = await load_orders(reader, [order_id])
    return found[0] if found else None


async def find_order(reader: Reader, order_id: str) -> Order:
    """An order that has to be there.

    Raises:
        NotFound: There is none of that id.
    """
    order = await load_order(reader, order_id)
    if order is None:
        raise NotFound("There is no such order.")
    return order


async def explanation_of(reader: Reader, order_id: str) -> Quote:
    """How an order's price came about, as it was told when it was placed.

    Raises:
        NotFound: There is no such order.
    """
    text = await reader.one_as(str, sql.EXPLANATION, order_id)
    if text is None:
        raise NotFound("There is no such order.")
    return msgspec.json.decode(text, type=Quote)


async def timeline_of(reader: Reader, order_id: str) -> tuple[TimelineEntry, ...]:
    """Who did what with an order, oldest first."""
    rows = await reader.fetch(sql.TIMELINE, order_id)
    return tuple(
        msgspec.convert(
            dict(zip(("step", "actor", "detail", "at"), row, strict=True)), TimelineEntry
        )
        for row in rows
    )


async def shipments_of(reader: Reader, order_id: str) -> tuple[Shipment, ...]:
    """What left the house for an order, oldest first."""
    rows = await reader.fetch_as(_ShipmentRow, sql.SHIPMENTS, order_id)
    return tuple(
        Shipment(
            id=row.id,
            order=row.order,
            carrier=row.carrier,
            tracking=row.tracking,
            lines=msgspec.json.decode(row.lines, type=tuple[tuple[str, int], ...]),
            shipped_at=row.shipped_at,
        )
        for row in rows
    )


async def placed_before(
    reader: Reader, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], tuple[str, str]]:
    """Orders that were placed under these keys already.

    Args:
        reader: Where to read.
        keys: Owner and idempotency key.

    Returns:
        For each key that was used: the order's id and the digest of its request.
    """
    if not keys:
        return {}
    owners, names = sorted({owner for owner, _ in keys}), sorted({name for _, name in keys})
    rows = await reader.fetch_as(_Placed, sql.PLACED_BEFORE, owners, names)
    found = {(row.owner, row.key): (row.order, row.digest) for row in rows}
    return {key: found[key] for key in keys if key in found}


def as_placed(draft: OrderDraft) -> Order:
    """The order that a draft becomes by being placed."""
    return Order(
        id=draft.id,
        number=draft.number,
        status="placed",
        version=1,
        owner=draft.owner,
        member=draft.member,
        channel=draft.channel,
        store=draft.store,
        currency=draft.quote.currency,
        total=draft.quote.total,
        paid=0,
        refunded=0,
        delivery_fee=draft.quote.delivery,
        lines=tuple(
            OrderLine(
                id=f"{draft.id}:{position}",
                sku=line.sku,
                product=line.product,
                title=line.title,
                quantity=line.quantity,
                unit_price=line.unit_price,
                total=line.total,
            )
            for position, line in enumerate(draft.quote.lines, 1)
        ),
        delivery=draft.delivery,
        address=draft.address,
        contact=draft.contact,
        note=draft.note,
        placed_at=draft.placed_at,
        expires_at=draft.expires_at,
        location=draft.location,
    )


async def products_of(reader: Database | Transaction, orders: Sequence[str]) -> set[str]:
    """The ids of the products in some orders."""
    return set(await reader.fetch_as(str, sql.PRODUCTS, orders))


class _ShipmentRow(msgspec.Struct):
    id: str
    order: str
    carrier: str
    tracking: str
    lines: str
    shipped_at: datetime


class _Placed(msgspec.Struct):
    owner: str
    key: str
    order: str
    digest: str


def _order(reader: Reader, row: _Row, lines: Sequence[OrderLine]) -> Order:
    fields = {name: getattr(row, name) for name in row.__struct_fields__}
    stored = (row.address, row.contact, row.note)
    address, contact, note = PRIVATE.open(reader, row.id, stored)
    fields["delivery"] = msgspec.json.decode(row.delivery, type=DeliveryOption)
    fields["address"] = address and msgspec.json.decode(address, type=Address)
    fields |= {"contact": contact, "note": note}
    return Order(lines=tuple(lines), **fields)

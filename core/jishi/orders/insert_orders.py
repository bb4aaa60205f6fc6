"""Write new orders in bulk, inside the counter's transaction."""

from collections.abc import Sequence

import msgspec

from jishi.db import Transaction, Value
from jishi.events import Happened, Job, emit, enqueue
from jishi.orders.effects_of import Along, write_effects
from jishi.orders.load_order import as_placed
from jishi.orders.private import PRIVATE
from jishi.orders.structs import NewOrder, Order
from jishi.orders.tables import LineTable, OrderTable
from jishi.orders.timeline import note_many
from jishi.orders.transition import told
from jishi.sealing import Sealing, sealing_of
from jishi.shop import Shop

_json = msgspec.json.Encoder().encode

_ORDER_COLUMNS = (
    "id",
    "number",
    "owner",
    "member",
    "channel",
    "store",
    "location",
    "status",
    "version",
    "currency",
    "total",
    "paid",
    "refunded",
    "delivery_fee",
    "delivery_refunded",
    "delivery",
    "address",
    "contact",
    "note",
    "explanation",
    "placing_key",
    "placing_digest",
    "placed_at",
    "expires_at",
)
_LINE_COLUMNS = (
    "id",
    "order_id",
    "position",
    "sku",
    "product",
    "title",
    "quantity",
    "unit_price",
    "total",
    "shipped",
    "refunded",
    "refunded_amount",
    "withdrawn",
)


async def insert_orders(tx: Transaction, shop: Shop, new: Sequence[NewOrder]) -> list[Order]:
    """Write orders with their lines, diaries, plugins' records and events.

    The ledger's part (holds of stock, the plugins' claims) is the caller's, in the same
    transaction. The number of statements does not depend on the number of orders.

    Args:
        tx: The counter's transaction.
        shop: The shop.
        new: What was decided; ids, numbers and keys are unique.

    Returns:
        The orders as placed, in the same sequence.

    Raises:
        Conflict: An owner used this placing key before; ask `placed_before` first.
    """
    orders = [one.order or as_placed(one.draft) for one in new]
    now = shop.clock.now()
    sealing = sealing_of(shop.config)
    rows = [_order_row(one, order, sealing) for one, order in zip(new, orders, strict=True)]
    await tx.insert(OrderTable, _ORDER_COLUMNS, rows)
    await tx.insert(LineTable, _LINE_COLUMNS, [row for order in orders for row in _lines(order)])
    notes = [(o.id, "place", "member" if o.member else "guest", "") for o in orders]
    await note_many(tx, notes, now)
    along = [
        Along(order_id=one.draft.id, transition="place", asked=one.effects)
        for one in new
        if one.effects
    ]
    events = [_placed(order) for order in orders]
    if along:
        events += await write_effects(tx, shop, along, now)
    await emit(tx, shop, events)
    if free := [order for order in orders if order.total == 0]:
        await enqueue(tx, shop, [_pay_nothing(order) for order in free])
    return orders


def _order_row(one: NewOrder, order: Order, sealing: Sealing) -> Sequence[Value]:
    address = None if order.address is None else _json(order.address).decode()
    return (
        order.id,
        order.number,
        order.owner,
        order.member,
        order.channel,
        order.store,
        order.location,
        order.status,
        order.version,
        order.currency,
        order.total,
        0,
        0,
        order.delivery_fee,
        0,
        _json(order.delivery).decode(),
        *PRIVATE.close(sealing, order.id, (address, order.contact, order.note)),
        _json(one.draft.quote).decode(),
        one.key,
        one.digest,
        order.placed_at,
        order.expires_at,
    )


def _lines(order: Order) -> list[Sequence[Value]]:
    return [
        (
            line.id,
            order.id,
            position,
            line.sku,
            line.product,
            line.title,
            line.quantity,
            line.unit_price,
            line.total,
            0,
            0,
            0,
            0,
        )
        for position, line in enumerate(order.lines, 1)
    ]


def _placed(order: Order) -> Happened:
    return Happened(
        name="order.placed", subject=order.id, data=told(order), key=f"order.placed:{order.id}"
    )


def _pay_nothing(order: Order) -> Job:
    """An order that costs nothing is paid as soon as it is placed."""
    return Job(
        kind="orders.pay_nothing",
        payload={"order": order.id},
        key=f"orders.pay_nothing:{order.id}",
    )

"""Carts: open one, find it, read it. A cart holds no stock and no price."""

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import msgspec

from jishi.callers import Caller
from jishi.checkout import sql
from jishi.checkout.private import PRIVATE
from jishi.checkout.structs import Cart, CartLine, CartRow
from jishi.checkout.tables import CartTable
from jishi.db import Database, Grouped, Transaction
from jishi.fulfilment import Address
from jishi.identifiers import new_id
from jishi.problems import NotFound
from jishi.shop import Shop

_address = msgspec.json.Decoder(Address)
_codes = msgspec.json.Decoder(tuple[str, ...])
_extras = msgspec.json.Decoder(dict[str, str])


async def open_cart(shop: Shop, caller: Caller) -> Cart:
    """A new, empty cart of the caller in his channel."""
    now = shop.clock.now()
    row = CartRow(
        id=new_id(),
        owner=caller.owner,
        channel=caller.channel,
        store=caller.store,
        status="open",
        version=0,
        address=None,
        delivery="",
        codes="[]",
        contact="",
        note="",
        extras="{}",
        order_id=None,
        created_at=now,
        updated_at=now,
    )
    await _opener(shop).ask(row)
    return cart_of(row, [])


_openers: WeakKeyDictionary[Shop, Grouped[CartRow, None]] = WeakKeyDictionary()


def _opener(shop: Shop) -> Grouped[CartRow, None]:
    """Writes the new carts of many shoppers in one commit."""
    known = _openers.get(shop)
    if known is None:
        database = shop.database

        async def write(rows: Sequence[CartRow]) -> list[None]:
            values = [msgspec.structs.astuple(row) for row in rows]
            await database.atomically(
                lambda tx: tx.insert(CartTable, CartRow.__struct_fields__, values, "ignore")
            )
            return [None] * len(rows)

        # Ids are ours, so a cart that is there already is this very one.
        known = _openers[shop] = Grouped(write, lambda error: True)
    return known


async def find_cart(reader: Database | Transaction, owner: str, cart_id: str) -> Cart:
    """A cart of this owner.

    Raises:
        NotFound: There is none, or it is somebody else's.
    """
    row = await reader.one_as(CartRow, sql.FIND_CART, cart_id)
    if row is None or row.owner != owner:
        raise NotFound("There is no such cart.", next_step="POST /store/carts opens one.")
    return await _whole(reader, row)


async def current_cart(shop: Shop, caller: Caller) -> Cart | None:
    """The youngest open cart of the caller in his channel, if he has one."""
    row = await shop.database.one_as(CartRow, sql.FIND_OPEN, caller.owner, caller.channel)
    return await _whole(shop.database, row) if row else None


async def _whole(reader: Database | Transaction, row: CartRow) -> Cart:
    return cart_of(opened(reader, row), await reader.fetch_as(CartLine, sql.LINES, row.id))


def opened(reader: Database | Transaction, row: CartRow) -> CartRow:
    """A row as it was before it was sealed."""
    if row.address is None:
        return row
    address, contact, note = PRIVATE.open(reader, row.id, (row.address, row.contact, row.note))
    return msgspec.structs.replace(row, address=address, contact=contact or "", note=note or "")


def cart_of(row: CartRow, lines: Sequence[CartLine]) -> Cart:
    """A cart from its row and its lines."""
    return Cart(
        id=row.id,
        owner=row.owner,
        channel=row.channel,
        store=row.store,
        status=row.status,
        version=row.version,
        lines=tuple(lines),
        address=_address.decode(row.address) if row.address else None,
        delivery=row.delivery,
        codes=_codes.decode(row.codes),
        contact=row.contact,
        note=row.note,
        extras=_extras.decode(row.extras),
        order_id=row.order_id,
        updated_at=row.updated_at,
    )

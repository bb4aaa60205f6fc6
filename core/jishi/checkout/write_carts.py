"""Write changed carts: those that wait at the same moment are locked, decided and kept together.

A change is a function from the cart as it is to the cart as it will be. It is called under the
cart's lock, so changes of one cart follow each other and none is lost.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from weakref import WeakKeyDictionary

import msgspec

from jishi.checkout import sql
from jishi.checkout.carts import cart_of, opened
from jishi.checkout.private import PRIVATE
from jishi.checkout.problems import CartChanged, CartClosed
from jishi.checkout.structs import Cart, CartLine, CartRow
from jishi.checkout.tables import CartLineTable
from jishi.clock import Clock
from jishi.db import DatabaseError, Grouped, Transaction, Value, padded
from jishi.problems import NotFound, Problem
from jishi.sealing import Sealing, sealing_of
from jishi.shop import Shop


class Wanted(NamedTuple):
    """A change that somebody wants to make to his cart.

    Attributes:
        cart: The cart's id.
        owner: Whose it must be.
        version: The version that he saw; None when he does not care.
        decide: Gives the cart as it will be, or raises a Problem; pure.
    """

    cart: str
    owner: str
    version: int | None
    decide: Callable[[Cart], Cart]


_writers: WeakKeyDictionary[Shop, Grouped[Wanted, Cart]] = WeakKeyDictionary()


async def change(shop: Shop, wanted: Wanted) -> Cart:
    """Make a change and give the cart as it now is.

    Raises:
        NotFound: There is no such cart, or it is somebody else's.
        CartClosed: An order came of it, or it was merged.
        CartChanged: It is newer than the sender saw.
        Problem: What ``decide`` raised; nothing was written.
    """
    writer = _writers.get(shop)
    if writer is None:
        database, clock, sealing = shop.database, shop.clock, sealing_of(shop.config)

        async def write(wishes: Sequence[Wanted]) -> Sequence[Cart | Problem]:
            return await database.atomically(lambda tx: _write(tx, clock, sealing, wishes))

        writer = _writers[shop] = Grouped(write, _left_nothing)
    return await writer.ask(wanted)


def _left_nothing(error: Exception) -> bool:
    """Whether a failed batch surely changed nothing: pieces must not be put in twice."""
    return not (isinstance(error, DatabaseError) and getattr(error, "outcome_unknown", False))


async def _write(
    tx: Transaction, clock: Clock, sealing: Sealing, wishes: Sequence[Wanted]
) -> Sequence[Cart | Problem]:
    before = await _locked(tx, sorted({one.cart for one in wishes}))
    after, now = dict(before), clock.now()
    answers: list[Cart | Problem] = []
    for wanted in wishes:
        try:
            cart = _decided(_as_it_is(before, after, wanted.cart), wanted, now)
        except Problem as problem:
            answers.append(problem)
        else:
            after[wanted.cart] = cart
            answers.append(cart)
    changed = [(before[one], after[one]) for one in sorted(after) if before[one] is not after[one]]
    if changed:
        await _keep(tx, sealing, changed)
    return answers


def _as_it_is(before: Mapping[str, Cart], after: Mapping[str, Cart], cart: str) -> Cart | None:
    """A cart with what those before in the batch did to it."""
    return after.get(cart)


async def _locked(tx: Transaction, ids: Sequence[str]) -> dict[str, Cart]:
    """Carts by their ids, nobody else's to change until the transaction ends."""
    rows = await tx.fetch_as(CartRow, sql.LOCK_WHOLE, ids)
    lines: dict[str, list[CartLine]] = {row.id: [] for row in rows}
    if rows:
        for cart, *line in await tx.fetch(sql.LINES_OF, list(lines)):
            lines[str(cart)].append(CartLine(*line))  # type: ignore[arg-type]  # its columns
    return {row.id: cart_of(opened(tx, row), lines[row.id]) for row in rows}


def _decided(cart: Cart | None, wanted: Wanted, now: datetime) -> Cart:
    if cart is None or cart.owner != wanted.owner:
        raise NotFound("There is no such cart.", next_step="POST /store/carts opens one.")
    if cart.status != "open":
        raise CartClosed(
            f"The cart is {cart.status}.", next_step="Open another cart.", order=cart.order_id
        )
    if wanted.version not in (None, cart.version):
        raise CartChanged(
            f"The cart is at version {cart.version}, not {wanted.version}.",
            next_step="Read the cart again and repeat the change.",
            version=cart.version,
        )
    decided = wanted.decide(cart)
    return msgspec.structs.replace(decided, version=cart.version + 1, updated_at=now)


async def _keep(tx: Transaction, sealing: Sealing, changed: Sequence[tuple[Cart, Cart]]) -> None:
    """Write what is different; the number of statements does not depend on how many carts."""
    size, values = padded([(now.id, now.version, now.updated_at) for _, now in changed])
    await tx.execute(sql.touch(size), *values)
    details = [(was, now) for was, now in changed if _details(was) != _details(now)]
    await tx.execute_many(sql.SET_DETAILS, [(now.id, *_texts(sealing, now)) for _, now in details])
    made: list[Sequence[Value]] = []
    resized: list[Sequence[Value]] = []
    gone: list[str] = []
    for was, now in changed:
        if was.lines is now.lines:
            continue
        known = {line.id: line for line in was.lines}
        for line in now.lines:
            old = known.pop(line.id, None)
            if old is None:
                made.append((line.id, now.id, line.sku, line.quantity))
            elif old != line:
                resized.append((line.id, line.quantity))
        gone += known
    if gone:
        await tx.execute(sql.DROP_SOME_LINES, gone)
    await tx.execute_many(sql.SET_LINE, resized)
    await tx.insert(CartLineTable, ("id", "cart_id", "sku", "quantity"), made)


def _details(cart: Cart) -> tuple[object, ...]:
    return (cart.address, cart.delivery, cart.codes, cart.contact, cart.note, cart.extras)


def _texts(sealing: Sealing, cart: Cart) -> tuple[Value, ...]:
    plain = None if cart.address is None else msgspec.json.encode(cart.address).decode()
    texts = (plain, cart.contact, cart.note)
    address, contact, note = PRIVATE.close(sealing, cart.id, texts)
    codes = msgspec.json.encode(cart.codes).decode()
    extras = msgspec.json.encode(cart.extras).decode()
    return (address, cart.delivery, codes, contact, note, extras)

"""Compares what a shop told the outside with what it wrote down; for tests that kill and cut.

```
journal.acknowledge("key-1", order["id"])
...
assert await audit(shop, journal, taken, stock={"tea": 60}) == []
```
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from jishi.db import Database
from jishi.ledger import balances, check, stock_account
from jishi.orders import load_order, useless_holds
from jishi.shop import Shop

_SOLD = """
SELECT l.sku, CAST(sum(CASE WHEN o.status = 'placed' THEN l.quantity ELSE 0 END) AS BIGINT),
  CAST(sum(CASE WHEN o.status IN ('paid', 'fulfilling', 'completed') THEN l.quantity ELSE 0 END)
    AS BIGINT)
FROM orders_lines l JOIN orders_orders o ON o.id = l.order_id GROUP BY l.sku
"""
_TWINS = """
SELECT placing_key FROM orders_orders GROUP BY owner, placing_key HAVING count(*) > 1
"""
_KEYS = "SELECT placing_key, id FROM orders_orders"
_UNTOLD = """
SELECT o.id FROM orders_orders o WHERE NOT EXISTS (
  SELECT 1 FROM events_outbox e
  WHERE e.subject = o.id AND e.name = 'order.placed' AND e.state = 'told'
)
"""
_BROKEN_JOBS = "SELECT kind, error FROM events_jobs WHERE state = 'dead'"
_CAPTURED = """
SELECT a.number, a.order_id, a.captured, a.refunded, o.status, o.total, o.refunded
FROM payments_attempts a JOIN orders_orders o ON o.id = a.order_id WHERE a.captured > 0
"""


_STEPS = """
SELECT t.order_id, t.step, count(*), (
  SELECT count(*) FROM events_outbox e WHERE e.subject = t.order_id AND e.name = CASE t.step
    WHEN 'place' THEN 'order.placed' WHEN 'pay' THEN 'order.paid' WHEN 'ship' THEN 'order.shipped'
    WHEN 'complete' THEN 'order.completed' WHEN 'cancel' THEN 'order.cancelled'
    ELSE 'order.expired' END
)
FROM orders_timeline t
WHERE t.step IN ('place', 'pay', 'complete', 'cancel', 'expire') GROUP BY t.order_id, t.step
"""
_UNHEARD_OF = """
SELECT o.id FROM orders_orders o
WHERE NOT EXISTS (SELECT 1 FROM orders_lines l WHERE l.order_id = o.id)
  OR NOT EXISTS (SELECT 1 FROM orders_timeline t WHERE t.order_id = o.id AND t.step = 'place')
"""
_HELD = """
SELECT a.id, a.held, CAST(COALESCE((
  SELECT sum(l.quantity) FROM orders_lines l JOIN orders_orders o ON o.id = l.order_id
  WHERE o.status = 'placed' AND a.id = 'stock:' || l.sku || ':' || o.location
), 0) AS BIGINT) FROM ledger_accounts a WHERE a.id LIKE 'stock:%'
"""
_TAKEN = """
SELECT o.id, CASE WHEN o.paid_at IS NULL THEN 0 ELSE CAST((
  SELECT sum(l.quantity) FROM orders_lines l WHERE l.order_id = o.id
) AS BIGINT) END, CAST(COALESCE((
  SELECT -sum(e.amount) FROM ledger_entries e
  WHERE e.reference = o.id AND e.operation = 'post' AND e.account LIKE 'stock:%'
), 0) AS BIGINT) FROM orders_orders o
"""
_BOOKED = """
SELECT o.id, o.status, o.paid, o.refunded, CAST(COALESCE((
  SELECT sum(a.captured) FROM payments_attempts a WHERE a.order_id = o.id
), 0) AS BIGINT), CAST(COALESCE((
  SELECT sum(r.amount) FROM payments_refunds r WHERE r.order_id = o.id AND r.kind = 'late'
), 0) AS BIGINT), CAST(COALESCE((
  SELECT sum(r.amount) FROM payments_refunds r WHERE r.order_id = o.id AND r.kind = 'order'
), 0) AS BIGINT) FROM orders_orders o
"""
_OVERDRAWN = """
SELECT a.number, a.captured, a.refunded, CAST(COALESCE((
  SELECT sum(r.amount) FROM payments_refunds r WHERE r.attempt_id = a.id
), 0) AS BIGINT) FROM payments_attempts a
"""
_CARTS = """
SELECT c.id FROM checkout_carts c
WHERE c.status = 'placed' AND NOT EXISTS (SELECT 1 FROM orders_orders o WHERE o.id = c.order_id)
"""


class Journal:
    """What a shop said to its customers.

    Attributes:
        acknowledged: The order's id by the Idempotency-Key, as the shop answered first.
        contradictions: Keys that later got another answer.
    """

    def __init__(self) -> None:
        self.acknowledged: dict[str, str] = {}
        self.contradictions: list[str] = []

    def acknowledge(self, key: str, order: str) -> None:
        """The shop said that it placed an order."""
        if self.acknowledged.setdefault(key, order) != order:
            self.contradictions.append(key)


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A payment that a gateway took.

    Attributes:
        number: The shop's number of the attempt.
        amount: In fen.
        returned: What of it went back or is on its way back, in fen.
    """

    number: str
    amount: int
    returned: int


class _Captured(msgspec.Struct):
    number: str
    order: str
    captured: int
    refunded: int
    status: str
    total: int
    given_back: int


async def audit(
    shop: Shop, journal: Journal, taken: Sequence[Taken], stock: Mapping[str, int]
) -> list[str]:
    """Everything that does not fit, each as a sentence; to be asked when the jobs are done.

    Args:
        shop: The shop, its database connected.
        journal: What customers were told.
        taken: What the gateways took.
        stock: Pieces of each SKU at the beginning; nothing was added since.
    """
    database = shop.database
    found = [f"{key} was answered with two orders" for key in journal.contradictions]
    found += await _lost(database, journal)
    found += await _oversold(database, stock)
    found += await _money(database, taken)
    found += [f"{each}: nobody was told" for each in await database.fetch_as(str, _UNTOLD)]
    found += [f"a job died: {row}" for row in await database.fetch(_BROKEN_JOBS)]
    wrong = await check(database, [lambda holds: useless_holds(shop, holds)])
    return found + [f"ledger: {each}" for each in wrong]


async def standing(shop: Shop) -> list[str]:
    """What cannot be true at any moment, be it in the middle of everything.

    Balances are what their entries say and never below their floor; what is held is what unpaid
    orders want; an order is paid exactly when its goods were taken and its payment was counted;
    each step of an order has one event; each placing key one order.

    Args:
        shop: The shop, its database connected.
    """
    database = shop.database
    found = [f"{key} has several orders" for key in await database.fetch_as(str, _TWINS)]
    found += [f"{each} is half an order" for each in await database.fetch_as(str, _UNHEARD_OF)]
    found += [f"the cart {each} has no order" for each in await database.fetch_as(str, _CARTS)]
    for order, step, times, events in await database.fetch(_STEPS):
        if times != events or (step == "place" and times != 1):
            found.append(f"{order}: {times} × {step}, {events} events of it")
    for account, held, wanted in await database.fetch(_HELD):
        if held != wanted:
            found.append(f"{account}: {held} held, unpaid orders want {wanted}")
    for order, wanted, taken in await database.fetch(_TAKEN):
        if wanted != taken:
            found.append(f"{order}: {taken} pieces were taken for it, not {wanted}")
    found += [each for row in await database.fetch_as(_Booked, _BOOKED) for each in _of_books(row)]
    for number, captured, back, refunds in await database.fetch(_OVERDRAWN):
        if back != refunds or int(str(back)) > int(str(captured)):
            found.append(f"{number}: {captured} came, {back} went back, in refunds {refunds}")
    wrong = await check(database, [lambda holds: useless_holds(shop, holds)])
    return found + [f"ledger: {each}" for each in wrong]


class _Booked(msgspec.Struct):
    order: str
    status: str
    paid: int
    refunded: int
    captured: int
    late: int
    back: int


def _of_books(row: _Booked) -> Iterator[str]:
    kept = row.captured - row.late
    ended = row.status in ("cancelled", "expired")
    if kept > row.paid or (kept < row.paid and not ended):
        yield f"{row.order} is {row.status} with {row.paid} fen, but {kept} were kept for it"
    if not ended and row.back != row.refunded:
        yield f"{row.order}: {row.refunded} fen refunded, {row.back} of it owed"


async def _lost(database: Database, journal: Journal) -> list[str]:
    written = {str(key): str(order) for key, order in await database.fetch(_KEYS)}
    found = [f"{key} has several orders" for key in await database.fetch_as(str, _TWINS)]
    for key, order in journal.acknowledged.items():
        if written.get(key) != order or await load_order(database, order) is None:
            found.append(f"the order {order} of {key} was acknowledged and is lost")
    return found


async def _oversold(database: Database, stock: Mapping[str, int]) -> list[str]:
    rows = await database.fetch(_SOLD)
    counted = {str(sku): (int(str(held)), int(str(sold))) for sku, held, sold in rows}
    standing = await balances(database, [stock_account(sku) for sku in stock])
    found = []
    for sku, pieces in stock.items():
        held, sold = counted.get(sku, (0, 0))
        now = standing[stock_account(sku)]
        if held + sold > pieces:
            found.append(f"{sku}: {sold} sold and {held} held of {pieces}")
        if (now.held, now.balance) != (held, pieces - sold):
            found.append(f"{sku}: {now} in the ledger, {sold} sold and {held} held by orders")
    return found


async def _money(database: Database, taken: Sequence[Taken]) -> list[str]:
    captured = {each.number: each for each in await database.fetch_as(_Captured, _CAPTURED)}
    known = {each.number for each in taken}
    found = [f"{each}: counted, but nobody paid it" for each in captured if each not in known]
    for payment in taken:
        found += _of_payment(payment, captured.get(payment.number))
    kept: dict[str, int] = {}
    for each in captured.values():
        kept[each.order] = kept.get(each.order, 0) + each.captured - each.refunded
    for each in captured.values():
        found += _of_order(each, kept[each.order])
    return found


def _of_payment(payment: Taken, written: _Captured | None) -> Iterator[str]:
    if written is None:
        if payment.returned != payment.amount:
            yield f"{payment.number}: {payment.amount} fen are on no order and did not go back"
    elif written.captured != payment.amount:
        yield f"{payment.number}: {payment.amount} fen taken, {written.captured} written down"
    elif written.refunded != payment.returned:
        yield f"{payment.number}: {written.refunded} fen to go back, {payment.returned} went"


def _of_order(written: _Captured, kept: int) -> Iterator[str]:
    due = 0 if written.status in ("cancelled", "expired") else written.total - written.given_back
    if kept != due:
        yield f"{written.order} is {written.status}: {kept} fen kept, {due} due"

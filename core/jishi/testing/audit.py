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
SELECT a.number, a.order_id, a.captured, a.refunded, o.status, o.total, o.paid
FROM payments_attempts a JOIN orders_orders o ON o.id = a.order_id WHERE a.captured > 0
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
    paid: int


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
    due = 0 if written.status in ("cancelled", "expired") else written.total
    if kept != due:
        yield f"{written.order} is {written.status}: {kept} fen kept, {due} due"

"""What can be proved about a shop from its database alone.

Everything is read in pages or by single statements, so it may run while the shop sells; what is
seen by two statements is asked again before it counts.
"""

from collections.abc import AsyncIterator, Callable, Collection, Sequence

import msgspec

from jishi.cli.diagnosis import Diagnosis, ok, problem
from jishi.db import Migrations, TooNew
from jishi.ledger import LiveHold, check
from jishi.orders import useless_holds
from jishi.shop import Shop
from jishi.staff import verify_audit
from jishi.web import migrations_of

Progress = Callable[[str, int, int], None]
"""Called with what is counted, how much is done and how much there is (0: not known)."""

_PAGE = 1000
_RESTORE = "Stop selling, look at its timeline and entries, or restore the last good backup."
_ORDERS = "SELECT id FROM orders_orders WHERE id > $1 ORDER BY id LIMIT $2"
_COUNT = "SELECT count(*) FROM orders_orders"

# A paid order took its goods for good, also when its first hold had lapsed and was made anew.
_WITHOUT_GOODS = """
SELECT o.id, l.sku, o.status FROM orders_orders o JOIN orders_lines l ON l.order_id = o.id
WHERE o.id > $1 AND o.id <= $2 AND (
  o.status IN ('paid', 'fulfilling', 'completed') AND NOT EXISTS (
    SELECT 1 FROM ledger_holds h WHERE h.state = 'posted' AND h.amount = l.quantity
    AND h.key IN ('order:' || o.id || ':' || l.sku, 'again:order:' || o.id || ':' || l.sku)
  ) OR o.status IN ('cancelled', 'expired') AND EXISTS (
    SELECT 1 FROM ledger_holds h WHERE h.state = 'held'
    AND h.key IN ('order:' || o.id || ':' || l.sku, 'again:order:' || o.id || ':' || l.sku)
  ))
"""
_SUMS = """
SELECT o.id, o.total, o.paid, o.refunded, CAST(sum(l.total) AS BIGINT)
FROM orders_orders o JOIN orders_lines l ON l.order_id = o.id
WHERE o.id > $1 AND o.id <= $2
GROUP BY o.id, o.total, o.paid, o.refunded, o.delivery_fee
HAVING o.total <> CAST(sum(l.total) AS BIGINT) + o.delivery_fee
  OR o.refunded > o.paid OR o.paid < 0 OR o.refunded < 0
"""
_GIVEN_BACK = """
SELECT id, order_id, captured, refunded FROM payments_attempts
WHERE refunded > captured OR captured > amount
"""


async def recount(shop: Shop, progress: Progress) -> AsyncIterator[Diagnosis]:
    """Tables, file, ledger, orders, payments, audit log: each finding with its next step."""
    if shop.database.dialect == "sqlite":
        for each in await _file(shop):
            yield each
    for each in await _tables(shop):
        yield each
        if each.state == "problem":
            return
    for part in (_ledger, _orders, _payments, _audit):
        for each in await part(shop, progress):
            yield each


async def _file(shop: Shop) -> list[Diagnosis]:
    """SQLite's own look at its pages, indexes and references."""
    said = await shop.database.fetch_as(str, "PRAGMA integrity_check")
    if said != ["ok"]:
        return [problem("file", "; ".join(said[:3]), "Restore the last good backup.")]
    broken = await shop.database.fetch("PRAGMA foreign_key_check")
    found = [
        problem("file", f"{table}: a row refers to one of {target} that is gone", _RESTORE)
        for table, _, target, _ in broken
    ]
    return found or [ok("file", "whole")]


async def _tables(shop: Shop) -> list[Diagnosis]:
    try:
        pending = await Migrations(shop.database, migrations_of(shop)).pending()
    except TooNew as newer:
        return [problem("migrations", newer.detail, "Use the version that wrote it.")]
    if pending:
        return [problem("migrations", f"{len(pending)} to come", "jishi db upgrade")]
    return [ok("migrations", "all known and applied")]


async def _ledger(shop: Shop, progress: Progress) -> list[Diagnosis]:
    """Balances against entries, holds against owners."""
    progress("ledger", 0, 0)

    async def useless(holds: Sequence[LiveHold]) -> Collection[str]:
        return await useless_holds(shop, holds)

    async def look() -> set[tuple[str, str, int, int]]:
        wrong = await check(shop.database, owners=[useless])
        return {(one.kind, one.subject, one.found, one.expected) for one in wrong}

    first = await look()
    wrong = sorted(first & await look()) if first else []  # an order may have moved in between
    found = [
        problem(
            "holds" if kind == "orphan" else "balances",
            f"{kind} {subject}: {there} written down, {expected} counted",
            "jishi ledger check; correct it by a new entry, never by hand.",
        )
        for kind, subject, there, expected in wrong
    ]
    fine = ok("ledger", "every balance is the sum of its entries, every hold has its owner")
    return found or [fine]


async def _orders(shop: Shop, progress: Progress) -> list[Diagnosis]:
    """Orders against entries: what is sold has left the stock, sums are sums."""
    (whole,) = await shop.database.fetch_as(int, _COUNT)
    found: list[Diagnosis] = []
    after, done = "", 0
    while page := await shop.database.fetch_as(str, _ORDERS, after, _PAGE):
        found += await _of_page(shop, after, page[-1])
        after, done = page[-1], done + len(page)
        progress("orders", done, max(whole, done))
    fine = ok("orders", f"{done} orders: goods and sums are right")
    return found or [fine]


async def _of_page(shop: Shop, after: str, last: str) -> list[Diagnosis]:
    found = []
    for order, sku, status in await shop.database.fetch(_WITHOUT_GOODS, after, last):
        said = "its goods are held" if status in ("cancelled", "expired") else "no goods left"
        found.append(problem("orders", f"{order} is {status}, and {said} for {sku}", _RESTORE))
    for order, total, paid, refunded, lines in await shop.database.fetch(_SUMS, after, last):
        said = f"{order}: total {total}, lines {lines}, paid {paid}, refunded {refunded} fen"
        found.append(problem("orders", f"{said}: that can not be", _RESTORE))
    return found


async def _payments(shop: Shop, progress: Progress) -> list[Diagnosis]:
    progress("payments", 0, 0)
    found = [
        problem(
            "payments",
            f"payment {attempt} of {order}: {captured} fen collected, {refunded} given back",
            "Compare it with the gateway's bill.",
        )
        for attempt, order, captured, refunded in await shop.database.fetch(_GIVEN_BACK)
    ]
    return found or [ok("payments", "no more given back than came")]


async def _audit(shop: Shop, progress: Progress) -> list[Diagnosis]:
    progress("audit log", 0, 0)
    found = [
        problem(
            "audit log",
            f"entry {fault.position}: {fault.what}",
            "Somebody wrote to the log by hand: compare it with a backup.",
        )
        for fault in await verify_audit(shop)
    ]
    return found or [ok("audit log", "unbroken")]


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a shop there is.

    Attributes:
        orders: How many.
        last_order: When the last one was placed, UTC, ISO 8601; empty without any.
    """

    orders: int
    last_order: str


async def position(shop: Shop) -> Position:
    """The moment a database speaks of: how many orders, and when the last was placed."""
    ((count, last_at),) = await shop.database.fetch(
        "SELECT count(*), max(placed_at) AS last_at FROM orders_orders"
    )
    return Position(orders=int(str(count)), last_order="" if last_at is None else _iso(last_at))


def _iso(moment: object) -> str:
    return msgspec.json.encode(moment).decode().strip('"')

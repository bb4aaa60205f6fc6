"""Two years of one member, with all that points do: the same to the point on each engine."""

from datetime import UTC, datetime, timedelta

import pytest

from jishi.ledger import check
from jishi.orders import complete_order, pay_order, ship_order
from jishi_loyalty.read_points import read_statement
from jishi_loyalty.scheme import scheme_of

MONTH = timedelta(days=30)


@pytest.fixture
def loyalty_settings():
    """Give points that last half a year, and a ladder."""
    return {
        "expiry": "rolling",
        "expiry_months": 6,
        "tiers": [{"code": "silver", "title": "银卡", "reach": 100_000, "points_percent": 150}],
        "multipliers": [{"name": "june", "percent": 200, "first_day": "2026-06-01",
                         "last_day": "2026-06-30"}],
    }  # fmt: skip


async def bought(li, month: int, points: int) -> dict:
    """An order of the month's price that comes to its end."""
    placed = await li.place({f"m{month % 5}": 1}, extras={"loyalty.points": str(points)})
    order = placed.json()
    await pay_order(li.shop, order["id"], order["total"], "test")
    await ship_order(li.shop, order["id"], "test", f"s{month}", carrier="SF", tracking="1")
    await complete_order(li.shop, order["id"], "test")
    return order


async def whole_statement(shop, member: str):
    """Every entry: the day, the account, the points, the reason."""
    items, cursor = [], None
    while True:
        page = await read_statement(scheme_of(shop).desk, member, cursor)
        items += [(f"{one.at:%y%m%d}", one.account, one.points, one.reason) for one in page.items]
        cursor = page.next
        if cursor is None:
            return sorted(items)


async def test_two_years_end_in_the_same_statement_on_each_engine(
    shop, seller, members, runner, refund
):
    for at in range(5):
        await seller.product(f"m{at}", price=12_345 + 1_000 * at, stock=50)
    phone = "+8613900000001"
    li, friend = await members.one(phone), await members.one()
    orders = []
    for month in range(24):
        shop.clock.advance(MONTH)
        li = await members.one(phone)
        orders.append(await bought(li, month, 70 if month % 3 == 2 else 0))
        await runner.drain()
        if month % 5 == 4:
            await refund(orders[month - 1]["id"])
        if month == 10:
            assert (await li.give(friend.id, 25)).status_code == 201
        shop.clock.advance(timedelta(hours=7))
        await runner.drain()
    entries = await whole_statement(shop, li.id)
    sums: dict[tuple[str, str], int] = {}
    for _, account, points, reason in entries:
        sums[account, reason] = sums.get((account, reason), 0) + points
    assert sums == SUMS
    assert entries[:6] == FIRST
    holding = await li.points()
    assert (holding.available, holding.pending, holding.debt) == LAST
    assert sum(points for _, account, points, _ in entries if account == "points") == LAST[0]
    assert await check(shop.database) == []
    assert shop.clock.now() == datetime(2026, 3, 1, 8, tzinfo=UTC) + 24 * (
        MONTH + timedelta(hours=7)
    )


SUMS = {
    ("pending", "bought"): 4569,
    ("pending", "available"): -4350,
    ("points", "earned"): 4350,
    ("points", "spent"): -560,
    ("points", "returned goods"): -842,
    ("points", "expired"): -1955,
    ("points", "given"): -25,
}
"""Points in all by account and reason."""

FIRST = [
    ("260331", "pending", 123, "bought"),
    ("260430", "pending", -123, "available"),
    ("260430", "pending", 133, "bought"),
    ("260430", "points", 123, "earned"),
    ("260530", "pending", -133, "available"),
    ("260530", "pending", 136, "bought"),
]
LAST = (968, 219, 0)
"""What can be spent, what waits, what is owed."""

"""Loyalty: everybody's tier looked at again, balances and profiles of a full shop read."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from bench.figures import Row, at_most, figure
from bench.stage import Stage
from jishi.clock import FakeClock
from jishi.config import Source, read_config
from jishi.db import Transaction, Value
from jishi.identifiers import new_id
from jishi.ledger import Credit, Group, apply
from jishi.membership import load_me
from jishi.membership.tables import MemberTable as Members
from jishi.shop import Shop
from jishi.web import open_shop, require_tables
from jishi_loyalty import Loyalty
from jishi_loyalty.read_points import read_holding
from jishi_loyalty.recount_tiers import preview_tiers, recount_tiers
from jishi_loyalty.scheme import scheme_of
from jishi_loyalty.tables import LotTable, MemberTable, OrderTable

PART = "loyalty"
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
LADDER = [
    {"code": "silver", "title": "银卡", "reach": 50_000},
    {"code": "gold", "title": "金卡", "reach": 200_000},
]
_MEMBERS = 100_000
_ORDERS = 3
_LOTS = 12
_READS = 1_000
_AT_ONCE = 2_000
_SECRET = {"SECRET": "s" * 48}


def measure(stage: Stage) -> Iterator[Row]:
    """The recount and the preview, then reads."""
    yield from asyncio.run(_measure(stage))


async def _measure(stage: Stage) -> list[Row]:
    people = 10_000 if stage.pace.is_quick else _MEMBERS
    folder = stage.new_folder()
    folder.mkdir()
    stage.say(f"{people:,} members with {_ORDERS} orders each are written")
    tables = {
        "shop": {"name": "量一量", "secret": {"env": "SECRET"}},
        "database": {"url": f"sqlite:///{folder / 'shop.db'}"},
        "plugins": {"loyalty": {"tiers": LADDER}},
    }
    config = read_config(Source(folder, tables=tables, environ=_SECRET))
    shop = await open_shop(config, FakeClock(NOW), {"loyalty": Loyalty})
    try:
        await require_tables(shop, "upgrade")
        return await _rows(shop, await _fill(shop, people))
    finally:
        await shop.database.stop()


async def _rows(shop: Shop, ids: Sequence[str]) -> list[Row]:
    scheme, among = scheme_of(shop), f"{len(ids):,} members, SQLite"
    preview, _ = await _seconds(lambda: preview_tiers(scheme.desk, scheme.settings))
    recount, moved = await _seconds(lambda: recount_tiers(scheme.desk, scheme.settings))
    some = ids[:: max(1, len(ids) // _READS)]

    async def balance(one: str) -> None:
        await read_holding(scheme.desk, scheme.settings, one)

    async def profile(one: str) -> None:
        await load_me(shop, one)

    return [
        Row(
            part=PART,
            what=f"tiers counted again, {among}",
            figure=figure([recount], "s"),
            bar=at_most(60.0),
            note=f"{_ORDERS} orders each; {moved:,} have another tier after it",
        ),
        Row(part=PART, what=f"another ladder looked at, {among}", figure=figure([preview], "s")),
        await _reads(f"points read, {_LOTS} lots each, {among}, p99", balance, some),
        await _reads(f"profile with points read, {among}, p99", profile, some),
    ]


async def _seconds(work: Callable[[], Awaitable[object]]) -> tuple[float, object]:
    begun = time.perf_counter()
    found = await work()
    return time.perf_counter() - begun, found


async def _reads(what: str, read: Callable[[str], Awaitable[None]], some: Sequence[str]) -> Row:
    for one in some[:20]:
        await read(one)
    times, spent = [], time.process_time()
    for one in some:
        begun = time.perf_counter()
        await read(one)
        times.append(1e3 * (time.perf_counter() - begun))
    processor = 1e3 * (time.process_time() - spent) / len(some)
    times.sort()
    return Row(
        part=PART,
        what=what,
        figure=figure([times[int(len(times) * 0.99)]], "ms"),
        bar=at_most(5.0),
        note=f"median {times[len(times) // 2]:.2f} ms, highest {times[-1]:.2f} ms of "
        f"{len(times):,} in this process; processor {processor:.2f} ms each",
    )


async def _fill(shop: Shop, people: int) -> list[str]:
    """Members, their orders, and lots with points for those who are read."""
    ids = [new_id() for _ in range(people)]
    read = set(ids[:: max(1, people // _READS)])
    for at in range(0, people, _AT_ONCE):
        async with shop.database.transaction() as tx:
            await _write(tx, ids[at : at + _AT_ONCE], at)
            await _give(tx, [one for one in ids[at : at + _AT_ONCE] if one in read])
    return ids


async def _write(tx: Transaction, ids: Sequence[str], first: int) -> None:
    await tx.insert(Members, ("id", "name", "joined_at"), [(one, "", NOW) for one in ids])
    people = [(one, "", "", "", NOW) for one in ids]
    await tx.insert(MemberTable, ("id", "tier", "card_tier", "birthday", "seen_at"), people)
    columns = (
        "id", "member_id", "lot", "channel", "lines", "earned", "taken_back", "spent",
        "given_back", "fen", "paid_at", "completed_at",
    )  # fmt: skip
    rows: list[Sequence[Value]] = []
    for at, one in enumerate(ids, first):
        for number in range(_ORDERS):
            paid = NOW - timedelta(days=30 * number)
            fen = at % 1_000 * 100
            rows.append((new_id(), one, "", "web", "[]", 100, 0, 0, 0, fen, paid, NOW))
    await tx.insert(OrderTable, columns, rows)


async def _give(tx: Transaction, ids: Sequence[str]) -> None:
    columns = (
        "id", "member_id", "root", "parent", "origin", "source", "reference", "state", "points",
        "lost", "rounds", "opened_at", "expires_at",
    )  # fmt: skip
    ends = NOW + timedelta(days=90)
    lots = [(new_id(), one) for one in ids for _ in range(_LOTS)]
    rows: list[Sequence[Value]] = [
        (lot, one, lot, "", one, "granted", "", "open", 100, 0, 0, NOW, ends) for lot, one in lots
    ]
    await tx.insert(LotTable, columns, rows)
    given = tuple(
        Credit(account=f"points:{one}:{lot}", amount=100, key=f"bench:{lot}", reason="bench")
        for lot, one in lots
    )
    if given:
        await apply(tx, [Group(operations=given)], NOW)

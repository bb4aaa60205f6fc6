"""Many join at once, settlement is killed again and again: sizes, prices and money are right.

JISHI_GROUP=long has a thousand joiners and more kills.
"""

import asyncio
import importlib.util
import os
import random
import subprocess
import sys
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import pytest

from jishi.callers import Caller
from jishi.checkout import Counter, PlaceOrder, WantedLine, place_order
from jishi.fulfilment import Address
from jishi.identifiers import new_id
from jishi.ledger import check
from jishi.payments import settle, start_payment
from jishi.problems import Problem
from jishi.testing.people import Seller
from jishi.web import require_tables
from jishi_group_buy import GroupBuySettings, campaigns, settle_seat

LONG = os.environ.get("JISHI_GROUP") == "long"
JOINERS, KILLS = (1_000, 8) if LONG else (120, 1)
ALONE = 1_000 if LONG else 40
"""Joiners on SQLite, where one process settles."""
HERE = Path(__file__).parent
HANGZHOU = Address(
    name="李雷", phone="13800138000", region="浙江省", city="杭州市", street="文三路 1 号"
)


def _books():
    spec = importlib.util.spec_from_file_location("group_buy_books", HERE / "books.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


books = _books()


class Crowd:
    """Members who all want tea at the same moment, in two processes' worth of shops."""

    def __init__(self, shops, counters) -> None:
        self.shops, self.counters = shops, counters
        self.dice = random.Random(11)
        self.codes: list[str] = []

    async def come(self, number: int, ladders: list[str]) -> None:
        me = Caller(kind="member", id=f"member-{number:05d}")
        place = number % len(self.shops)
        campaign = ladders[number % len(ladders)]
        if self.codes and self.dice.random() < 0.72:
            for code in self.dice.sample(self.codes, min(4, len(self.codes))):
                if await self._buy(place, me, {"group_buy.team": code}):
                    return
        await self._buy(place, me, {"group_buy.open": campaign})

    async def _buy(self, place: int, me: Caller, extras: dict[str, str]) -> bool:
        shop, counter = self.shops[place], self.counters[place]
        lines = (WantedLine(sku="tea", quantity=1),)
        wish = PlaceOrder(lines=lines, address=HANGZHOU, extras=extras)
        try:
            order, _ = await place_order(shop, counter, me, wish, new_id())
        except Problem:
            return False
        attempt = await start_payment(shop, order.id, "books", "scan", {}, "member")
        gateway = shop.hooks.plugin("books").gateway
        told = gateway.took(attempt.number, attempt.amount)
        outcome = await settle(shop, told, gateway="books")
        if outcome.outcome == "paid" and "group_buy.open" in extras:
            rows = await shop.database.fetch(
                "SELECT t.code FROM group_buy_teams t JOIN group_buy_seats s ON s.team = t.id "
                "WHERE s.order_id = $1",
                order.id,
            )
            self.codes.append(str(rows[0][0]))
        return True


async def _campaigns(shop) -> list[str]:
    """Teams of three, and teams of three to five."""
    desk = shop.hooks.plugin("group_buy").desk
    now, ids = desk.now(), []
    for ladder in ({"3": 10}, {"3": 10, "5": 20}):
        settings = GroupBuySettings(ladder=ladder)
        ends = now + timedelta(days=2)
        plan = campaigns.Plan(title="茶", starts_at=now, ends_at=ends, skus=("tea",))
        written = await campaigns.write_down(desk, plan, settings, "test")
        ids.append((await campaigns.start(desk, written.id, "test")).id)
    return ids


@pytest.fixture
async def crowded(migrated_database_url, tmp_path):
    """Give the shop after everybody came, and the gateway's books."""
    file = tmp_path / "books.db"
    first = await books.shop_at(migrated_database_url, file)
    await require_tables(first, "upgrade")
    shops, joiners = [first], ALONE
    if first.database.dialect == "postgresql":
        shops.append(await books.shop_at(migrated_database_url, file))
        joiners = JOINERS
    await Seller(first).product("tea", price=10_000, stock=joiners)
    counters = [Counter(shop) for shop in shops]
    for counter in counters:
        await counter.start()
    crowd, ladders = Crowd(shops, counters), await _campaigns(first)
    for begin in range(0, joiners, 20):
        some = range(begin, min(begin + 20, joiners))
        await asyncio.gather(*(crowd.come(number, ladders) for number in some))
    for counter in counters:
        await counter.stop()
    for other in shops[1:]:
        await other.database.stop()
    yield first, file, joiners
    await first.database.stop()


def _killed(url: str, file: Path, processes: int) -> list[tuple[int, int]]:
    """For each kill: how many processes died, and how many refunds the gateway had made."""
    done = subprocess.run(
        [sys.executable, str(HERE / "settlers.py"), url, str(file), str(processes), str(KILLS)],
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    rounds = [line.split() for line in done.stdout.splitlines()]
    return [(int(died), int(refunds)) for died, refunds in rounds]


async def _complaints(shop, file: Path) -> list[str]:
    """Everything that is not as it should be."""
    kept = books.BooksGateway(file).kept()
    rows = await shop.database.fetch(
        "SELECT s.team, c.rules, s.state, o.paid - o.refunded, a.number, t.state "
        "FROM group_buy_seats s JOIN group_buy_teams t ON t.id = s.team "
        "JOIN group_buy_campaigns c ON c.id = s.campaign "
        "JOIN orders_orders o ON o.id = s.order_id "
        "JOIN payments_attempts a ON a.order_id = o.id WHERE a.status = 'paid'"
    )
    teams = defaultdict(list)
    for team, rules, *seat in rows:
        teams[team, 5 if '"reach":5' in str(rules) else 3].append(seat)
    found = [f"{team}: {len(seats)} of {size}" for (team, size), seats in teams.items()
             if len(seats) > size]  # fmt: skip
    for (team, _), seats in teams.items():
        right = 8_000 if len(seats) >= 5 else 9_000 if len(seats) >= 3 else 0
        for state, net, number, team_state in seats:
            has, times = kept[number]
            if (has, net, state, team_state) != (right, right, "settled", "settled"):
                found.append(f"{team} of {len(seats)}: {state} {net} {has}, not {right}")
            if times > 1:
                found.append(f"{number}: given back {times} times")
    ((books_say,),) = await shop.database.fetch(
        "SELECT CAST(sum(paid - refunded) AS BIGINT) FROM orders_orders"
    )
    if books_say != sum(fen for fen, _ in kept.values()):
        found.append(f"orders say {books_say}, the gateway {sum(f for f, _ in kept.values())}")
    return found + [str(one) for one in await check(shop.database)]


@pytest.mark.bar("B16")
@pytest.mark.crash
@pytest.mark.timeout(1800 if LONG else 180)
async def test_settlement_survives_kills_in_three_processes(crowded, migrated_database_url):
    shop, file, joiners = crowded
    processes = 3 if shop.database.dialect == "postgresql" else 1
    ((seats,),) = await shop.database.fetch(
        "SELECT count(*) FROM ledger_entries WHERE account LIKE 'group_buy:%:seats' "
        "AND operation = 'post'"
    )
    assert seats >= joiners * 0.9
    kills = await asyncio.to_thread(_killed, migrated_database_url, file, processes)
    assert all(died == processes for died, _ in kills), "they had ended before they were killed"
    assert kills[0][1] < sum(times for _, times in books.BooksGateway(file).kept().values())
    assert await _complaints(shop, file) == []
    ((outcomes,),) = await shop.database.fetch(
        "SELECT count(DISTINCT outcome) FROM group_buy_teams WHERE state = 'settled'"
    )
    assert outcomes == 2, "some teams filled and some did not, else this says little"


async def test_without_its_key_a_refund_is_given_back_twice(gathered, shop, passes, monkeypatch):
    """The positive control of what follows it."""
    refund = settle_seat.refund_order

    async def forgetful(*order, key, **said):
        return await refund(*order, key=new_id(), **said)

    monkeypatch.setattr(settle_seat, "refund_order", forgetful)
    assert await _back_after_a_death(gathered, shop, passes) == 2_000


async def test_a_death_between_the_refund_and_its_note_gives_back_once(gathered, shop, passes):
    assert await _back_after_a_death(gathered, shop, passes) == 1_000


async def _back_after_a_death(gathered, shop, passes) -> int:
    """What goes back to a member whose settler dies after the refund, then comes again."""
    _, _, orders, _ = await gathered(5)
    plugin = shop.hooks.plugin("group_buy")
    desk = plugin.desk
    row = await desk.fetch("SELECT id, due FROM group_buy_seats WHERE order_id = $1", orders[0])
    seat, due = str(row[0][0]), str(row[0][1])
    async with desk.writing() as w:  # as it stood when the settler died
        await w.execute(
            "UPDATE group_buy_seats SET state = 'owed', due = $2 WHERE id = $1", seat, due
        )
    jobs = {getattr(one, "name", ""): one for one in plugin.register_jobs()}
    await jobs["settle"].do(shop, {"seat": seat})
    await passes(seconds=1)
    ((back,),) = await shop.database.fetch(
        "SELECT CAST(sum(amount) AS BIGINT) FROM payments_refunds WHERE order_id = $1", orders[0]
    )
    return int(back)

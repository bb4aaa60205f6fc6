"""What a plugin does at its desk: rows of its own, the ledger, events and jobs, all or none."""

import asyncio
from datetime import timedelta
from typing import ClassVar

import pytest

from jishi.db import Table, Text
from jishi.effects import Claim, Credit, Debit, Event, Open, Record, Release, Take
from jishi.events import Happened, JobKind, Listener, Schedule
from jishi.ledger import check
from jishi.plugins import Declaration, NotEnough, Plugin, ScopeMissing, hookimpl

NOTES: list[tuple[str, object]] = []


class Stamp(Table, tablename="stamps_stamps"):
    """A card with stamps."""

    id = Text(primary_key=True)
    what = Text()


class Stamps(Plugin):
    """Gives stamps, and hears of tea."""

    declaration: ClassVar[Declaration] = Declaration(
        name="stamps", version="1.0", tables=(Stamp,), scopes=("ledger:points",)
    )

    @hookimpl
    def register_jobs(self):
        return [
            Schedule(name="tick", every=timedelta(hours=1), do=self.tick),
            JobKind(name="note", do=self.note),
            Listener(event="stamps.given", do=self.hear),
            Listener(event="order.placed", do=self.hear),
        ]

    async def tick(self, shop):
        NOTES.append(("tick", shop.clock.now()))

    async def note(self, shop, payload):
        NOTES.append(("note", payload))

    async def hear(self, shop, happened: Happened):
        NOTES.append((happened.name, happened.subject))


@pytest.fixture
def shop_plugins(shop_plugins):
    NOTES.clear()
    return shop_plugins | {"stamps": Stamps}


@pytest.fixture
async def desk(shop):
    async with shop.database.transaction() as tx:
        await tx.define("CREATE TABLE stamps_stamps (id TEXT PRIMARY KEY, what TEXT NOT NULL)")
    return shop.hooks.plugin("stamps").desk


async def put(desk, *effects, owner=""):
    return await desk.atomically(lambda w: w.apply(effects, owner))


async def stands(desk, account):
    found = (await desk.balances([account]))[account]
    return (found.balance, found.held)


GIVEN = (
    Open(account="stamps:card", unit="stamp", key="open", balance=2),
    Credit(account="stamps:card", amount=5, key="given", reason="bought tea"),
    Record(table="stamps_stamps", row={"id": "a", "what": "tea"}, key="row"),
    Event(name="stamps.given", data={"stamps": 5}, key="told", subject="card"),
)


async def test_effects_are_written_once(shop, desk, runner):
    assert [await put(desk, *GIVEN), await put(desk, *GIVEN)] == ["done", "replayed"]
    assert await stands(desk, "stamps:card") == (7, 0)
    assert await desk.fetch("SELECT id, what FROM stamps_stamps") == [("a", "tea")]
    await runner.drain()
    assert ("stamps.given", "card") in NOTES
    assert [one.source for one in await desk.statement("stamps:card")] == ["stamps@1.0"] * 2
    assert await check(shop.database) == []


async def test_two_who_do_the_same_at_once_do_it_once(desk):
    done = await asyncio.gather(*(put(desk, *GIVEN) for _ in range(10)))
    assert sorted(done) == ["done", *["replayed"] * 9]
    assert await stands(desk, "stamps:card") == (7, 0)


async def test_without_enough_nothing_is_written(desk):
    await put(desk, *GIVEN)

    async def work(w):
        await w.execute("INSERT INTO stamps_stamps (id, what) VALUES ('b', 'gone')")
        await w.enqueue("note", {}, key="gone")
        await w.apply([Debit(account="stamps:card", amount=8, key="too much", reason="")])

    with pytest.raises(NotEnough) as refused:
        await desk.atomically(work)
    assert (refused.value.account, refused.value.available) == ("stamps:card", 7)
    assert await desk.one_as(int, "SELECT count(*) FROM stamps_stamps") == 1
    assert await stands(desk, "stamps:card") == (7, 0)


async def test_what_is_set_aside_is_taken_or_given_back(shop, desk):
    await put(desk, *GIVEN)
    for key in ("one", "two"):
        await put(desk, Claim(account="stamps:card", amount=3, key=key), owner="gift")
    assert await stands(desk, "stamps:card") == (7, 6)
    await put(desk, Take(claim="one", key="took one"))
    await put(desk, Release(claim="two", key="left two"))
    assert await put(desk, Release(claim="two", key="left two")) == "replayed"
    assert await stands(desk, "stamps:card") == (4, 0)
    assert await check(shop.database) == []


@pytest.mark.parametrize(
    "effect",
    [
        Credit(account="value:me", amount=1, key="k", reason=""),
        Open(account="stock:tea:main", unit="piece", key="k", balance=9),
        Event(name="order.paid", data={}, key="k"),
        "nothing",
    ],
)
async def test_it_moves_what_it_declares_and_nothing_else(desk, effect):
    with pytest.raises(ScopeMissing, match=r"stamps@1\.0"):
        await put(desk, effect)


async def test_it_looks_at_accounts_it_declares(desk):
    assert await stands(desk, "points:me") == (0, 0)
    with pytest.raises(ScopeMissing, match="ledger:value"):
        await desk.balances(["value:me"])


async def test_register_jobs(shop, desk, runner):
    async def work(w):
        await w.enqueue("note", {"n": 1}, key="first")
        await w.enqueue("note", {"n": 1}, key="first")
        later = shop.clock.now() + timedelta(hours=2)
        await w.enqueue("note", {"n": 2}, key="second", run_at=later)

    await desk.atomically(work)
    await runner.drain()
    assert [what for kind, what in NOTES if kind == "note"] == [{"n": 1}]
    shop.clock.advance(timedelta(hours=3))
    await runner.drain()
    assert [what for kind, what in NOTES if kind == "note"] == [{"n": 1}, {"n": 2}]
    assert sum(kind == "tick" for kind, _ in NOTES) >= 1


async def test_it_hears_of_the_cores_events(seller, shopper, desk, runner):
    await seller.product("tea")
    order = (await shopper.place({"tea": 1})).json()
    await runner.drain()
    assert ("order.placed", order["id"]) in NOTES


async def test_in_quarantine_it_does_nothing(shop, desk, runner):
    shop.hooks.roster.board.quarantine("stamps", "blocked the loop")
    await desk.atomically(lambda w: w.enqueue("note", {}, key="k"))
    await runner.drain()
    assert NOTES == []

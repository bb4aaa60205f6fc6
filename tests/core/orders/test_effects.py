"""What plugins have written along with a transition: once, whole, and only where they may."""

import asyncio

import pytest

from jishi import hookspecs
from jishi.db import Database, Table, Text
from jishi.effects import Claim, Credit, Debit, Event, Record
from jishi.events import Handlers, Runner
from jishi.ledger import Refused, balances
from jishi.orders import cancel_order, load_order, pay_order, ship_order
from jishi.orders.jobs import register
from jishi.plugins import Declaration, HookFailed, Plugin, hookimpl, hooks_for
from jishi.shop import Shop
from jishi.testing.orders import place


class Note(Table, tablename="sample_notes"):
    id = Text(primary_key=True)
    order_id = Text()


class Sample(Plugin):
    declaration = Declaration(name="sample", version="1.2.3", tables=(Note,))

    def __init__(self):
        self.effects = {}
        self.heard = []

    @hookimpl
    def effects_of_order(self, order, transition):
        effects = self.effects.get(transition)
        if isinstance(effects, Exception):
            raise effects
        return effects and effects(order)

    @hookimpl
    def order_paid(self, order):
        self.heard.append(order.status)


@pytest.fixture
async def sample(shop: Shop) -> Sample:
    plugin = Sample()
    shop.hooks = hooks_for(hookspecs.FAMILIES, plugin)
    async with shop.database.transaction() as tx:
        await tx.execute("CREATE TABLE sample_notes (id TEXT PRIMARY KEY, order_id TEXT NOT NULL)")
    return plugin


async def notes(database: Database) -> int:
    return (await database.fetch("SELECT count(*) FROM sample_notes"))[0][0]


def points(order):
    return [
        Credit(account=f"points:{order.owner}", amount=6, key="earned", reason="bought tea"),
        Record(table="sample_notes", row={"id": order.id, "order_id": order.id}, key="note"),
        Event(name="sample.points_earned", data={"points": 6}, key="told"),
    ]


async def balance(shop: Shop, account: str) -> int:
    return (await balances(shop.database, [account]))[account].balance


async def test_effects_are_written_once_with_the_transition(shop: Shop, sample: Sample):
    sample.effects["pay"] = points
    order = await place(shop, [("tea", 1, 100)])
    await asyncio.gather(
        *(pay_order(shop, order.id, 100, "gateway:paper") for _ in range(10)),
        return_exceptions=True,
    )
    assert await balance(shop, "points:guest-1") == 6
    assert await notes(shop.database) == 1
    rows = await shop.database.fetch(
        "SELECT plugin, version, key FROM orders_effects ORDER BY key"
    )
    assert rows == [("sample", "1.2.3", key) for key in ("earned", "note", "told")]
    told = await shop.database.fetch(
        "SELECT subject FROM events_outbox WHERE name = 'sample.points_earned'"
    )
    assert told == [(order.id,)]


async def test_the_plugin_sees_the_order_as_it_will_be(shop: Shop, sample: Sample):
    seen = []
    sample.effects["pay"] = seen.append
    order = await place(shop, [("tea", 1, 100)])
    paid = await pay_order(shop, order.id, 100, "gateway:paper")
    assert seen == [paid]


async def test_the_same_key_in_a_later_transition_of_the_kind_is_left_out(
    shop: Shop, sample: Sample
):
    sample.effects["ship"] = points
    order = await place(shop, [("tea", 2, 200)])
    await pay_order(shop, order.id, 200, "gateway:paper")
    line = order.lines[0].id
    await ship_order(shop, order.id, "staff:1", "a", lines=[(line, 1)])
    await ship_order(shop, order.id, "staff:1", "b", lines=[(line, 1)])
    assert await balance(shop, "points:guest-1") == 6
    assert await notes(shop.database) == 1


async def test_a_plugin_that_raises_fails_the_transition_whole(shop: Shop, sample: Sample):
    order = await place(shop, [("tea", 1, 100)])
    sample.effects["pay"] = RuntimeError("broken")
    with pytest.raises(HookFailed):
        await pay_order(shop, order.id, 100, "gateway:paper")
    assert await load_order(shop.database, order.id) == order


@pytest.mark.parametrize(
    "effect",
    [
        Record(table="orders_orders", row={"id": "x"}, key="k"),
        Record(table="sample_notes", row={"id": "x", "paid": 1}, key="k"),
        "a sentence",
    ],
)
async def test_an_effect_outside_of_what_the_plugin_declares_fails_it_whole(
    shop: Shop, sample: Sample, effect
):
    order = await place(shop, [("tea", 1, 100)])
    sample.effects["pay"] = lambda order: [*points(order), effect][::-1]
    with pytest.raises(HookFailed):
        await pay_order(shop, order.id, 100, "gateway:paper")
    assert await load_order(shop.database, order.id) == order
    assert await balance(shop, "points:guest-1") == 0


async def test_an_impossible_effect_fails_the_transition_whole(shop: Shop, sample: Sample):
    order = await place(shop, [("tea", 1, 100)])
    sample.effects["pay"] = lambda order: [
        Debit(account="value:guest-1", amount=5, key="spent", reason="paid")
    ]
    with pytest.raises(Refused):
        await pay_order(shop, order.id, 100, "gateway:paper")
    assert await load_order(shop.database, order.id) == order


async def test_a_claim_lives_and_dies_with_the_order(shop: Shop, sample: Sample):
    account = "coupon:TEA"
    sample.effects["pay"] = lambda order: [
        Credit(account=account, amount=2, key="c", reason="two uses")
    ]
    await pay_order(shop, (await place(shop, [("tea", 1, 100)])).id, 100, "gateway:paper")
    sample.effects = {"place": lambda order: [Claim(account=account, amount=1, key="use")]}
    kept, dropped = await place(shop, [("tea", 1, 100)]), await place(shop, [("tea", 1, 100)])
    assert (await balances(shop.database, [account]))[account].available == 0
    await pay_order(shop, kept.id, 100, "gateway:paper")
    await cancel_order(shop, dropped.id, "guest")
    found = (await balances(shop.database, [account]))[account]
    assert (found.balance, found.held) == (1, 0)


async def test_plugins_hear_of_a_paid_order(shop: Shop, sample: Sample):
    order = await place(shop, [("tea", 1, 100)])
    await pay_order(shop, order.id, 100, "gateway:paper")
    handlers = Handlers()
    register(handlers)
    await Runner(shop, handlers).drain()
    assert sample.heard == ["paid"]

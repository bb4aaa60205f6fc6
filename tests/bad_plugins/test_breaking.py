"""Who fails too often is not asked for a while, by no process, and then on probation."""

import pytest

from jishi.hookspecs import FAMILIES
from jishi.hookspecs.checkout import review_checkout
from jishi.plugins import SHOP, Care, HookFailed, hooks_for
from jishi.testing.people import Shopper

pytestmark = pytest.mark.bar("B28")


@pytest.fixture
def guest(pack):
    return {"raises": pack["raises"]}


def healths(hooks):
    return hooks.roster.board.healths("raises")


@pytest.fixture
def buy(client, shop):
    async def place():
        return await Shopper(client, shop).place({"tea": 1})

    return place


async def until_it_breaks(buy) -> None:
    for _ in range(5):
        assert (await buy()).status_code == 503


async def test_after_five_failures_the_shop_says_when_to_come_back(shop, seller, buy, notes):
    await seller.product("tea")
    await until_it_breaks(buy)
    [health] = healths(shop.hooks)
    assert (health.state, health.calls) == ("open", 5)
    answer = await buy()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert "raises" not in answer.text
    assert health.calls == 5
    said = [line for line in notes if line["event"] == "plugin_breaker_open"]
    assert [(line["plugin"], line["hook"]) for line in said] == [
        ("raises@6.6.6", "review_checkout")
    ]


async def test_all_processes_stop_asking_and_ask_again(shop, seller, buy):
    await seller.product("tea")
    plugins = [seat.plugin for seat in shop.hooks.roster.seats.values()]
    other = hooks_for(FAMILIES, *plugins, clock=shop.clock)
    here, there = Care(shop.hooks, shop.database), Care(other, shop.database)
    await until_it_breaks(buy)
    await here.exchange()
    await there.exchange()
    assert healths(other) == []  # it never asked, and yet it knows
    refused = await asked(other)
    assert refused.extra == {"retry_after": 30}
    [health] = healths(other)
    assert health.calls == 0
    health.close()
    other.roster.board.closed(health)
    await there.exchange()
    await here.exchange()
    assert healths(shop.hooks)[0].state == "closed"


async def asked(hooks) -> HookFailed:
    with pytest.raises(HookFailed) as caught:
        await hooks.consult(review_checkout, SHOP, draft=None)
    return caught.value


async def test_a_healthy_shop_writes_nothing_about_plugins(shop, seller, client):
    shop.hooks.roster.disabled["raises"] = "left out"
    await seller.product("tea")
    assert (await Shopper(client, shop).place({"tea": 1})).status_code == 201
    assert shop.hooks.roster.board.unsaid == {}
    assert await shop.database.fetch("SELECT plugin FROM plugins_notices") == []

"""A plugin whose answer does not decide fails, or the merchant lets it: the shop sells."""

import asyncio

import pytest
from litestar import get

from jishi.plugins import Declaration, Plugin, hookimpl
from jishi.testing.people import Shopper

pytestmark = pytest.mark.bar("B28")


class Clumsy(Plugin):
    """Fails wherever it may: at the start, and after the sale."""

    declaration = Declaration(name="clumsy", version="6.6.6")

    @hookimpl
    def order_placed(self, order):
        raise KeyError("no such customer")


class Unready(Plugin):
    """Cannot bring what it promised."""

    declaration = Declaration(name="unready", version="6.6.6")

    @hookimpl
    def register_routes(self):
        @get("/never")
        async def never() -> str:
            return "never"

        raise LookupError("no certificate")

    @hookimpl
    def review_checkout(self, draft):
        raise AssertionError("a disabled plugin is not asked")


@pytest.fixture
def guest(request, pack):
    known = {**pack, "clumsy": Clumsy, "unready": Unready}
    return {name: known[name] for name in getattr(request, "param", ())}


async def sold(client, shop, seller) -> str:
    await seller.product("tea")
    answer = await Shopper(client, shop).place({"tea": 1})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


@pytest.mark.parametrize("guest", [["clumsy"]], indirect=True)
async def test_a_listener_that_fails_keeps_nobody_from_hearing(shop, client, seller, runner):
    order = await sold(client, shop, seller)
    neighbour = shop.hooks.plugin("neighbour")
    async with asyncio.timeout(60):
        while not neighbour.heard:
            await runner.drain()
            await asyncio.sleep(0.02)
    assert neighbour.heard == [order]
    async with asyncio.timeout(60):
        while not (rows := await waiting(shop)):  # noqa: ASYNC110 another process's row
            await asyncio.sleep(0.02)
    assert "KeyError: 'no such customer'" in rows[0][0]


async def waiting(shop):
    return await shop.database.fetch(
        "SELECT error FROM events_jobs WHERE kind = 'tell:order.placed:clumsy' AND error <> ''"
    )


@pytest.mark.parametrize("guest", [["unready"]], indirect=True)
async def test_who_fails_at_the_start_is_left_out_and_shown(shop, client, seller):
    await sold(client, shop, seller)
    [shown] = [each for each in shop.hooks.roster.installed() if each.name == "unready"]
    assert (shown.state, shown.reason) == ("disabled", "LookupError: no certificate")


class TestWhereTheMerchantLetsOrdersPass:
    @pytest.fixture
    def shop_tables(self, shop_tables):
        return shop_tables | {"plugins": {"on_failure": {"raises": "open", "swallows": "open"}}}

    @pytest.mark.parametrize("guest", [["raises", "swallows"]], indirect=True)
    async def test_orders_pass_and_the_log_says_who_was_not_heard(
        self, shop, client, seller, notes, busy
    ):
        await sold(client, shop, seller)
        passed = {line["plugin"] for line in notes if line["event"] == "plugin_let_pass"}
        assert passed == {"raises@6.6.6", "swallows@6.6.6"}
        assert await busy() == 0


@pytest.mark.parametrize("guest", [["opens_a_transaction"]], indirect=True)
async def test_control_it_is_the_gate_that_keeps_hooks_from_writing(handed_out, client, seller):
    """Without it the plugin deletes what it likes, and nobody notices."""
    handed_out.database.gate = lambda: None
    await sold(client, handed_out, seller)

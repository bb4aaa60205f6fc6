"""A merchant stops a running campaign while carts hold it: nobody new gets it, orders keep it."""

from datetime import timedelta

import pytest

from jishi.orders import find_order
from jishi.testing.people import ADDRESS
from jishi_flash_sale import sales
from jishi_live_stream import sessions

PRICES = {"tea": 10_000, "cup": 5_000, "pot": 19_900}
PIECES = {"tea": 1, "cup": 1, "pot": 1}


class Cart:
    """A cart of a member's in the store that wants everything.

    Args:
        member: Whose.
        extras: What it wants of campaigns.
    """

    def __init__(self, member, extras: dict[str, str]) -> None:
        self.http, self.extras = member.http, extras
        self.id = ""

    async def fill(self) -> "Cart":
        made = await self.http.send("POST", "/store/carts")
        self.id = made.json()["cart"]["id"]
        for sku, many in PIECES.items():
            line = {"sku": sku, "quantity": many}
            put = await self.http.send("POST", f"/store/carts/{self.id}/lines", json=line)
            assert put.status_code == 201, put.text
        body = {"extras": self.extras, "address": ADDRESS}
        changed = await self.http.send("PATCH", f"/store/carts/{self.id}", json=body)
        assert changed.status_code == 200, changed.text
        return self

    async def reasons(self) -> set[str]:
        """Whose adjustments the cart shows."""
        shown = await self.http.send("GET", f"/store/carts/{self.id}/quote?explain=1")
        assert shown.status_code == 200, shown.text
        told = shown.json()["adjustments"]
        return {
            f"{each['lane']} {each['plugin'].partition('@')[0]}"
            for each in told
            if each["lane"] != "tax"
        }

    async def order(self, **more):
        """Buy what lies in it."""
        return await self.http.send(
            "POST",
            "/store/orders",
            json={"cart": self.id, **more},
            headers={"idempotency-key": self.id + "".join(more)},
        )


class Running:
    """One campaign of each kind, and how it is stopped."""

    def __init__(self, mall) -> None:
        self.mall = mall
        self.ids: dict[str, str] = {}

    async def start(self, session_coupon) -> "Running":
        mall, ids = self.mall, self.ids
        await mall.goods(PRICES)
        ids["group"] = await mall.group(["tea"], orders_per_member=0)
        ids["sale"] = await mall.flash({"cup": 3000})
        ids["live"] = await mall.live({"pot": 15_000}, coupons=session_coupon)
        benefit = {"kind": "reduction", "steps": [{"reach": 5000, "off": 1000}]}
        ids["promotion"] = await mall.promotion(benefit=benefit)
        ids["coupon"] = await mall.promotion(trigger="coupon", benefit=benefit)
        return self

    @property
    def extras(self) -> dict[str, str]:
        ids = self.ids
        return {
            "group_buy.open": ids["group"],
            "flash_sale.sale": ids["sale"],
            "live_stream.session": ids["live"],
        }

    async def stop(self, kind: str):
        """Stop it, and look at what its page says afterwards."""
        mall, campaign = self.mall, self.ids[kind]
        if kind == "group":
            stopped = await mall.stop_group(campaign)
            return stopped.stopped_by, stopped.stopped_at, stopped.stopped_because
        if kind == "sale":
            await mall.stop_flash(campaign)
            sale = await sales.find_sale(mall.desk("flash_sale"), campaign)
            return sale.stopped_by, sale.stopped_at, sale.stopped_because
        if kind == "live":
            await mall.stop_live(campaign)
            session = await sessions.find_session(mall.desk("live_stream"), campaign)
            return session.ended_by, session.ended_at, session.ended_because
        await mall.stop_promotion(campaign)
        rows = await mall.shop.database.fetch(
            "SELECT stopped_by, stopped_at, stop_reason FROM promotions_campaigns WHERE id = $1",
            campaign,
        )
        return rows[0]


GIVES = {
    "group": "activity group_buy",
    "sale": "activity flash_sale",
    "live": "activity live_stream",
    "promotion": "promotion promotions",
    "coupon": "coupon promotions",
}
REFUSES = {"group": "拼团活动已经结束", "sale": "秒杀已经结束"}
"""What was asked for by name and is over is refused; what applies by itself is only gone."""


@pytest.fixture
async def running(mall, session_coupon) -> Running:
    return await Running(mall).start(session_coupon)


@pytest.mark.parametrize("kind", list(GIVES))
async def test_stopped_while_carts_hold_it(running, mall, runner, kind):
    had, late = await mall.member(), await mall.member()
    for member in (had, late):
        await mall.give_coupon(member, running.ids["coupon"])
    cart = await Cart(late, running.extras).fill()
    assert await cart.reasons() == set(GIVES.values())
    before = (await (await Cart(had, running.extras).fill()).order()).json()

    at = mall.shop.clock.now()
    assert tuple(await running.stop(kind)) == ("staff:9", at, "写错了")
    mall.shop.clock.advance(timedelta(seconds=3))

    assert await cart.reasons() == set(GIVES.values()) - {GIVES[kind]}
    answer = await cart.order()
    if kind in REFUSES:
        assert (answer.status_code, REFUSES[kind] in answer.text) == (422, True)
        names = {"group": "group_buy.open", "sale": "flash_sale.sale"}
        answer = await cart.order(
            extras={name: value for name, value in running.extras.items() if name != names[kind]}
        )
    assert answer.status_code == 201, answer.text
    assert answer.json()["total"] > before["total"]

    kept = await find_order(mall.shop.database, before["id"])
    assert kept.total == before["total"]
    await mall.pay(kept)
    await runner.drain()
    assert (await find_order(mall.shop.database, before["id"])).paid == before["total"]
    await mall.adds_up()

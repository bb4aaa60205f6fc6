"""A shop tells somebody elsewhere what happens, once it is sure, and no more than it may."""

import json
from datetime import timedelta

import pytest

PHONE = "13800138000"


async def told_of(elsewhere, path, shop, runner, number, times):
    """What was sent about an order, with as many tries as it takes."""
    for _ in range(20):
        await runner.drain()
        heard = elsewhere.heard(path)
        told = [each for each in heard if each["data"]["order"]["number"] == number]
        if len(told) >= times:
            return told
        shop.clock.advance(timedelta(minutes=30))
    raise AssertionError(f"{path} heard of {number} {len(told)} times")


class TestWithoutAScope:
    """People's data stays at home."""

    @pytest.fixture
    def erp(self, elsewhere):
        return elsewhere.table("/once", "order_paid")

    async def test_an_event_is_told_again_under_the_same_id_until_it_is_answered(
        self, shop, seller, shopper, runner, elsewhere
    ):
        await seller.product("tea", price=1000)
        order = await shopper.up_to("paid", {"tea": 1})
        first, again = await told_of(elsewhere, "/once", shop, runner, order["number"], 2)
        assert first["id"] == again["id"]
        assert first["genuine"]
        assert again["type"] == "order_paid"
        assert first["data"]["order"]["total"] == order["total"]
        assert PHONE not in json.dumps([first, again])
        assert "西湖区" not in json.dumps([first, again], ensure_ascii=False)


class TestWithTheScope:
    """The merchant allowed it to know people's data, and to object."""

    @pytest.fixture
    def erp(self, elsewhere):
        objection = {"code": "sold_out", "message": "仓库没有货。", "sku": "gold"}
        elsewhere.says("/strict", json.dumps({"objections": [objection]}))
        return elsewhere.table("/strict", "review_checkout", scopes=["members:contact"])

    async def test_its_objections_are_shown_to_the_shopper(self, shop, seller, shopper, elsewhere):
        await seller.product("gold", price=1000)
        answer = await shopper.place({"gold": 1})
        assert answer.status_code == 422
        assert "仓库没有货。" in answer.text
        draft = elsewhere.heard("/strict")[-1]["data"]["draft"]
        assert draft["address"]["phone"] == PHONE

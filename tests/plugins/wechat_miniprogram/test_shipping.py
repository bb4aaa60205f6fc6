"""WeChat learns what was shipped, pays out, and the report says what is still frozen."""

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from jishi.config import Secret
from jishi.fulfilment import Shipment
from jishi.fulfilment.structs import DeliveryOption
from jishi.identifiers import new_id
from jishi.orders import Order, OrderLine, RefundLine, RefundWish, find_order, ship_order
from jishi.payments import refund_order
from jishi_wechat_miniprogram import calls
from jishi_wechat_miniprogram.frozen_money import frozen_money
from jishi_wechat_miniprogram.problems import Busy, Refused
from jishi_wechat_miniprogram.settings import AppSettings, WechatMiniprogramSettings
from jishi_wechat_miniprogram.shipping import (
    ByHand,
    Known,
    Payment,
    logistics_of,
    masked,
    plan_upload,
)
from jishi_wechat_miniprogram.upload_shipping import upload_shipping

APPID = "wxba5fad812f8e6fb9"
UPLOAD = "/wxa/sec/order/upload_shipping_info"
BOTH = pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.fixture
async def lei(person, seller):
    await seller.product("tea", price=990, title="白茶")
    await seller.product("cup", price=2500, title="杯子")
    lei = person("lei")
    await lei.log_in()
    return lei


async def seen(wechat, transaction: str) -> dict:
    return await wechat.control("GET", f"/payments/{transaction}")


async def held(wechat) -> int:
    return (await wechat.control("GET", "/frozen"))["total"]


def uploads(calls_: list[dict]) -> list[dict]:
    return [each["body"] for each in calls_]


@BOTH
async def test_a_parcel_frees_the_money(lei, shop, account, wechat, runner):
    order_id, _ = await lei.pays({"tea": 2})
    order = await find_order(shop.database, order_id)
    report = await frozen_money(account)
    assert (report.total, report.by_reason) == (order.total, {"not_shipped": order.total})
    assert await held(wechat) == order.total
    await ship_order(shop, order_id, "test", "k1", carrier="顺丰", tracking="SF123")
    await runner.drain()
    (told,) = uploads(await wechat.calls(UPLOAD))
    assert (told["logistics_type"], told["delivery_mode"], told["is_all_delivered"]) == (
        1,
        1,
        True,
    )
    (parcel,) = told["shipping_list"]
    assert parcel == {
        "tracking_no": "SF123",
        "express_company": "SF",
        "item_desc": "白茶×2",
        "contact": {"receiver_contact": "138****8000"},
    }
    assert told["upload_time"] == "2026-03-01T16:00:00.000+08:00"
    assert await held(wechat) == 0
    assert (await frozen_money(account)).total == 0


async def test_partial_shipments_are_told_one_by_one(lei, shop, account, wechat, runner):
    order_id, transaction = await lei.pays({"tea": 1, "cup": 1})
    order = await find_order(shop.database, order_id)
    first = order.lines[0]
    await ship_order(
        shop, order_id, "test", "k1", carrier="圆通", tracking="YT1", lines=[(first.id, 1)]
    )
    await runner.drain()
    assert (await frozen_money(account)).by_reason == {"partly_uploaded": order.total}
    assert await held(wechat) == order.total
    await ship_order(shop, order_id, "test", "k2", carrier="圆通", tracking="YT2")
    await runner.drain()
    told = uploads(await wechat.calls(UPLOAD))
    assert [(each["delivery_mode"], each["is_all_delivered"]) for each in told] == [
        (2, False),
        (2, True),
    ]
    numbers = [each["tracking_no"] for each in (await seen(wechat, transaction))["parcels"]]
    assert numbers == ["YT1", "YT2"]
    assert await held(wechat) == 0


async def test_what_will_never_come_keeps_no_money(lei, shop, account, wechat, runner):
    order_id, _ = await lei.pays({"tea": 1, "cup": 1})
    tea, cup = (await find_order(shop.database, order_id)).lines
    await ship_order(
        shop, order_id, "test", "k1", carrier="圆通", tracking="YT1", lines=[(tea.id, 1)]
    )
    wish = RefundWish(lines=(RefundLine(line=cup.id, quantity=1),))
    await refund_order(shop, order_id, wish, restock="no", reason="", key="r", actor="staff:1")
    await runner.drain()
    await runner.drain()
    assert await held(wechat) == 0
    assert (await frozen_money(account)).total == 0


async def test_own_riders_are_same_city_delivery(lei, shop, wechat, runner):
    order_id, _ = await lei.pays({"tea": 1})
    await ship_order(shop, order_id, "test", "k1", carrier="自有骑手", tracking="R-7")
    await runner.drain()
    (told,) = uploads(await wechat.calls(UPLOAD))
    assert told["logistics_type"] == 2
    assert told["shipping_list"] == [{"item_desc": "白茶×1"}]


async def test_a_lost_answer_is_asked_again_and_does_no_harm(lei, shop, account, wechat):
    order_id, _ = await lei.pays({"tea": 1})
    await ship_order(shop, order_id, "test", "k1", carrier="圆通", tracking="YT1")
    await wechat.terms(lose_once=[UPLOAD])
    with pytest.raises(Exception, match="502"):
        await upload_shipping(account, order_id)
    await upload_shipping(account, order_id)
    assert [each["errcode"] for each in await wechat.calls(UPLOAD)] == [0, 10060023]
    assert (await frozen_money(account)).total == 0


async def test_many_jobs_for_one_order_do_no_harm(lei, shop, account, wechat):
    order_id, transaction = await lei.pays({"tea": 1})
    await ship_order(shop, order_id, "test", "k1", carrier="圆通", tracking="YT1")
    await asyncio.gather(*(upload_shipping(account, order_id) for _ in range(4)))
    payment = await seen(wechat, transaction)
    assert (payment["state"], len(payment["parcels"]), payment["reshipped"]) == (2, 1, False)


async def test_a_payment_that_wechat_does_not_know_yet_is_tried_again(lei, shop, account, wechat):
    order_id, _ = await lei.pays({"tea": 1})
    await ship_order(shop, order_id, "test", "k1", carrier="圆通", tracking="YT1")
    await wechat.terms(fail_once={UPLOAD: 10060001})
    with pytest.raises(Refused):
        await upload_shipping(account, order_id)
    await upload_shipping(account, order_id)
    assert await held(wechat) == 0


async def test_what_wechat_refuses_for_good_is_in_the_report(lei, shop, account, wechat):
    order_id, _ = await lei.pays({"tea": 1})
    await ship_order(shop, order_id, "test", "k1", carrier="圆通", tracking="YT1")
    await wechat.terms(fail={UPLOAD: 10060004})
    await upload_shipping(account, order_id)
    (payment,) = (await frozen_money(account)).payments
    assert (payment.why, payment.code) == ("refused", 10060004)


async def test_the_hourly_round_finds_what_was_forgotten(lei, shop, account, wechat, runner):
    order_id, _ = await lei.pays({"tea": 1})
    await ship_order(shop, order_id, "test", "k1", carrier="圆通", tracking="YT1")
    await wechat.terms(fail={UPLOAD: -1})
    with pytest.raises(Busy):
        await upload_shipping(account, order_id)
    await wechat.terms()
    shop.clock.advance(timedelta(hours=1))
    await shop.hooks.plugin("wechat_miniprogram")._catch_up(shop)
    await runner.drain()
    assert await held(wechat) == 0


async def test_after_48_hours_frozen_money_is_late(lei, shop, account):
    await lei.pays({"tea": 1})
    shop.clock.advance(timedelta(hours=47))
    assert (await frozen_money(account)).late == 0
    shop.clock.advance(timedelta(hours=2))
    report = await frozen_money(account)
    assert report.late == report.total > 0


async def test_money_that_went_back_is_not_frozen(lei, shop, account, runner):
    order_id, _ = await lei.pays({"tea": 1})
    order = await find_order(shop.database, order_id)
    wish = RefundWish(amount=order.total)
    await refund_order(shop, order_id, wish, restock="no", reason="", key="r", actor="staff:1")
    await runner.drain()
    assert (await frozen_money(account)).total == 0


async def test_an_order_paid_elsewhere_is_no_business_of_wechats(
    lei, shop, account, wechat, runner
):
    order = await lei.up_to("fulfilling", {"tea": 1})
    await runner.drain()
    assert order["status"] == "fulfilling"
    assert await wechat.calls(UPLOAD) == []
    assert (await frozen_money(account)).total == 0


async def test_the_report_is_for_staff(lei):
    assert (await lei.send("GET", "/wechat_miniprogram/frozen")).status_code == 401


async def test_several_payments_together_are_told_as_one(account, wechat):
    for number in ("T1", "T2"):
        await wechat.control(
            "PUT", "/payments", transaction_id=number, appid=APPID, user="lei", amount=100
        )
    parts = tuple(
        calls.PartShippingInfo(
            order_key=calls.OrderKey(transaction_id=number),
            logistics_type=4,
            delivery_mode=1,
            is_all_delivered=True,
            shipping_list=(calls.Parcel(item_desc="白茶×1"),),
        )
        for number in ("T1", "T2")
    )
    info = calls.CombinedShippingInfo(
        order_key=calls.OrderKey(transaction_id="T1"),
        sub_orders=parts,
        upload_time="2026-03-01T16:00:00.000+08:00",
        payer=calls.Payer(openid=await wechat.openid("lei")),
    )
    await calls.upload_shipping(account.client(APPID), info)
    assert await held(wechat) == 0


class TestPlan:
    """What is to be told, without a shop."""

    @pytest.fixture
    def order(self) -> Order:
        line = OrderLine(
            id="l", sku="tea", product="p", title="白茶", quantity=20, unit_price=990, total=19800
        )
        way = DeliveryOption(code="courier", kind="courier", title="快递", fee=0)
        return Order(
            id="o",
            number="1",
            status="fulfilling",
            version=1,
            owner="m",
            member="m",
            channel="mini_program",
            store=None,
            currency="CNY",
            total=19800,
            paid=19800,
            refunded=0,
            delivery_fee=0,
            lines=(line,),
            delivery=way,
            address=None,
            contact="",
            note="",
            placed_at=NOW,
            expires_at=NOW,
        )

    @pytest.fixture
    def settings(self) -> WechatMiniprogramSettings:
        app = AppSettings(appid=APPID, secret=Secret("s"))
        return WechatMiniprogramSettings(
            apps={"mini_program": app}, virtual=("gift_card",), riders=("自有骑手",)
        )

    def shipment(self, pieces: int = 1, carrier: str = "圆通", tracking: str = "n"):
        number = tracking and f"{tracking}{new_id()[-6:]}"
        return Shipment(
            id=new_id(),
            order="o",
            carrier=carrier,
            tracking=number,
            lines=(("tea", pieces),),
            shipped_at=NOW,
        )

    def shipped(self, order, pieces: int):
        line = msgspec.structs.replace(order.lines[0], shipped=pieces)
        return msgspec.structs.replace(order, lines=(line,))

    def plan(self, order, shipments, settings, known=(), closed=False):
        payment = Payment(transaction="T1", openid="o1")
        known = Known(shipments=tuple(known), closed=closed)
        return plan_upload(order, shipments, known, payment, settings, NOW)

    def test_every_way_of_delivery_has_its_number(self, order, settings):
        ways = {
            ("courier", "courier", "圆通", "1"): 1,
            ("courier", "courier", "圆通", ""): 2,
            ("courier", "courier", "自有骑手", "1"): 2,
            ("riders", "local", "", ""): 2,
            ("gift_card", "courier", "", ""): 3,
            ("store_pickup:hz1", "pickup", "", ""): 4,
        }
        for (code, kind, carrier, tracking), number in ways.items():
            way = DeliveryOption(code=code, kind=kind, title="x", fee=0)
            changed = msgspec.structs.replace(order, delivery=way)
            one = self.shipment(carrier=carrier, tracking=tracking)
            assert logistics_of(changed, one, settings) == number

    def test_goods_without_numbers_wait_until_all_are_gone(self, order, settings):
        way = DeliveryOption(code="store_pickup", kind="pickup", title="x", fee=0)
        order = msgspec.structs.replace(order, delivery=way)
        some = [self.shipment(5, "", "")]
        assert self.plan(self.shipped(order, 5), some, settings) is None
        rest = [*some, self.shipment(15, "", "")]
        plan = self.plan(self.shipped(order, 20), rest, settings)
        assert (plan.info.logistics_type, plan.info.delivery_mode, plan.is_last) == (4, 1, True)
        assert plan.info.shipping_list[0].item_desc == "白茶×20"

    def test_twenty_parcels_are_two_messages(self, order, settings):
        parcels = [self.shipment() for _ in range(20)]
        done = self.shipped(order, 20)
        first = self.plan(done, parcels, settings)
        assert (len(first.info.shipping_list), first.is_last) == (15, False)
        second = self.plan(done, parcels, settings, first.shipments)
        assert (len(second.info.shipping_list), second.is_last) == (5, True)
        assert self.plan(done, parcels, settings, second.shipments, closed=True) is None

    def test_what_the_rules_cannot_say_is_for_people(self, order, settings):
        first, rest = self.shipment(5), self.shipment(15, "", "")
        with pytest.raises(ByHand):
            self.plan(self.shipped(order, 20), [first, rest], settings, (first.id,))

    def test_a_long_description_is_cut_at_120_characters(self, order, settings):
        line = msgspec.structs.replace(order.lines[0], title="白" * 200, shipped=20)
        long = msgspec.structs.replace(order, lines=(line,))
        plan = self.plan(long, [self.shipment(20)], settings)
        assert len(plan.info.shipping_list[0].item_desc) == 120

    @pytest.mark.parametrize(
        ("phone", "shown"),
        [
            ("13800138000", "138****8000"),
            ("+86 138 0013 8000", "138****8000"),
            ("12345", "****2345"),
        ],
    )
    def test_telephone_numbers_are_masked(self, phone, shown):
        assert masked(phone) == shown

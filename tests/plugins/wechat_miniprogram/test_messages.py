"""Members are told of events by subscribe messages: when they agreed, once, never twice."""

import asyncio

import pytest

from jishi.events import Happened, emit
from jishi.orders import find_order, ship_order
from jishi_wechat_miniprogram.hear import hear
from jishi_wechat_miniprogram.problems import Busy
from jishi_wechat_miniprogram.tell_member import News, tell_member

APPID = "wxba5fad812f8e6fb9"
SEND = "/cgi-bin/message/subscribe/send"
PAID, SHIPPED = "template-order-paid", "template-order-shipped"
BOTH = pytest.mark.parametrize("engine", ["sqlite", "postgresql"])


@pytest.fixture
async def lei(friend):
    return await friend("lei")


@pytest.fixture
async def buyer(person):
    buyer = person("lei")
    await buyer.log_in()
    return buyer


async def messages(wechat) -> list[dict]:
    return await wechat.control("GET", "/messages")


async def states(shop) -> list[tuple[str, str]]:
    return await shop.database.fetch("SELECT event, state FROM wechat_miniprogram_messages")


def points(lei, key: str = "p1", **data: object) -> Happened:
    said = {"member": lei.id, "points": 120, "expires_at": "2026-03-31T15:59:00Z", **data}
    return Happened(name="loyalty.points_expiring", subject=lei.id, data=said, key=key, id="e1")


@BOTH
async def test_a_paid_and_a_shipped_order_are_told_once(buyer, seller, shop, wechat, runner):
    await seller.product("tea", price=990, title="龙井绿茶 2026 春茶 明前特级 礼盒装")
    await buyer.agree(PAID)
    await buyer.agree(SHIPPED)
    order_id, _ = await buyer.pays({"tea": 2})
    await runner.drain()
    await ship_order(shop, order_id, "test", "k", carrier="顺丰", tracking="SF123")
    await runner.drain()
    order = await find_order(shop.database, order_id)
    paid, shipped = await messages(wechat)
    assert paid["touser"] == await wechat.openid("lei")
    assert paid["page"] == f"pages/order/index?id={order_id}"
    said = {key: value["value"] for key, value in paid["data"].items()}
    assert said["character_string1"] == order.number[:32]
    assert said["amount2"] == f"{order.paid // 100}.{order.paid % 100:02d}元"
    assert said["thing3"].startswith("龙井绿茶")
    assert len(said["thing3"]) == 20
    assert said["time4"] == "2026年3月1日 16:00"
    assert shipped["data"]["thing2"] == {"value": "顺丰已揽收"}


async def test_who_did_not_agree_is_not_told(buyer, seller, shop, wechat, runner):
    await seller.product("tea")
    await buyer.pays({"tea": 1})
    await runner.drain()
    assert await messages(wechat) == []
    assert ("order.paid", "no_consent") in await states(shop)


async def test_one_yes_is_one_message(lei, account, wechat, shop):
    await lei.agree("template-points")
    await hear(account, points(lei, "p1"))
    await hear(account, points(lei, "p2"))
    assert len(await messages(wechat)) == 1
    assert len(await wechat.calls(SEND)) == 1


async def test_an_event_told_again_is_told_once(lei, account, wechat):
    await lei.agree("template-points", times=3)
    for _ in range(3):
        await hear(account, points(lei))
    assert [each["data"] for each in await messages(wechat)] == [
        {"number1": {"value": "120"}, "time2": {"value": "2026年3月31日 23:59"}}
    ]


@BOTH
async def test_an_event_heard_by_many_at_once_is_told_once(lei, account, wechat):
    await lei.agree("template-points", times=5)
    await asyncio.gather(*(hear(account, points(lei)) for _ in range(5)))
    assert len(await wechat.calls(SEND)) == 1


async def test_without_its_memory_it_would_be_told_often(lei, account, wechat, monkeypatch):
    from jishi_wechat_miniprogram import tell_member as story

    await lei.agree("template-points", times=5)
    ids = iter("abcde")
    monkeypatch.setattr(story, "_id_of", lambda news: next(ids))
    await asyncio.gather(*(hear(account, points(lei)) for _ in range(5)))
    assert len(await wechat.calls(SEND)) > 1


async def test_what_was_begun_and_nobody_knows_is_not_sent_again(lei, account, wechat, shop):
    await lei.agree("template-points", times=2)
    await wechat.terms(lose_once=[SEND])
    await hear(account, points(lei))
    await hear(account, points(lei))
    assert len(await messages(wechat)) == 1
    assert await states(shop) == [("loyalty.points_expiring", "unknown")]


async def test_a_crash_in_the_middle_is_no_second_message(lei, account, wechat, shop, monkeypatch):
    from jishi_wechat_miniprogram import tell_member as story

    async def dies(*_: object) -> None:
        raise KeyboardInterrupt

    await lei.agree("template-points", times=2)
    with monkeypatch.context() as patch:
        patch.setattr(story, "_settle", dies)
        with pytest.raises(KeyboardInterrupt):
            await hear(account, points(lei))
    await hear(account, points(lei))
    assert len(await messages(wechat)) == 1
    assert await states(shop) == [("loyalty.points_expiring", "unknown")]


async def test_when_wechat_is_busy_the_yes_is_kept_for_the_next_try(lei, account, wechat):
    await lei.agree("template-points")
    await wechat.terms(fail_once={SEND: -1})
    with pytest.raises(Busy):
        await hear(account, points(lei))
    await hear(account, points(lei))
    assert len(await messages(wechat)) == 1


async def test_who_refused_in_wechat_is_not_asked_for_again(lei, account, wechat, shop):
    await lei.agree("template-points", times=3)
    openid = await wechat.openid("lei")
    await wechat.control(
        "POST", "/consents", appid=APPID, user="lei", template="template-points", times=-3
    )
    await hear(account, points(lei))
    assert await lei.remaining("template-points") == 0
    assert openid not in str(await states(shop))


async def test_what_cannot_be_said_is_not_sent(lei, account, wechat, shop):
    await lei.agree("template-points")
    await hear(account, points(lei, points="many"))
    assert await wechat.calls(SEND) == []
    assert await states(shop) == [("loyalty.points_expiring", "no_fit")]


async def test_everybody_of_a_team_is_told(friend, account, wechat):
    await wechat.user("mei")
    people = [await friend("lei"), await friend("mei")]
    for each in people:
        await each.agree("template-team")
    happened = Happened(
        name="group_buy.team_filled",
        subject="t1",
        data={"team": "七", "members": [each.id for each in people]},
        key="t1",
    )
    await hear(account, happened)
    assert {each["touser"] for each in await messages(wechat)} == {
        await wechat.openid("lei"),
        await wechat.openid("mei"),
    }
    assert (await messages(wechat))[0]["data"]["thing1"] == {"value": "测试小店的团七成了"}


async def test_other_plugins_events_come_by_themselves(lei, shop, wechat, runner):
    await lei.agree("template-points")

    async def work(tx) -> None:
        await emit(tx, shop, [points(lei)])

    await shop.database.atomically(work)
    await runner.drain()
    assert len(await messages(wechat)) == 1


async def test_a_template_that_is_not_the_shops_is_not_counted(buyer):
    answer = await buyer.send(
        "POST", "/wechat_miniprogram/consents", json={"templates": ["template-strange"]}
    )
    assert answer.status_code == 422


async def test_somebody_without_a_mini_program_is_not_told(account, shop, wechat):
    news = News(
        event="group_buy.team_filled",
        key="x",
        member="nobody",
        channel="",
        words={"shop": "小店", "team": "1"},
    )
    assert await tell_member(account, news) == "no_consent"

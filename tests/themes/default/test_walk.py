"""A customer without JavaScript comes from the home page to an order that is paid."""

import re

import pytest

from jishi.identifiers import new_id
from jishi.orders import pay_order, ship_order
from jishi.testing.gateway import PaperGateway
from jishi.testing.people import ADDRESS

pytestmark = pytest.mark.usefixtures("goods")


async def to_checkout(visitor, words="龙井"):
    await visitor.open("/")
    await visitor.press("搜索", q=words)
    await visitor.follow("龙井绿茶")
    await visitor.follow("100 克")
    await visitor.press("加入购物车", quantity="2")
    return await visitor.follow("去结算")


async def to_payment(visitor):
    await to_checkout(visitor)
    return await visitor.press("提交订单", **ADDRESS)


async def test_from_home_to_a_paid_order(visitor, paper: PaperGateway, client):
    await to_checkout(visitor)
    assert visitor.path == "/checkout"
    assert "¥256.00" in visitor.text
    await visitor.press("提交订单", **ADDRESS)
    assert visitor.path.endswith("/pay")
    await visitor.press("Scan")
    number = next(iter(paper.requests))
    sheet = paper.pay(number)
    await client.post("/notify/paper", content=sheet.body, headers=sheet.headers)
    await visitor.open(str(visitor.answer.url))
    assert visitor.path.startswith("/orders/")
    assert not visitor.path.endswith("/pay")
    assert "待发货" in visitor.text
    assert "李雷" in visitor.text


async def test_the_waiting_page_asks_the_gateway_when_the_customer_says_so(visitor, paper):
    await to_payment(visitor)
    await visitor.press("Scan")
    paper.pay(next(iter(paper.requests)))
    await visitor.press("我已完成支付")
    assert "待发货" in visitor.text


async def test_the_waiting_page_looks_again_by_itself_without_javascript(visitor):
    await to_payment(visitor)
    await visitor.press("Scan")
    assert '<noscript><meta http-equiv="refresh"' in visitor.answer.text


async def test_choosing_another_option_leads_to_its_price(visitor):
    await visitor.open("/p/longjing")
    assert "¥68.00" in visitor.text
    await visitor.follow("100 克")
    assert "¥128.00" in visitor.text


async def test_buying_at_once_leaves_the_cart_alone(visitor):
    await visitor.open("/p/cup")
    await visitor.press("加入购物车")
    await visitor.open("/p/longjing")
    await visitor.press("立即购买", quantity="3")
    await visitor.press("提交订单", **ADDRESS)
    assert visitor.path.endswith("/pay")
    await visitor.open("/cart")
    assert "白瓷杯" in visitor.text
    assert "龙井" not in visitor.text


async def test_the_cart_changes_by_its_buttons(visitor):
    await visitor.open("/p/cup")
    await visitor.press("加入购物车")
    await visitor.press("增加: 白瓷杯")
    assert "¥78.00" in visitor.text
    await visitor.press("更新数量", quantity="3")
    assert "¥117.00" in visitor.text
    await visitor.press("删除: 白瓷杯")
    assert "购物车还是空的" in visitor.text


async def test_a_form_that_is_sent_twice_is_one_order(visitor, client):
    await to_checkout(visitor)
    sent = visitor.root
    await visitor.press("提交订单", **ADDRESS)
    first = visitor.path
    visitor.root = sent
    await visitor.press("提交订单", **ADDRESS)
    assert visitor.path == first


async def test_an_incomplete_address_names_every_field_and_keeps_what_was_typed(visitor):
    await to_checkout(visitor)
    await visitor.press("提交订单", **{**ADDRESS, "phone": "十三", "region": ""})
    assert visitor.answer.status_code == 422
    assert "请填写能联系到的电话号码" in visitor.text
    assert "请选择省份" in visitor.text
    assert "请填写城市" not in visitor.text
    assert 'value="杭州市"' in visitor.answer.text


async def test_a_price_that_changed_is_shown_before_anything_is_ordered(visitor):
    await to_checkout(visitor)
    await visitor.press("提交订单", **ADDRESS, total="1")
    assert visitor.answer.status_code == 409
    assert "价格有更新" in visitor.text
    await visitor.press("提交订单")
    assert visitor.path.endswith("/pay")


async def test_goods_that_ran_out_are_told_in_a_sentence(visitor, seller):
    await to_checkout(visitor)
    await seller.stock("longjing-100", 1)
    await visitor.press("提交订单", **ADDRESS)
    assert visitor.answer.status_code == 409
    assert "库存不足" in visitor.text


async def test_an_order_is_cancelled_by_its_customer(visitor):
    await to_payment(visitor)
    await visitor.follow("稍后支付")
    await visitor.press("取消订单")
    assert "已取消" in visitor.text


async def test_what_was_shipped_is_followed_and_received(visitor, shop):
    await to_payment(visitor)
    order = visitor.path.split("/")[2]
    await pay_order(shop, order, 25600 + 800, "test")
    await ship_order(shop, order, "test", new_id(), carrier="顺丰", tracking="SF123")
    await visitor.open(f"/orders/{order}")
    assert "SF123" in visitor.text
    await visitor.press("确认收货")
    assert "谢谢惠顾" in visitor.text


async def test_a_guest_logs_in_and_keeps_the_cart(visitor, capsys):
    await visitor.open("/p/cup")
    await visitor.press("加入购物车")
    await visitor.open("/login?next=/cart")
    await visitor.press("获取验证码", phone="13800138000")
    assert "验证码已发送" in visitor.text
    code = printed_code(capsys)
    await visitor.press("登录", code=code)
    assert visitor.path == "/cart"
    assert "白瓷杯" in visitor.text
    await visitor.press("退出登录")
    await visitor.open("/cart")
    assert "白瓷杯" not in visitor.text


async def test_a_member_keeps_an_address_and_is_offered_it(visitor, capsys):
    await visitor.open("/login")
    await visitor.press("获取验证码", phone="13800138000")
    await visitor.press("登录", code=printed_code(capsys))
    await to_checkout(visitor)
    await visitor.press("提交订单", **ADDRESS, keep="yes")
    await visitor.open("/p/cup")
    await visitor.press("立即购买")
    await visitor.press("提交订单")
    assert visitor.path.endswith("/pay")


async def test_a_wrong_code_is_told_and_can_be_typed_again(visitor, capsys):
    await visitor.open("/login")
    await visitor.press("获取验证码", phone="13800138000")
    code = printed_code(capsys)
    await visitor.press("登录", code=f"{(int(code) + 1) % 1_000_000:06d}")
    assert "验证码错误" in visitor.text
    await visitor.press("登录", code=code)
    assert visitor.path == "/"


def printed_code(capsys) -> str:
    out = capsys.readouterr()
    return re.findall(r"\b(\d{6})\b", out.out + out.err)[-1]

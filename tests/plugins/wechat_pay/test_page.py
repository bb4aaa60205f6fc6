"""A person plays the customer on the simulator's pages, with nothing but links and forms."""

import re

import msgspec
import pytest

from jishi_wechat_pay.simulator import orders
from jishi_wechat_pay.simulator.incoming import OrderIn

ORDER = {
    "appid": "wxd678efh567hg6787",
    "mchid": "1900000109",
    "description": "苹果 <script>alert(1)</script>",
    "out_trade_no": "ATTEMPT0001",
    "notify_url": "http://localhost/notify/wechat_pay",
    "amount": {"total": 10005},
}


@pytest.fixture
def code(wechat) -> str:
    answer = orders.place(wechat.world, "native", msgspec.convert(ORDER, OrderIn))
    return answer["code_url"].rpartition("=")[2]


async def read(wechat, path: str) -> str:
    answer = await wechat.http.get(f"http://wechat{path}")
    assert answer.status_code == 200
    return answer.text


async def press(wechat, path: str, decision: str) -> str:
    answer = await wechat.http.post(f"http://wechat{path}", data={"decision": decision})
    assert answer.status_code == 303
    return answer.headers["location"]


async def test_waiting_orders_are_listed_with_a_link(wechat, code):
    page = await read(wechat, "/")
    assert f'href="/pay/{code}"' in page
    assert "¥100.05" in page


async def test_an_empty_list_says_so(wechat):
    assert "暂无待支付订单" in await read(wechat, "/")


async def test_the_sheet_shows_merchant_goods_and_amount(wechat, code):
    page = await read(wechat, f"/pay/{code}")
    assert all(text in page for text in ("1900000109", "苹果", "¥100.05", "ATTEMPT0001"))
    assert re.findall(r"<button[^>]*>(.*?)</button>", page) == ["确认支付", "拒绝"]


async def test_what_the_shop_wrote_is_text_and_the_page_runs_no_script(wechat, code):
    page = await read(wechat, f"/pay/{code}")
    assert "<script" not in page
    assert "&lt;script&gt;" in page


async def test_confirming_pays_and_tells_the_shop(wechat, code):
    page = await read(wechat, await press(wechat, f"/pay/{code}", "confirm"))
    assert "支付成功" in page
    assert "<button" not in page
    await wechat.settled()
    assert len(wechat.shop.notices) == 1


async def test_confirming_twice_pays_once(wechat, code):
    await press(wechat, f"/pay/{code}", "confirm")
    await press(wechat, f"/pay/{code}", "confirm")
    await wechat.settled()
    assert len(wechat.shop.notices) == 1


async def test_refusing_leaves_the_order_waiting(wechat, code):
    page = await read(wechat, await press(wechat, f"/pay/{code}", "refuse"))
    assert "已拒绝支付" in page
    assert "确认支付" in page
    await wechat.settled()
    assert wechat.shop.notices == []


async def test_a_closed_order_cannot_be_confirmed(wechat, code):
    orders.close(wechat.world, "ATTEMPT0001")
    page = await read(wechat, await press(wechat, f"/pay/{code}", "confirm"))
    assert "订单已关闭" in page
    assert wechat.world.orders["ATTEMPT0001"].paid_at is None


async def test_an_h5_payment_leads_back_to_the_shop(wechat, code):
    onward = "?redirect_url=https%3A%2F%2Fshop.example%2Forders%2F1"
    location = await press(wechat, f"/pay/{code}{onward}", "confirm")
    assert 'href="https://shop.example/orders/1"' in await read(wechat, location)


async def test_a_script_is_no_way_back(wechat, code):
    page = await read(wechat, f"/pay/{code}?redirect_url=javascript:alert(1)")
    assert "javascript" not in page


@pytest.mark.parametrize("decision", ["", "steal"])
async def test_another_decision_is_refused(wechat, code, decision):
    answer = await wechat.http.post(f"http://wechat/pay/{code}", data={"decision": decision})
    assert answer.status_code == 400


async def test_a_code_nobody_gave_out_is_404(wechat):
    answer = await wechat.http.get("http://wechat/pay/none")
    assert answer.status_code == 404


async def test_a_prepay_id_opens_the_same_sheet(wechat, code):
    prepay_id = wechat.world.orders["ATTEMPT0001"].prepay_id
    assert "¥100.05" in await read(wechat, f"/pay/{prepay_id}")

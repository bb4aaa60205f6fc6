"""The simulated WeChat answers as the documentation says."""

import pytest

APPID, SECRET = "wxba5fad812f8e6fb9", "miniprogram-secret"
STABLE = {"grant_type": "client_credential", "appid": APPID, "secret": SECRET}


async def token(wechat, **more: object) -> str:
    return (await wechat.call("POST", "/cgi-bin/stable_token", STABLE | more))["access_token"]


async def errcode(wechat, method: str, path: str, body: object = None, **query: str) -> int:
    return (await wechat.call(method, path, body, **query)).get("errcode", 0)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"grant_type": "x"}, 40002),
        ({"appid": ""}, 41002),
        ({"secret": ""}, 41004),
        ({"appid": "wxstranger"}, 40013),
        ({"secret": "wrong"}, 40125),
    ],
)
async def test_stable_tokens_are_refused_with_the_documented_codes(wechat, changes, code):
    assert await errcode(wechat, "POST", "/cgi-bin/stable_token", STABLE | changes) == code


async def test_a_token_wants_a_post_and_a_listed_address(wechat):
    assert await errcode(wechat, "GET", "/cgi-bin/stable_token") == 43002
    await wechat.terms(allowed=False)
    assert await errcode(wechat, "POST", "/cgi-bin/stable_token", STABLE) == 40164


async def test_ordinary_calls_give_the_same_token_and_forced_ones_end_it(wechat):
    first = await token(wechat)
    assert await token(wechat) == first
    assert len(first) < 512
    forced = await token(wechat, force_refresh=True)
    assert forced != first
    assert await token(wechat, force_refresh=True) == forced  # less than 30 seconds later
    path = "/wxa/sec/order/get_order"
    assert await errcode(wechat, "POST", path, {}, access_token=first) == 40001
    assert await errcode(wechat, "POST", path, {}, access_token=forced) == 10060001


async def test_forcing_is_for_20_times_a_day(wechat):
    for _ in range(20):
        await wechat.control("POST", "/clock", advance=31)
        await token(wechat, force_refresh=True)
    await wechat.control("POST", "/clock", advance=31)
    body = STABLE | {"force_refresh": True}
    assert await errcode(wechat, "POST", "/cgi-bin/stable_token", body) == 45009


async def test_plain_tokens_end_each_other_and_leave_stable_ones_alone(wechat):
    stable = await token(wechat)
    query = {"grant_type": "client_credential", "appid": APPID, "secret": SECRET}
    first = (await wechat.call("GET", "/cgi-bin/token", **query))["access_token"]
    second = (await wechat.call("GET", "/cgi-bin/token", **query))["access_token"]
    await wechat.control("POST", "/clock", advance=301)
    path = "/wxa/sec/order/get_order"
    codes = [
        await errcode(wechat, "POST", path, {}, access_token=each)
        for each in (stable, first, second, "", "invented")
    ]
    assert codes == [10060001, 42001, 10060001, 41001, 40001]


async def test_a_message_needs_a_yes_the_right_keys_and_short_values(wechat):
    access, openid = await token(wechat), await wechat.openid("lei")
    path = "/cgi-bin/message/subscribe/send"

    async def sent(**changes: object) -> int:
        body = {
            "touser": openid,
            "template_id": "template-team",
            "data": {"thing1": {"value": "x" * 20}},
        } | changes
        return await errcode(wechat, "POST", path, body, access_token=access)

    assert await sent() == 43101
    await wechat.control("POST", "/consents", appid=APPID, user="lei", template="template-team")
    assert await sent(touser="o-stranger") == 40003
    assert await sent(template_id="no") == 40037
    assert await sent(data={"thing1": {"value": "x" * 21}}) == 47003
    assert await sent(data={"thing2": {"value": "x"}}) == 47003
    assert await sent() == 0
    assert await sent() == 43101


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"scene": "x" * 33}, 40169),
        ({"scene": "桌"}, 40169),
        ({"scene": ""}, 40169),
        ({"page": "/pages/product/index"}, 41030),
        ({"page": "pages/none", "check_path": True}, 41030),
        ({"width": 100}, 40097),
    ],
)
async def test_codes_are_refused_with_the_documented_codes(wechat, changes, code):
    body = {"scene": "a=1", "page": "pages/product/index"} | changes
    path, access = "/wxa/getwxacodeunlimit", await token(wechat)
    assert await errcode(wechat, "POST", path, body, access_token=access) == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"order_key": {"order_number_type": 3}}, 268485194),
        ({"order_key": {"order_number_type": 2, "transaction_id": "no"}}, 10060001),
        ({"logistics_type": 9}, 10060005),
        ({"logistics_type": 4, "delivery_mode": 2}, 10060006),
        ({"delivery_mode": 2, "is_all_delivered": None}, 10060007),
        ({"shipping_list": [{"tracking_no": "1", "express_company": "YTO"}]}, 10060008),
        ({"shipping_list": [{"item_desc": "x" * 121}]}, 10060009),
        ({"payer": {"openid": "o-other"}}, 10060031),
        ({"upload_time": "2026-03-01"}, 268485216),
        ({}, 0),
    ],
)
async def test_shipping_is_refused_with_the_documented_codes(wechat, changes, code):
    await wechat.control(
        "PUT", "/payments", transaction_id="T1", appid=APPID, user="lei", amount=100
    )
    body = {
        "order_key": {"order_number_type": 2, "transaction_id": "T1"},
        "logistics_type": 1,
        "delivery_mode": 1,
        "is_all_delivered": True,
        "shipping_list": [{"tracking_no": "1", "express_company": "YTO", "item_desc": "茶"}],
        "upload_time": "2026-03-01T16:00:00.000+08:00",
        "payer": {"openid": await wechat.openid("lei")},
    }
    path, access = "/wxa/sec/order/upload_shipping_info", await token(wechat)
    assert await errcode(wechat, "POST", path, body | changes, access_token=access) == code

"""Members log in through WeChat, and give their telephone number."""

import pytest

from jishi.membership import Identity, Said, join_by, load_member

APPID = "wxba5fad812f8e6fb9"
BOTH = pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
LOGIN = "/wechat_miniprogram/login"
LOOK = "membership.look"
PHONE = "/wechat_miniprogram/phone"


@BOTH
async def test_the_first_login_joins_and_the_second_is_the_same_member(person, wechat):
    first = await person("lei").log_in()
    again = await person("lei").log_in()
    assert (first["joined"], again["joined"]) == (True, False)
    assert first["member"]["id"] == again["member"]["id"]
    identity = {"kind": "wechat_openid", "value": await wechat.openid("lei"), "issuer": APPID}
    assert identity in first["member"]["identities"]


async def test_what_a_guest_has_becomes_the_members(person, seller, wechat):
    await seller.product("tea", stock=3)
    lei = person("lei")
    opened = (await lei.send("POST", "/store/carts")).json()["cart"]
    path = f"/store/carts/{opened['id']}"
    await lei.send("POST", f"{path}/lines", json={"sku": "tea", "quantity": 2})
    await lei.log_in()
    cart = (await lei.send("GET", "/store/carts/current")).json()
    assert [(line["sku"], line["quantity"]) for line in cart["lines"]] == [("tea", 2)]


async def test_a_login_code_serves_once(person, wechat):
    lei, code = person("lei"), await wechat.code("lei")
    answers = [await lei.send("POST", LOGIN, json={"code": code}) for _ in range(2)]
    assert [each.status_code for each in answers] == [200, 422]
    assert answers[1].json()["code"] == "wechat_code_refused"
    refused = await wechat.calls("/sns/jscode2session")
    assert [each["errcode"] for each in refused] == [0, 40163]


async def test_a_code_that_is_not_for_this_login_is_refused(person, wechat):
    old = await wechat.code("lei")
    await wechat.control("POST", "/clock", advance=301)
    others = [
        "0" * 32,
        await wechat.code("lei", appid="wx00000000000other"),
        await wechat.code("lei", "phone"),
    ]
    for code in (old, *others):
        answer = await person("lei").send("POST", LOGIN, json={"code": code})
        assert answer.status_code == 422


async def test_who_is_blocked_by_wechat_does_not_come_in(person, wechat):
    await wechat.user("bad", risky=True)
    code = await wechat.code("bad")
    assert (await person("bad").send("POST", LOGIN, json={"code": code})).status_code == 403


async def test_when_wechat_is_busy_one_may_try_again(person, wechat):
    await wechat.terms(fail_once={"/sns/jscode2session": -1})
    code = await wechat.code("lei")
    answers = [await person("lei").send("POST", LOGIN, json={"code": code}) for _ in range(2)]
    assert [each.status_code for each in answers] == [503, 200]


async def test_one_logs_in_to_a_mini_program_through_its_own_channel(person, wechat):
    lei = person("lei")
    lei.headers["jishi-channel"] = "web"
    answer = await lei.send("POST", LOGIN, json={"code": await wechat.code("lei")})
    assert answer.status_code == 422
    assert "mini_program" in answer.json()["next_step"]


async def test_one_person_in_two_mini_programs_is_one_member_by_unionid(person, wechat):
    await wechat.user("lei", unionid="u-lei")
    first = await person("lei").log_in()
    other = person("lei")
    other.headers["jishi-channel"] = "other_program"
    code = await wechat.code("lei", appid="wx00000000000other")
    answer = (await other.send("POST", LOGIN, json={"code": code})).json()
    assert (answer["joined"], answer["member"]["id"]) == (False, first["member"]["id"])


async def test_without_a_unionid_two_mini_programs_know_two_members(person, wechat):
    first = await person("lei").log_in()
    other = person("lei")
    other.headers["jishi-channel"] = "other_program"
    code = await wechat.code("lei", appid="wx00000000000other")
    answer = (await other.send("POST", LOGIN, json={"code": code})).json()
    assert answer["member"]["id"] != first["member"]["id"]


async def test_a_phone_number_becomes_the_members_and_its_code_serves_once(person, wechat, shop):
    lei = person("lei")
    member = (await lei.log_in())["member"]["id"]
    body = {"code": await wechat.code("lei", "phone")}
    answers = [await lei.send("POST", PHONE, json=body) for _ in range(2)]
    assert [each.status_code for each in answers] == [200, 422]
    known = {
        (one.kind, one.value) for one in (await load_member(shop.database, member)).identities
    }
    assert ("phone", "8613800138000") in known


@BOTH
async def test_another_members_phone_number_stays_his(person, wechat, shop):
    await wechat.user("mei", phone="13800138000")
    lei, mei = person("lei"), person("mei")
    await lei.log_in()
    await mei.log_in()
    await lei.send("POST", PHONE, json={"code": await wechat.code("lei", "phone")})
    answer = await mei.send("POST", PHONE, json={"code": await wechat.code("mei", "phone")})
    assert answer.status_code == 409, answer.text
    kinds = {one.kind for one in (await load_member(shop.database, mei.id)).identities}
    assert kinds == {"wechat_openid"}


async def test_a_number_that_a_till_was_only_told_goes_to_who_proves_it(person, wechat, shop):
    number = Identity(kind="phone", value="8613800138000")
    told = await join_by(shop, number, Said(), "till:pospal")
    lei = person("lei")
    member = (await lei.log_in())["member"]["id"]
    answer = await lei.send("POST", PHONE, json={"code": await wechat.code("lei", "phone")})
    assert answer.status_code == 200, answer.text
    known = (await load_member(shop.database, member)).identities
    assert number in known
    looks = await shop.database.fetch("SELECT payload FROM events_jobs WHERE kind = $1", LOOK)
    assert any(member in str(payload) for (payload,) in looks)
    assert told.member.id != member


async def test_a_phone_number_needs_a_member(person, wechat):
    code = await wechat.code("lei", "phone")
    assert (await person("lei").send("POST", PHONE, json={"code": code})).status_code == 401
    assert await wechat.calls("/wxa/business/getuserphonenumber") == []


async def test_nothing_of_a_person_is_logged_and_the_session_key_goes_nowhere(
    person, wechat, shop, capfd, caplog
):
    caplog.set_level("DEBUG")
    lei, code = person("lei"), await wechat.code("lei")
    await lei.send("POST", LOGIN, json={"code": code})
    await lei.send("POST", LOGIN, json={"code": code})
    await lei.log_in()
    await lei.send("POST", PHONE, json={"code": await wechat.code("lei", "phone")})
    printed = capfd.readouterr()
    logged = printed.out + printed.err + caplog.text
    assert "jscode2session" in logged  # something was logged
    hidden = ["SESSION-KEY", "miniprogram-secret", "13800138000", code]
    hidden.append(await wechat.openid("lei"))
    assert [each for each in hidden if each in logged] == []
    for table in ("membership_identities", "events_jobs", "events_outbox"):
        assert "SESSION-KEY" not in str(await shop.database.fetch(f"SELECT * FROM {table}"))

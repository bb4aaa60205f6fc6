"""One access token for the whole fleet: renewed by one, tried again once, forced when it must."""

import asyncio
from datetime import timedelta

import pytest

from jishi_wechat_miniprogram import calls, tokens
from jishi_wechat_miniprogram.account import Account
from jishi_wechat_miniprogram.problems import MiniProgramProblem, Refused, StaleToken

APPID = "wxba5fad812f8e6fb9"
BOTH = pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
STABLE = "/cgi-bin/stable_token"
ORDER = "/wxa/sec/order/get_order"


@pytest.fixture
async def fleet(shop, account, wechat):
    """Several processes' accounts over one database."""
    accounts = [Account(account.settings, account.desk, shop) for _ in range(6)]
    yield accounts
    for each in accounts:
        await each.close()


def token_of(account: Account) -> tokens.AccessTokens:
    return account.client(APPID)._tokens


async def pays(wechat) -> None:
    await wechat.control(
        "PUT", "/payments", transaction_id="T1", appid=APPID, user="lei", amount=100
    )


@BOTH
async def test_a_fleet_asks_for_one_token(fleet, wechat):
    got = await asyncio.gather(*(token_of(one).current() for one in fleet))
    assert len(set(got)) == 1
    assert len(await wechat.calls(STABLE)) == 1


async def test_without_the_lease_everybody_asks(fleet, wechat, monkeypatch):
    async def anybody(self, row, lease):
        return True

    monkeypatch.setattr(tokens.AccessTokens, "_take", anybody)
    await asyncio.gather(*(token_of(one).current() for one in fleet))
    assert len(await wechat.calls(STABLE)) > 1


@BOTH
async def test_a_fleet_that_is_refused_renews_once(fleet, wechat):
    await pays(wechat)
    bad = await token_of(fleet[0]).current()
    for one in fleet:
        assert await token_of(one).current() == bad
    await wechat.control("POST", "/clock", advance=7201)  # WeChat's clock alone: the shop trusts
    found = await asyncio.gather(*(calls.find_order(one.client(APPID), "T1") for one in fleet))
    assert [one.order_state for one in found] == [1] * 6
    assert len(await wechat.calls(STABLE)) == 2


async def test_without_the_lease_a_refused_fleet_renews_often(fleet, wechat, monkeypatch):
    async def anybody(self, row, lease):
        return True

    await pays(wechat)
    for one in fleet:
        await token_of(one).current()
    await wechat.control("POST", "/clock", advance=7201)
    monkeypatch.setattr(tokens.AccessTokens, "_take", anybody)
    await asyncio.gather(*(calls.find_order(one.client(APPID), "T1") for one in fleet))
    assert len(await wechat.calls(STABLE)) > 2


async def test_the_token_is_not_readable_in_the_database(account, shop, wechat):
    token = await token_of(account).current()
    [(sealed,)] = await shop.database.fetch("SELECT sealed FROM wechat_miniprogram_tokens")
    assert token not in sealed
    assert len(sealed) > len(token)


async def test_a_token_is_renewed_before_its_end(account, shop, wechat):
    first = await token_of(account).current()
    shop.clock.advance(timedelta(seconds=7200 - 275))
    assert await token_of(account).current() == first
    shop.clock.advance(timedelta(seconds=6))
    await wechat.control("POST", "/clock", advance=6931)
    assert await token_of(account).current() != first


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_call_refused_for_its_token_is_made_once_more(account, wechat, code):
    await pays(wechat)
    await wechat.terms(fail_once={ORDER: code})
    assert (await calls.find_order(account.client(APPID), "T1")).transaction_id == "T1"
    assert [one["errcode"] for one in await wechat.calls(ORDER)] == [code, 0]


async def test_and_never_a_third_time(account, wechat):
    await wechat.terms(fail={ORDER: 40001})
    with pytest.raises(StaleToken):
        await calls.find_order(account.client(APPID), "T1")
    assert len(await wechat.calls(ORDER)) == 2


async def test_other_refusals_are_not_repeated(account, wechat):
    with pytest.raises(Refused) as refused:
        await calls.find_order(account.client(APPID), "T1")
    assert refused.value.code == 10060001
    assert len(await wechat.calls(ORDER)) == 1


async def test_wechat_is_forced_only_when_it_insists_and_not_twice_in_30_seconds(account, wechat):
    first = await token_of(account).current()
    await wechat.terms(fail={ORDER: 40001})
    with pytest.raises(StaleToken):
        await calls.find_order(account.client(APPID), "T1")
    forced = [one["body"]["force_refresh"] for one in await wechat.calls(STABLE)]
    assert forced == [False, False, True]
    assert await token_of(account).current() != first
    with pytest.raises(Refused):
        await calls.find_order(account.client(APPID), "T1")
    forced = [one["body"]["force_refresh"] for one in await wechat.calls(STABLE)]
    assert forced == [False, False, True, False]


async def test_who_dies_while_renewing_holds_nobody_up_for_long(account, shop, wechat):
    held = token_of(account)
    row = await held._row()
    assert await held._take(row, "somebody who dies")
    shop.clock.advance(tokens.LEASE)
    assert await held.current()


async def test_wechats_refusal_frees_the_lease(account, wechat):
    await wechat.terms(fail_once={STABLE: -1})
    with pytest.raises(MiniProgramProblem):
        await token_of(account).current()
    assert await token_of(account).current()


async def test_secrets_are_in_no_message(account, wechat):
    await wechat.terms(allowed=False)
    with pytest.raises(Refused) as refused:
        await token_of(account).current()
    assert refused.value.code == 40164
    assert "secret" not in str(refused.value)

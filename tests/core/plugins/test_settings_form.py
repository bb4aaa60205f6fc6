"""Staff see a plugin's settings as a form, and what they save counts in every process."""

import asyncio
from typing import Annotated

import httpx
import msgspec
import pytest

from jishi.callers import Caller
from jishi.config import Secret, setting
from jishi.plugins import (
    Care,
    Declaration,
    Plugin,
    belongings,
    bury,
    hookimpl,
    load_saved,
)
from jishi.pricing import Offer
from jishi.staff import create_owner, list_audit, log_in_staff
from jishi.testing.patience import in_time
from jishi.testing.shop import client_of
from jishi.web import open_shop

PASSWORD = "correct horse battery staple"


class DiscountSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the plugin of these tests can be told."""

    amount: Annotated[
        int, setting(title="Amount", help="Off each line.", unit="fen", ge=0, le=500)
    ] = 5
    key: Annotated[Secret | None, setting(help="Opens the till.")] = None
    partner: Annotated[str, setting(console="no")] = "nobody"
    words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if "no" in self.words:
            raise ValueError("words: never say no")


class Discount(Plugin):
    """Takes a little off every line."""

    declaration = Declaration(
        name="discount", version="1.0", settings=DiscountSettings, live_settings="yes"
    )

    lane = "promotion"

    def __init__(self, settings: DiscountSettings) -> None:
        if settings.amount == 13:
            raise RuntimeError("superstition")
        self.amount = settings.amount

    @hookimpl
    def adjust_price(self, basket, lane, nets):
        if lane != self.lane:
            return None
        amounts = tuple(-self.amount for _ in nets.lines)
        return [Offer(rule="off", reason="优惠", amounts=amounts)]


class Slow(Discount):
    """The same in another lane, but it counts only from a start on."""

    lane = "coupon"

    declaration = msgspec.structs.replace(Discount.declaration, name="slow", live_settings="no")


@pytest.fixture
def shop_plugins(shop_plugins):
    return shop_plugins | {"discount": Discount, "slow": Slow}


@pytest.fixture
def shop_tables(shop_tables):
    discount = {"amount": 7, "key": {"env": "SHOP_SECRET"}}
    return shop_tables | {"plugins": {"discount": discount, "slow": {"amount": 1}}}


@pytest.fixture
async def staff(shop, client) -> httpx.AsyncClient:
    """Give a client that is logged in as the owner."""
    await create_owner(shop, "owner@example.com", PASSWORD)
    told = await log_in_staff(shop, "owner@example.com", PASSWORD, Caller())
    client.headers["authorization"] = f"Bearer {told.token}"
    return client


FORM = "/admin/plugins/discount/settings"


async def price_in(shop) -> int:
    async with client_of(shop) as http:
        return await price_over(http)


async def price_over(http: httpx.AsyncClient) -> int:
    token = (await http.post("/store/sessions", headers={"authorization": ""})).json()["token"]
    lines = {"lines": [{"sku": "tea", "quantity": 1}]}
    headers = {"authorization": f"Bearer {token}"}
    return (await http.post("/store/quotes", json=lines, headers=headers)).json()["lines"][0][
        "total"
    ]


async def test_the_form_tells_everything_but_the_secret(staff):
    form = (await staff.get(FORM)).json()
    amount = form["json_schema"]["properties"]["amount"]
    assert amount == {
        "type": "integer",
        "minimum": 0,
        "maximum": 500,
        "title": "Amount",
        "description": "Off each line.",
        "x-unit": "fen",
        "x-scope": "store",
        "x-secret": "no",
        "default": 5,
    }
    assert form["json_schema"]["properties"]["key"]["readOnly"] is True
    assert form["values"] == {"amount": 7, "partner": "nobody", "words": []}
    assert form["secrets"] == {"key": True}
    assert form["origins"]["amount"] == "file"
    assert form["takes_effect"] == "at once"
    assert "0123456789abcdef" not in str(form)


async def test_what_is_saved_counts_at_once_and_is_in_the_audit_log(shop, staff, seller):
    await seller.product("tea", price=1000)
    assert await price_over(staff) == 992
    form = (await staff.patch(FORM, json={"amount": 100})).json()
    assert (form["values"]["amount"], form["origins"]["amount"]) == (100, "console")
    assert await price_over(staff) == 899
    back = (await staff.patch(FORM, json={"amount": None})).json()
    assert (back["values"]["amount"], back["saved"]) == (7, {})
    assert await price_over(staff) == 992
    log = [each.detail for each in (await list_audit(shop.database, None, 10, "discount")).items]
    assert log == ['{"changes":{"amount":null}}', '{"changes":{"amount":100}}']


WRONG = [
    ({"amount": 501}, "plugins.discount.amount: expected a whole number from 0 to 500"),
    (
        {"amount": "1"},
        'plugins.discount.amount: expected a whole number from 0 to 500, found "1"',
    ),
    ({"amuont": 1}, "plugins.discount.amuont: unknown key; did you mean 'amount'?"),
    ({"key": "x"}, "plugins.discount.key: this cannot be set here; write it as { env"),
    ({"key": {"file": "/etc/passwd"}}, "plugins.discount.key: this cannot be set here"),
    ({"partner": "me"}, "plugins.discount.partner: this cannot be set here"),
    ({"words": ["no"]}, "plugins.discount: words: never say no"),
    ({"amount": 13}, "the plugin refuses them: RuntimeError: superstition"),
]


async def test_nothing_wrong_is_saved(staff):
    for changes, said in WRONG:
        answer = await staff.patch(FORM, json=changes)
        assert answer.status_code == 422, changes
        assert answer.json()["code"] == "wrong_settings"
        assert said in answer.json()["detail"]
    assert (await staff.get(FORM)).json()["saved"] == {}


async def test_the_environment_goes_first(shop_config, staff):
    shop_config.source.environ["JISHI_PLUGINS_DISCOUNT_AMOUNT"] = "9"
    form = (await staff.get(FORM)).json()
    assert (form["values"]["amount"], form["origins"]["amount"]) == (9, "environment")
    answer = await staff.patch(FORM, json={"amount": 1})
    assert answer.status_code == 422
    assert "JISHI_PLUGINS_DISCOUNT_AMOUNT says it" in answer.json()["detail"]


async def test_a_plugin_that_cannot_change_while_it_runs_waits_for_a_restart(
    shop, shop_config, shop_plugins, staff, seller
):
    await seller.product("tea", price=1000)
    form = (await staff.patch("/admin/plugins/slow/settings", json={"amount": 2})).json()
    assert (form["takes_effect"], form["restart"]) == ("restart", "needed")
    assert form["values"]["amount"] == 1
    assert await price_over(staff) == 992
    again = await open_shop(shop_config, shop.clock, shop_plugins)
    try:
        assert await price_in(again) == 991
    finally:
        await again.database.stop()


async def test_who_may_only_read_changes_nothing(shop, client):
    assert (await client.get(FORM)).status_code == 401
    assert (await client.patch(FORM, json={})).status_code == 401


@pytest.mark.measured
async def test_another_process_takes_it_over_within_a_second(
    shop, shop_config, shop_plugins, staff, seller
):
    await seller.product("tea", price=1000)
    other = await open_shop(shop_config, shop.clock, shop_plugins)
    try:
        async with client_of(other) as http:
            assert await price_over(http) == 992
            await staff.patch(FORM, json={"amount": 50})
            with in_time(1):
                async with asyncio.timeout(60):
                    while await price_over(http) != 949:  # noqa: ASYNC110
                        await asyncio.sleep(0.02)  # another process tells nobody
    finally:
        await other.database.stop()


async def test_settings_that_an_update_made_unusable_leave_the_running_plugin_alone(
    shop, staff, shop_config
):
    await staff.patch(FORM, json={"amount": 100})
    async with shop.database.transaction() as tx:
        await tx.execute(
            "UPDATE plugins_settings SET said = $1, version = 7", '{"amount": 1000, "old": 1}'
        )
    await Care(shop.hooks, shop.database).exchange()
    assert (await staff.get(FORM)).json()["values"]["amount"] == 100


async def test_settings_of_an_older_version_that_nobody_knows_any_more_are_passed_over(
    shop, staff
):
    async with shop.database.transaction() as tx:
        await tx.execute(
            "INSERT INTO plugins_settings (plugin, said, version, changed_at) "
            "VALUES ('discount', $1, 1, $2)",
            '{"amount": 3, "gone": 1}',
            shop.clock.now(),
        )
    await Care(shop.hooks, shop.database).exchange()
    assert (await staff.get(FORM)).json()["values"]["amount"] == 3


async def test_with_a_plugins_data_go_its_saved_settings(shop, staff):
    await staff.patch(FORM, json={"amount": 3})
    found = await belongings(shop.database, "discount", Discount, frozenset())
    for data, left in (("kept", ["discount"]), ("purged", [])):
        async with shop.database.transaction() as tx:
            await bury(tx, found, data, shop.clock.now())
        assert [each.plugin for each in await load_saved(shop.database)] == left

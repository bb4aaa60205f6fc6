"""A shop with campaigns in it, and somebody of the staff who makes them."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import httpx
import msgspec
import pytest

from jishi.callers import Caller
from jishi.db import Value
from jishi.identifiers import new_id
from jishi.ledger import balances
from jishi.membership import Identity, enter
from jishi.plugins import Plugin
from jishi.shop import Shop
from jishi.staff import create_owner, log_in_staff
from jishi.testing.people import ADDRESS, Shopper
from jishi_promotions import Promotions
from jishi_promotions.campaigns import Campaign, make_campaign, start_campaign
from jishi_promotions.coupons import NewBatch, issue_batch
from jishi_promotions.structs import Rule

PASSWORD = "correct horse battery staple 9"
Run = Callable[..., Awaitable[Campaign]]
Codes = Callable[..., Awaitable[list[str]]]


def rule_of(**fields: Any) -> Rule:
    """A rule; without a benefit 10 yuan off 100."""
    steps = [{"reach": 10_000, "off": 1000}]
    benefit = fields.pop("benefit", {"kind": "reduction", "steps": steps})
    document = {"title": "满减", "benefit": benefit} | fields
    return msgspec.json.decode(msgspec.json.encode(document), type=Rule)


@pytest.fixture
def shop_plugins(shop_plugins: dict[str, type[Plugin]]) -> dict[str, type[Plugin]]:
    """Give the plugins of the shop, promotions among them."""
    return shop_plugins | {"promotions": Promotions}


@pytest.fixture
def shop_tables(shop_tables: dict[str, Any]) -> dict[str, Any]:
    """Give the shop's jishi.toml; a busy machine is no finding here."""
    budgets = {"promotions": {"load": 5000, "review": 5000, "pure": 5000}}
    return shop_tables | {"plugins": {"budgets": budgets}}


@pytest.fixture
def promotions(shop: Shop) -> Promotions:
    """Give the plugin that is at work."""
    plugin = shop.hooks.plugin("promotions")
    assert isinstance(plugin, Promotions)
    return plugin


@pytest.fixture
def run(promotions: Promotions) -> Run:
    """Give a function that makes a campaign and starts it."""

    async def made(**fields: Any) -> Campaign:
        campaign = await make_campaign(promotions.desk, rule_of(**fields), "staff:test")
        return await start_campaign(promotions.desk, campaign.id, "staff:test")

    return made


@pytest.fixture
def codes(promotions: Promotions, shop: Shop) -> Codes:
    """Give a function that issues codes of a campaign."""

    async def issued(campaign: Campaign, size: int = 1, **more: Any) -> list[str]:
        new = NewBatch(size=size, **more)
        batch = await issue_batch(promotions.desk, campaign.id, new, new_id(), "staff:test")
        rows = await shop.database.fetch(
            "SELECT code FROM promotions_coupons WHERE batch = $1 ORDER BY id", batch.id
        )
        return [str(row[0]) for row in rows]

    return issued


@pytest.fixture
def price() -> Callable[..., Awaitable[int]]:
    """Give a function that asks what goods would cost a shopper, without the delivery."""

    async def price_of(shopper: Shopper, pieces: dict[str, int], **more: Any) -> int:
        lines = [{"sku": sku, "quantity": quantity} for sku, quantity in pieces.items()]
        asked = {"lines": lines, "address": ADDRESS, **more}
        answer = await shopper.send("POST", "/store/quotes", json=asked)
        assert answer.status_code == 200, answer.text
        total: int = answer.json()["total"] - answer.json()["delivery_fee"]
        return total

    return price_of


class Member(Shopper):
    """A member who buys over HTTP."""


@pytest.fixture
def joined(shop: Shop, client: httpx.AsyncClient) -> Callable[[], Awaitable[Member]]:
    """Give a function that makes a member."""

    async def make() -> Member:
        made = Member(client, shop)
        phone = f"+8613{abs(hash(new_id())) % 10**9:09d}"
        caller = Caller(kind="guest", id=made.id, channel="web")
        async with shop.database.transaction() as tx:
            token = await enter(tx, shop, Identity(kind="phone", value=phone), caller)
        made.id = token.member.id
        made.headers = {"authorization": f"Bearer {token.token}"}
        return made

    return make


@pytest.fixture
def left(shop: Shop) -> Callable[[str], Awaitable[int]]:
    """Give a function that says what can still be claimed of an account."""

    async def left_of(account: str) -> int:
        found = await balances(shop.database, [account])
        return found[account].available

    return left_of


@pytest.fixture
def rows(shop: Shop) -> Callable[..., Awaitable[Sequence[tuple[Value, ...]]]]:
    """Give a function that reads rows."""

    async def rows_of(sql: str, *args: Value) -> Sequence[tuple[Value, ...]]:
        return await shop.database.fetch(sql, *args)

    return rows_of


@pytest.fixture
def rule() -> Callable[..., Rule]:
    """Give a function that writes a rule; without a benefit 10 yuan off 100."""
    return rule_of


@pytest.fixture
async def staff(shop: Shop, client: httpx.AsyncClient) -> Shopper:
    """Give the owner, logged in."""
    await create_owner(shop, "owner@example.com", PASSWORD)
    told = await log_in_staff(shop, "owner@example.com", PASSWORD, Caller())
    person = Shopper(client, shop)
    person.headers = {"authorization": f"Bearer {told.token}"}
    return person

"""One shop with every kind of campaign switched on at once, and members who buy in it."""

import os
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import httpx
import msgspec
import pytest

from jishi.callers import Caller
from jishi.checkout import Counter, PlaceOrder, WantedLine, place_order
from jishi.identifiers import new_id
from jishi.ledger import balances, check, stock_account
from jishi.membership import Identity, Said, join_by
from jishi.membership.tokens import give_token
from jishi.orders import Order, RefundLine, RefundWish, find_order, pay_order
from jishi.payments import refund_order, start_payment
from jishi.plugins import Plugin
from jishi.pricing import Basket, Bill, Item, make_bill
from jishi.shop import Shop
from jishi.testing.gateway import PaperGateway
from jishi.testing.people import ADDRESS, Seller, Shopper
from jishi_flash_sale import FlashSale, sales
from jishi_flash_sale.settings import FlashSaleSettings
from jishi_flash_sale.structs import ItemPlan
from jishi_flash_sale.structs import Plan as SalePlan
from jishi_group_buy import GroupBuy, GroupBuySettings
from jishi_group_buy import campaigns as teams
from jishi_live_stream import LiveStream, sessions
from jishi_live_stream.claim_coupon import claim_coupon
from jishi_live_stream.structs import CardPlan, CouponPlan
from jishi_live_stream.structs import Plan as LivePlan
from jishi_loyalty import Loyalty
from jishi_loyalty.grant_points import Grant, grant_points
from jishi_loyalty.read_points import Holding, read_holding
from jishi_loyalty.scheme import scheme_of
from jishi_promotions import Promotions
from jishi_promotions.campaigns import make_campaign, start_campaign, stop_campaign
from jishi_promotions.claims import award_coupon
from jishi_promotions.structs import Rule

LONG = os.environ.get("JISHI_MATRIX") == "long"
"""Whether every combination is tried, not only a cover of them."""

PLUGINS: dict[str, type[Plugin]] = {
    "promotions": Promotions,
    "group_buy": GroupBuy,
    "flash_sale": FlashSale,
    "live_stream": LiveStream,
    "loyalty": Loyalty,
}
TIERS = (
    {"code": "silver", "title": "银卡", "percent_off": 5},
    {"code": "gold", "title": "金卡", "percent_off": 10, "free_delivery_from": 10_000},
    {"code": "black", "title": "黑卡", "price_list": "vip"},
)
SETTINGS: dict[str, dict[str, Any]] = {
    "live_stream": {"secret": {"env": "SHOP_SECRET"}},
    "loyalty": {"tiers": list(TIERS), "points_for_yuan": 10, "points_per_yuan": 1},
}


class Member(NamedTuple):
    """Somebody who is logged in.

    Attributes:
        id: The member's id.
        http: Buys over HTTP.
    """

    id: str
    http: Shopper

    @property
    def caller(self) -> Caller:
        """The same, in process."""
        return Caller(kind="member", id=self.id, channel="web")


class Mall:
    """The shop, the merchant's desk for every kind of campaign, and what can be seen after.

    Args:
        shop: The shop.
        http: Goes to it.
        paper: Takes the money.
    """

    def __init__(self, shop: Shop, http: httpx.AsyncClient, paper: PaperGateway) -> None:
        self.shop, self.http, self.paper = shop, http, paper
        self.seller = Seller(shop)
        self.counter = Counter(shop)
        self._people = 0
        self.products: dict[str, str] = {}
        self.prices: dict[str, int] = {}

    def desk(self, plugin: str):
        """A plugin's desk."""
        return self.shop.hooks.plugin(plugin).desk

    # The merchant

    async def goods(self, prices: Mapping[str, int], stock: int = 5000) -> None:
        """Put goods on the shelf, by SKU, in fen."""
        for sku, price in prices.items():
            made = await self.seller.product(sku, price=price, stock=stock)
            self.products[sku] = made.id
            self.prices[sku] = price

    async def promotion(self, **rule: Any) -> str:
        """A promotion, or a coupon's campaign, that is on."""
        written = msgspec.convert({"title": "活动", **rule}, Rule)
        made = await make_campaign(self.desk("promotions"), written, "staff:1")
        return (await start_campaign(self.desk("promotions"), made.id, "staff:1")).id

    async def stop_promotion(self, campaign: str):
        """Nobody new gets it."""
        return await stop_campaign(self.desk("promotions"), campaign, "staff:9", "写错了")

    async def group(self, skus: Iterable[str], **rules: Any) -> str:
        """A group buy that has started; its teams have a day."""
        now = self.shop.clock.now()
        plan = {
            "title": "拼团",
            "skus": list(skus),
            "starts_at": now.isoformat(),
            "ends_at": (now + timedelta(days=7)).isoformat(),
            "ladder": [{"reach": 2, "percent": 10}, {"reach": 3, "percent": 20}],
            **rules,
        }
        desk, read = self.desk("group_buy"), msgspec.convert(plan, teams.Plan)
        written = await teams.write_down(desk, read, GroupBuySettings(), "staff:1")
        return (await teams.start(desk, written.id, "staff:1")).id

    async def stop_group(self, campaign: str):
        """Nobody new gets it."""
        return await teams.stop(self.desk("group_buy"), campaign, "staff:9", "写错了")

    async def flash(self, prices: Mapping[str, int], quota: int = 500, each: int = 100) -> str:
        """A flash sale that runs."""
        desk, now = self.desk("flash_sale"), self.shop.clock.now()
        items = tuple(
            ItemPlan(sku=sku, price=price, quota=quota, per_member=each)
            for sku, price in prices.items()
        )
        plan = SalePlan(title="秒杀", starts_at=now, ends_at=now + timedelta(days=7), items=items)
        written = await sales.write_down(desk, plan, FlashSaleSettings(), "staff:1")
        return (await sales.schedule(desk, written.id, "staff:1")).id

    async def stop_flash(self, sale: str):
        """Nobody new gets it."""
        return await sales.end(self.desk("flash_sale"), sale, "stopped", "staff:9", "写错了")

    async def live(
        self, prices: Mapping[str, int], pieces: int = 500, each: int = 100, **plan: Any
    ) -> str:
        """A session that is live."""
        desk, now = self.desk("live_stream"), self.shop.clock.now()
        cards = tuple(
            CardPlan(sku=sku, price=price, pieces=pieces, per_member=each)
            for sku, price in prices.items()
        )
        read = LivePlan(
            title="直播", host="小美", starts_at=now, ends_at=now + timedelta(days=7), cards=cards,
            **plan,
        )  # fmt: skip
        written = await sessions.write_down(desk, read, "staff:1")
        return (await sessions.go_live(desk, written.id, "staff:1")).id

    async def stop_live(self, session: str):
        """Nobody new gets it."""
        return await sessions.end_session(self.desk("live_stream"), session, "staff:9", "写错了")

    # The members

    async def member(self, *, tier: str = "", points: int = 0) -> Member:
        """Somebody new, of a tier for a year, with points to spend."""
        self._people += 1
        identity = Identity(kind="phone", value=f"+86137{self._people:08d}")
        found = await join_by(self.shop, identity, Said(), "test")
        member = found.member.id
        if points:
            grant = Grant(
                member=member, points=points, source="granted", reason="a present",
                actor="test", key=new_id(),
            )  # fmt: skip
            await grant_points(scheme_of(self.shop), grant)
        if tier:
            await self._rank(member, tier)

        async def work(tx):
            return await give_token(tx, self.shop, member, "web")

        token, _ = await self.shop.database.atomically(work)
        person = Shopper(self.http, self.shop)
        person.id, person.headers = member, {"authorization": f"Bearer {token}"}
        return Member(member, person)

    async def _rank(self, member: str, tier: str) -> None:
        """A tier as a card brings it."""
        now = self.shop.clock.now()
        async with self.shop.database.transaction() as tx:
            await tx.execute(
                "INSERT INTO loyalty_members (id, tier, card_tier, card_until_at, birthday, "
                "seen_at) VALUES ($1, '', $2, $3, '', $4) ON CONFLICT (id) DO UPDATE SET "
                "card_tier = excluded.card_tier, card_until_at = excluded.card_until_at",
                member,
                tier,
                now + timedelta(days=365),
                now,
            )

    async def give_coupon(self, member: Member, campaign: str) -> None:
        """Put a coupon into a member's wallet."""
        given = await award_coupon(self.desk("promotions"), campaign, member.id, new_id())
        assert given is not None

    async def give_live_coupon(self, member: Member, session: str, code: str) -> None:
        """Have a member claim a coupon of a session."""
        found = await sessions.find_session(self.desk("live_stream"), session)
        await claim_coupon(self.desk("live_stream"), found, code, member.id, new_id())

    # Prices and orders

    def basket(self, member: Member, pieces: Mapping[str, int], **more: Any) -> Basket:
        """What the checkout would price."""
        items = tuple(
            Item(
                key=sku, sku=sku, product=self.products[sku], title=sku, quantity=many,
                unit_price=self.prices[sku], tax_rate=1300,
            )
            for sku, many in pieces.items()
        )  # fmt: skip
        return Basket(items=items, at=self.shop.clock.now(), member=member.id, **more)

    async def bill(self, member: Member, pieces: Mapping[str, int], **more: Any) -> Bill:
        """The price of a basket, in process."""
        return await make_bill(self.shop, self.basket(member, pieces, **more))

    async def place(
        self,
        member: Member,
        pieces: Mapping[str, int],
        extras: Mapping[str, str] | None = None,
        region: str = ADDRESS["region"],
    ) -> Order:
        """An order, in process; nobody has paid it yet."""
        if not self.counter.is_open:
            await self.counter.start()
        request = msgspec.convert(
            {"address": {**ADDRESS, "region": region}, "extras": dict(extras or {})}, PlaceOrder
        )
        lines = tuple(WantedLine(sku=sku, quantity=many) for sku, many in pieces.items())
        request = msgspec.structs.replace(request, lines=lines)
        order, _ = await place_order(self.shop, self.counter, member.caller, request, new_id())
        return order

    async def pay(self, order: Order) -> None:
        """Pay all of it at the gateway, which tells the shop."""
        if not order.total:
            await pay_order(self.shop, order.id, 0, "test")
            return
        attempt = await start_payment(self.shop, order.id, "paper", "scan", {}, "member")
        sheet = self.paper.pay(attempt.number)
        told = await self.http.post("/notify/paper", content=sheet.body, headers=sheet.headers)
        assert told.status_code == 200, told.text

    async def give_back(
        self, order: Order, pieces: Mapping[str, int] | None = None, delivery: int = 0
    ) -> int:
        """Return pieces by SKU, or all that is left; gives what went back, in fen."""
        now = await find_order(self.shop.database, order.id)
        left = {line.sku: line.quantity - line.refunded for line in now.lines}
        wanted = left if pieces is None else pieces
        lines = tuple(
            RefundLine(line=line.id, quantity=wanted[line.sku])
            for line in now.lines
            if wanted.get(line.sku)
        )
        wish = RefundWish(lines=lines, delivery=delivery)
        await refund_order(
            self.shop, order.id, wish, restock="yes", reason="", key=new_id(), actor="staff:1"
        )
        return (await find_order(self.shop.database, order.id)).refunded - now.refunded

    # What can be seen after

    async def points(self, member: Member) -> Holding:
        """What a member has."""
        scheme = scheme_of(self.shop)
        return await read_holding(scheme.desk, scheme.settings, member.id)

    async def available(self, account: str) -> int:
        """What can still be had of an account."""
        return (await balances(self.shop.database, [account]))[account].available

    async def shelf(self, sku: str) -> int:
        """Pieces that can be sold from the shelf."""
        return await self.available(stock_account(sku))

    async def adds_up(self) -> None:
        """Every account of the ledger is the sum of its entries and holds."""
        assert await check(self.shop.database) == []


@pytest.fixture
def campaign_plugins() -> tuple[str, ...]:
    """Give the names of the plugins that are on; a test may want fewer."""
    return tuple(PLUGINS)


@pytest.fixture
def shop_plugins(shop_plugins, campaign_plugins):
    """Give the plugins of the shop, campaigns of every kind among them."""
    return shop_plugins | {name: PLUGINS[name] for name in campaign_plugins}


@pytest.fixture
def shop_tables(shop_tables, campaign_plugins):
    """Give the shop's jishi.toml: tiers, points, and a courier who costs 8 yuan."""
    used = {name: SETTINGS[name] for name in campaign_plugins if name in SETTINGS}
    courier = {"courier": {"zones": [{"first_g": 1_000_000, "first_fee": 800}]}}
    patient = {name: {"load": 5000, "review": 5000, "pure": 5000} for name in campaign_plugins}
    plugins = {**shop_tables.get("plugins", {}), **courier, **used, "budgets": patient}
    return {**shop_tables, "plugins": plugins}


@pytest.fixture
def mall(shop: Shop, client: httpx.AsyncClient, paper: PaperGateway) -> Mall:
    """Give the shop with every kind of campaign on."""
    return Mall(shop, client, paper)


@pytest.fixture
def is_long() -> bool:
    """Whether every combination is tried: with ``JISHI_MATRIX=long``."""
    return LONG


@pytest.fixture
def session_coupon() -> tuple[CouponPlan, ...]:
    """A coupon of a session: 10 off 50."""
    return (CouponPlan(code="c1", title="满50减10", off=1000, over=5000, quantity=5000),)

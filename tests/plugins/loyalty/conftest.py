"""A shop with points in it, and members who buy."""

import httpx
import pytest

from jishi.identifiers import new_id
from jishi.membership import Said, join_by
from jishi.membership.structs import Identity
from jishi.membership.tokens import give_token
from jishi.orders import RefundLine, RefundWish, find_order
from jishi.payments import refund_order
from jishi.shop import Shop
from jishi.testing.people import Shopper
from jishi_loyalty import Loyalty
from jishi_loyalty.grant_points import Grant, grant_points
from jishi_loyalty.read_points import read_holding
from jishi_loyalty.scheme import scheme_of


@pytest.fixture
def shop_plugins(shop_plugins):
    """Give the plugins of the shop."""
    return shop_plugins | {"loyalty": Loyalty}


@pytest.fixture
def loyalty_settings():
    """Give what stands in ``[plugins.loyalty]``."""
    return {}


@pytest.fixture
def shop_tables(shop_tables, loyalty_settings):
    """Give the shop's jishi.toml."""
    budgets = {"loyalty": {"load": 5000, "pure": 5000}}  # a busy machine is no finding here
    return shop_tables | {"plugins": {"loyalty": loyalty_settings, "budgets": budgets}}


class Buyer(Shopper):
    """A member who buys over HTTP."""

    def __init__(self, http: httpx.AsyncClient, shop: Shop, member: str, token: str) -> None:
        super().__init__(http, shop)
        self.id = member
        self.headers = {"authorization": f"Bearer {token}"}

    async def points(self):
        """What he has."""
        scheme = scheme_of(self.shop)
        return await read_holding(scheme.desk, scheme.settings, self.id)

    async def given(self, points: int, key: str = "") -> None:
        """Points that can be spent at once."""
        grant = Grant(
            member=self.id,
            points=points,
            source="granted",
            reason="a present",
            actor="test",
            key=key or new_id(),
        )
        await grant_points(scheme_of(self.shop), grant)

    async def give(self, to: str, points: int, key: str | None = None) -> httpx.Response:
        """Give points to another."""
        return await self.send(
            "POST",
            "/loyalty/gifts",
            json={"to": to, "points": points},
            headers={"idempotency-key": key or new_id()},
        )


class Members:
    """Makes members."""

    def __init__(self, http: httpx.AsyncClient, shop: Shop) -> None:
        self._http = http
        self._shop = shop
        self._count = 0

    async def one(self, phone: str = "") -> Buyer:
        """A member who is logged in."""
        self._count += 1
        phone = phone or f"+86139{self._count:08d}"
        identity = Identity(kind="phone", value=phone)
        found = await join_by(self._shop, identity, Said(), "test")
        token = await token_of(self._shop, found.member.id)
        return Buyer(self._http, self._shop, found.member.id, token)


async def token_of(shop: Shop, member: str) -> str:
    """A token of a member's."""

    async def work(tx):
        return await give_token(tx, shop, member, "web")

    token, _ = await shop.database.atomically(work)
    return token


@pytest.fixture
def members(client, shop):
    """Give members."""
    return Members(client, shop)


@pytest.fixture
def refund(shop):
    """Give money of an order back, by pieces of its lines."""

    async def give_back(order_id: str, pieces: dict[str, int] | None = None, key: str = ""):
        order = await find_order(shop.database, order_id)
        left = {line.sku: line.quantity - line.refunded for line in order.lines}
        wanted = left if pieces is None else pieces
        wish = RefundWish(
            lines=tuple(
                RefundLine(line=line.id, quantity=wanted[line.sku])
                for line in order.lines
                if wanted.get(line.sku)
            )
        )
        return await refund_order(
            shop,
            order_id,
            wish,
            restock="yes",
            reason="test",
            key=key or new_id(),
            actor="test",
        )

    return give_back

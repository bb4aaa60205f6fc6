"""A shop with tea, a campaign for it, and members who open and join teams over HTTP."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from jishi.callers import Caller
from jishi.events import Runner
from jishi.membership import Identity, enter
from jishi.orders import find_order
from jishi.payments import start_payment
from jishi.shop import Shop
from jishi.staff import create_owner, log_in_staff
from jishi.testing.gateway import PaperGateway
from jishi.testing.people import Shopper
from jishi_group_buy import GroupBuy, GroupBuySettings, campaigns, pages

PRICE = 10_000
OWNER = ("owner@example.com", "long and winding road 7")


class Mate(Shopper):
    """A member who buys in teams."""

    paper: PaperGateway

    async def open(self, campaign: str, quantity: int = 1, **order: Any):
        return await self.want("group_buy.open", campaign, quantity, **order)

    async def join(self, code: str, quantity: int = 1, **order: Any):
        return await self.want("group_buy.team", code, quantity, **order)

    async def want(self, name: str, value: str, quantity: int, sku: str = "tea", **order: Any):
        return await self.place({sku: quantity}, extras={name: value}, **order)

    async def pay(self, order: str) -> int:
        """Pay at the gateway, which tells the shop; gives the shop's answer."""
        attempt = await start_payment(self.shop, order, "paper", "scan", {}, "member")
        sheet = self.paper.pay(attempt.number)
        answer = await self.http.post("/notify/paper", content=sheet.body, headers=sheet.headers)
        return answer.status_code

    async def seat(self, order: str) -> dict[str, Any]:
        answer = await self.send("GET", f"/group_buy/orders/{order}")
        assert answer.status_code == 200, answer.text
        return answer.json()


class Merchant:
    """Who launches, watches and stops campaigns."""

    def __init__(self, http, shop: Shop) -> None:
        self.http, self.shop = http, shop
        self.headers: dict[str, str] = {}

    async def log_in(self) -> None:
        """For as long as the house lets people stay."""
        login = await log_in_staff(self.shop, *OWNER, Caller())
        self.headers = {"authorization": f"Bearer {login.token}"}

    async def send(self, method: str, path: str, **request: Any):
        address = f"/group_buy/admin/campaigns{path}"
        answer = await self.http.request(method, address, headers=self.headers, **request)
        if answer.status_code != 401:
            return answer
        await self.log_in()
        return await self.http.request(method, address, headers=self.headers, **request)

    def plan(self, **said: Any) -> dict[str, Any]:
        now = self.shop.clock.now()
        plan = {
            "title": "春茶",
            "skus": ["tea"],
            "starts_at": now.isoformat(),
            "ends_at": (now + timedelta(days=7)).isoformat(),
        }
        return plan | said

    @property
    def desk(self):
        return self.shop.hooks.plugin("group_buy").desk

    async def campaign(self, **said: Any) -> str:
        """A campaign that has started, without the way through the house's door; gives its id."""
        plan = msgspec.convert(self.plan(**said), campaigns.Plan)
        written = await campaigns.write_down(self.desk, plan, GroupBuySettings(), "ann")
        return (await campaigns.start(self.desk, written.id, "ann")).id

    async def stop(self, campaign: str, because: str = "库存不足"):
        return await campaigns.stop(self.desk, campaign, "bob", because)

    async def page(self, campaign: str) -> dict[str, Any]:
        return msgspec.to_builtins(await pages.numbers(self.desk, campaign))

    async def teams(self, campaign: str) -> list[dict[str, Any]]:
        return msgspec.to_builtins((await pages.team_list(self.desk, campaign, "~", 50)).items)


@pytest.fixture
def shop_plugins(shop_plugins):
    return shop_plugins | {"group_buy": GroupBuy}


@pytest.fixture
def merchant(client, shop: Shop) -> Merchant:
    return Merchant(client, shop)


@pytest.fixture
async def at_the_door(merchant: Merchant) -> Merchant:
    """The merchant who goes through the house's door: logged in, over HTTP."""
    await create_owner(merchant.shop, *OWNER)
    return merchant


@pytest.fixture
async def tea(seller) -> None:
    """Five hundred packets, 100 yuan each."""
    await seller.product("tea", price=PRICE, stock=500)


@pytest.fixture
def mate(client, shop: Shop, paper: PaperGateway) -> Callable[..., Awaitable[Mate]]:
    """Give a function that brings another member."""
    count = [0]

    async def come(name: str = "李雷") -> Mate:
        count[0] += 1
        identity = Identity(kind="phone", value=f"+8613800{count[0]:06d}")
        async with shop.database.transaction() as tx:
            login = await enter(tx, shop, identity, Caller(), name=name)
        person = Mate(client, shop)
        person.id, person.paper = login.member.id, paper
        person.headers = {"authorization": f"Bearer {login.token}"}
        return person

    return come


@pytest.fixture
def gathered(mate, merchant, runner: Runner, tea):
    """Give a function that brings a team of paid members."""

    async def gather(people: int, campaign: str | None = None, **rules: Any):
        campaign = campaign or await merchant.campaign(**rules)
        team, orders, code = [await mate() for _ in range(people)], [], ""
        for person in team:
            wanted = person.join(code) if code else person.open(campaign)
            placed = await wanted
            assert placed.status_code == 201, placed.text
            order = placed.json()["id"]
            assert await person.pay(order) == 200
            await runner.drain()
            code = code or (await person.seat(order))["code"]
            orders.append(order)
        return campaign, team, orders, code

    return gather


@pytest.fixture
def net(shop: Shop, paper: PaperGateway):
    """Give what an order cost its member in the end, by the gateway's books."""

    async def cost(order: str) -> int:
        rows = await shop.database.fetch(
            "SELECT number, amount FROM payments_attempts WHERE order_id = $1 AND status = 'paid'",
            order,
        )
        books = sum(int(str(amount)) - paper.given_back(str(number)) for number, amount in rows)
        kept = await find_order(shop.database, order)
        assert kept.paid - kept.refunded == books, "the ledger of the order is not the gateway's"
        return books

    return cost


@pytest.fixture
def passes(shop: Shop, runner: Runner):
    """Give a function that lets time pass and has everything done."""

    async def later(**time: int) -> None:
        shop.clock.advance(timedelta(**time))
        for _ in range(3):
            await runner.drain()

    return later


@pytest.fixture
def shop_tables(shop_tables):
    """Deliver for nothing, so that prices are easy to read."""
    free = {"courier": {"zones": [{"free_from": 0}]}}
    patient = {"budgets": {"group_buy": {"load": 5000, "review": 5000, "pure": 5000}}}
    return shop_tables | {"plugins": {**shop_tables.get("plugins", {}), **free, **patient}}

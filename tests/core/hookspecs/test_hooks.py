"""Every hook is asked by the shop as its specification says; one test a hook, named after it."""

import asyncio
import inspect
import re
from pathlib import Path

import pytest
from litestar import get

from jishi.compliance import Finding
from jishi.fulfilment import DeliveryOption
from jishi.hookspecs import FAMILIES
from jishi.identifiers import new_id
from jishi.orders import RefundLine, RefundWish
from jishi.payments import cancel_order, refund_order
from jishi.plugins import Declaration, Plugin, hookimpl
from jishi.plugins.reference import hook_reference, hooks_of
from jishi.pricing import Offer
from jishi.testing.gateway import PaperGateway
from jishi.themes import Block


class Ear(Plugin):
    """Hears everything, and speaks where it is told to."""

    declaration = Declaration(name="ear", version="0.3")
    heard: list[tuple[str, str]]

    def __init__(self, settings=None) -> None:
        self.heard = []

    @hookimpl
    async def order_placed(self, order):
        self.heard.append(("placed", order.id))

    @hookimpl
    def order_paid(self, order):
        self.heard.append(("paid", order.id))

    @hookimpl
    async def order_shipped(self, order):
        self.heard.append(("shipped", order.id))

    @hookimpl
    async def order_completed(self, order):
        self.heard.append(("completed", order.id))

    @hookimpl
    async def order_cancelled(self, order):
        self.heard.append(("cancelled", order.id))

    @hookimpl
    async def order_refunded(self, order):
        self.heard.append(("refunded", order.id))

    @hookimpl
    async def load_pricing(self, basket):
        return {item.sku: 7 for item in basket.items}

    @hookimpl
    def adjust_price(self, basket, lane, nets):
        if lane != "activity":
            return None
        amounts = tuple(-basket.loaded["ear"][item.sku] for item in basket.items)
        return [Offer(rule="seven", reason="七分钱", amounts=amounts)]

    @hookimpl
    def offer_delivery(self, consignment):
        return [
            DeliveryOption(code="ear:bike", kind="local", title="骑手", fee=consignment.weight_g)
        ]

    @hookimpl
    def review_subject(self, subject):
        if "神药" not in subject.texts.get("title", ""):
            return None
        return [
            Finding(rule="no_miracles", severity="forbidden", message="没有神药。", field="title")
        ]

    @hookimpl
    def register_code_senders(self):
        return [self]

    name = "ear"

    def serves(self, kind):
        return kind == "phone"

    async def send(self, identity, code):
        self.code = code

    @hookimpl
    async def member_joined(self, member):
        self.heard.append(("joined", member.id))

    @hookimpl
    def register_theme_blocks(self):
        return [Block(slot="home_top", template="ear/hello.html")]

    @hookimpl
    def register_routes(self):
        @get("/hello", sync_to_thread=False)
        def hello() -> str:
            return "hello"

        return [hello]


@pytest.fixture
def shop_plugins(shop_plugins):
    return shop_plugins | {"ear": Ear}


@pytest.fixture
def shop_tables(shop_tables):
    return shop_tables | {"web": {"storefront": "on"}}


@pytest.fixture
def ear(shop) -> Ear:
    return shop.hooks.plugin("ear")


async def told(runner, ear: Ear, what: str, subject: str) -> list[str]:
    """Everything that was told of a subject, once ``what`` is among it."""
    async with asyncio.timeout(60):
        # The client has a runner of its own; whichever takes the job, the plugin hears of it.
        while (what, subject) not in ear.heard:
            await runner.drain()
            await asyncio.sleep(0.02)
    return [heard for heard, about in ear.heard if about == subject]


async def test_load_pricing(seller, shopper, ear):
    """What a plugin loads is handed back to it when it adjusts."""
    await seller.product("tea", price=990)
    answer = await shopper.place({"tea": 1}, delivery="courier")
    assert answer.json()["lines"][0]["total"] == 983


async def test_adjust_price(seller, shopper):
    """An adjustment is explained by plugin, rule and reason."""
    await seller.product("tea", price=990)
    body = {"lines": [{"sku": "tea", "quantity": 2}]}
    quote = (await shopper.send("POST", "/store/quotes", json=body)).json()
    (seven,) = [each for each in quote["adjustments"] if each["lane"] == "activity"]
    assert (seven["plugin"], seven["rule"], seven["reason"]) == ("ear@0.3", "seven", "七分钱")
    assert quote["total"] == sum(line["total"] for line in quote["lines"]) + quote["delivery_fee"]


async def test_offer_delivery(seller, shopper):
    """A plugin's way of delivery can be chosen, at the plugin's price."""
    await seller.product("tea", price=990)
    order = (await shopper.place({"tea": 1}, delivery="ear:bike")).json()
    assert (order["delivery"]["code"], order["delivery_fee"]) == ("ear:bike", 500)


async def test_review_subject(seller):
    """What a plugin forbids is not published."""
    assert (await seller.product("tea")).status == "on_sale"
    assert (await seller.product("cure", title="包治百病的神药")).status == "draft"


async def test_register_routes(client):
    """A plugin's routes lie below its name."""
    answer = await client.get("/ear/hello")
    assert (answer.status_code, answer.text) == (200, "hello")


async def test_register_gateways(shop, seller, shopper):
    """A plugin's gateway is offered for an order."""
    await seller.product("tea")
    order = await shopper.up_to("placed", {"tea": 1})
    offered = (await shopper.send("GET", f"/store/orders/{order['id']}/payments")).json()
    assert PaperGateway().name in str(offered)


async def test_register_code_senders(shopper, ear):
    """A login code goes through the plugin that serves the kind of address."""
    await shopper.send("POST", "/store/login/codes", json={"phone": "13800138000"})
    assert len(ear.code) == 6


async def test_member_joined(shopper, runner, ear):
    """Told once somebody becomes a member."""
    await shopper.send("POST", "/store/login/codes", json={"phone": "13800138000"})
    body = {"phone": "13800138000", "code": ear.code}
    joined = (await shopper.send("POST", "/store/login", json=body)).json()
    assert await told(runner, ear, "joined", joined["member"]["id"]) == ["joined"]


async def test_register_theme_blocks(client, shop_config):
    """A plugin's block stands in the slot that the theme names."""
    piece = shop_config.folder / "themes" / "ear" / "hello.html"
    piece.parent.mkdir(parents=True)
    piece.write_text("<p>hello from the {{ '<ear>' }}</p>", "utf-8")
    page = (await client.get("/")).text
    assert "<p>hello from the &lt;ear&gt;</p>" in page


async def test_order_placed(seller, shopper, runner, ear):
    """Told after the commit, once."""
    await seller.product("tea")
    order = await shopper.up_to("placed", {"tea": 1})
    await told(runner, ear, "placed", order["id"])
    await runner.drain()
    assert ear.heard.count(("placed", order["id"])) == 1


async def test_order_paid(seller, shopper, runner, ear):
    """Told once the order is paid in full."""
    await seller.product("tea")
    order = await shopper.up_to("paid", {"tea": 1})
    await told(runner, ear, "paid", order["id"])
    assert ear.heard.count(("paid", order["id"])) == 1


async def test_order_shipped(seller, shopper, runner, ear):
    """Told when goods left the house."""
    await seller.product("tea")
    order = await shopper.up_to("fulfilling", {"tea": 1})
    assert "completed" not in await told(runner, ear, "shipped", order["id"])


async def test_order_completed(seller, shopper, runner, ear):
    """Told when everything arrived."""
    await seller.product("tea")
    order = await shopper.up_to("completed", {"tea": 1})
    await told(runner, ear, "completed", order["id"])
    assert ear.heard.count(("completed", order["id"])) == 1


async def test_order_cancelled(shop, seller, shopper, runner, ear):
    """Told when an order was cancelled."""
    await seller.product("tea")
    order = await shopper.up_to("placed", {"tea": 1})
    await cancel_order(shop, order["id"], "test", "no more")
    assert "paid" not in await told(runner, ear, "cancelled", order["id"])


async def test_order_refunded(shop, seller, shopper, paper, runner, ear):
    """Told when money went back."""
    await seller.product("tea")
    order = await shopper.up_to("placed", {"tea": 1})
    path = f"/store/orders/{order['id']}/payments"
    body = {"gateway": "paper", "method": "scan"}
    await shopper.send("POST", path, json=body)
    (number,) = paper.requests
    sheet = paper.pay(number)
    await shopper.http.post("/notify/paper", content=sheet.body, headers=sheet.headers)
    wish = RefundWish(lines=(RefundLine(line=order["lines"][0]["id"], quantity=1),))
    await refund_order(
        shop, order["id"], wish, restock="yes", reason="back", key=new_id(), actor="test"
    )
    await told(runner, ear, "refunded", order["id"])
    assert ear.heard.count(("refunded", order["id"])) == 1


def test_every_hook_has_a_test_named_after_it():
    elsewhere = {
        "review_checkout",  # tests/core/checkout/test_place_order.py
        "effects_of_order",  # tests/core/checkout/test_place_order.py
        "register_personal_data",  # tests/core/dossiers/test_hooks_of_plugins.py
        "review_erasure",  # tests/core/dossiers/test_hooks_of_plugins.py
        "staff_looked",  # tests/core/dossiers/test_hooks_of_plugins.py
    }
    files = (Path(__file__).parents[1]).rglob("test_*.py")
    named = {name for file in files for name in _TEST.findall(file.read_text("utf-8"))}
    hooks = {spec.__name__ for family in FAMILIES for spec in hooks_of(family)}
    untested = {hook for hook in hooks if not any(hook in name for name in named)}
    assert untested - elsewhere == set()


_TEST = re.compile(r"^(?:async )?def test_(\w+)\(", re.MULTILINE)


def test_the_reference_says_everything_about_every_hook():
    page = hook_reference(FAMILIES, [Ear])
    for family in FAMILIES:
        for spec in hooks_of(family):
            section = page.split(f"### {spec.__name__}\n", 1)[1].split("\n### ")[0]
            assert all(name in section for name in inspect.signature(spec).parameters)
            assert "Since: 0.1" in section

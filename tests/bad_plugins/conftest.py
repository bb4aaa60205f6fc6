"""A pack of bad plugins beside a good one, each in a shop that wants to sell."""

import asyncio
import time
from datetime import timedelta

import pytest
import structlog

from jishi.effects import Claim, Credit, Event
from jishi.fulfilment import DeliveryOption
from jishi.money import Money
from jishi.plugins import Declaration, Plugin, hookimpl
from jishi.pricing import Offer


class Neighbour(Plugin):
    """A good plugin: half a yuan off, a point for every order, and it hears of each."""

    declaration = Declaration(name="neighbour", version="1.0")

    def __init__(self, settings=None) -> None:
        self.heard: list[str] = []

    @hookimpl
    async def load_pricing(self, basket):
        return {"off": 50}

    @hookimpl
    def adjust_price(self, basket, lane, nets):
        if lane != "promotion":
            return None
        off = basket.loaded["neighbour"]["off"]
        amounts = tuple(-off if place == 0 else 0 for place in range(len(nets.lines)))
        return [Offer(rule="half", reason="五毛", amounts=amounts)]

    @hookimpl
    def review_checkout(self, draft):
        return None

    @hookimpl
    async def order_placed(self, order):
        self.heard.append(order.id)


def bad(name: str, **members: object) -> type[Plugin]:
    """A bad plugin that answers the hooks it is given."""
    declaration = Declaration(name=name, version="6.6.6", **members.pop("declared", {}))
    hooks = {key: hookimpl(each) if callable(each) else each for key, each in members.items()}
    return type(name.title().replace("_", ""), (Plugin,), {"declaration": declaration, **hooks})


def raises(self, *_):
    raise KeyError("no such list")


def leaves(self):
    raise SystemExit(3)


def says_it_was_cancelled(self):
    raise asyncio.CancelledError


async def sleeps(self):
    await asyncio.sleep(10)


async def swallows(self):
    while True:
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            continue


def blocks(self):
    time.sleep(0.4)


def changes_the_basket(self, basket):
    basket.items = ()


def changes_what_another_loaded(self, basket):
    basket.loaded["neighbour"]["off"] = 5000


def changes_an_order(self, order):
    order.lines[0].total = 1


def offers(amount, **more):
    def adjust_price(self, basket, lane, nets):
        amounts = (amount,) * len(nets.lines)
        return (
            [Offer(rule="bad", reason="?", amounts=amounts, **more)] if lane == "coupon" else None
        )

    return adjust_price


def offers_below_zero(self, basket, lane, nets):
    if lane != "coupon":
        return None
    return [Offer(rule="bad", reason="?", amounts=(-50.0,) * len(nets.lines))]


def delivers_for_less_than_nothing(self, consignment):
    return [DeliveryOption(code="cheap", kind="courier", title="?", fee=-1)]


def answers_later(self, basket, lane, nets):
    return (each for each in [])


def floods_offers(self, basket, lane, nets):
    return [Offer(rule=f"{number}", reason="?") for number in range(100_000)]


def floods_events(self, order, transition):
    return [
        Event(name="floods_events.happened", data={}, key=f"{number}") for number in range(10_000)
    ]


def claims_less_than_nothing(self, order, transition):
    return [Claim(account="stock:tea:main", amount=-100, key="more")]


def credits_a_float(self, order, transition):
    return [Credit(account="points:x", amount=0.5, key="half", reason="?")]


def tells_in_anothers_name(self, order, transition):
    return [Event(name="order.paid", data={}, key="free")]


SHOPS = []
"""The shops that plugins got hold of, though nobody handed them one."""


async def opens_a_transaction(self):
    async with SHOPS[-1].database.transaction() as tx:
        await tx.execute("DELETE FROM orders_orders")


async def leaks_a_transaction(self):
    await SHOPS[-1].database.transaction().__aenter__()


PACK: dict[str, type[Plugin]] = {
    one.declaration.name: one
    for one in (
        bad("raises", review_checkout=raises),
        bad("raises_loading", load_pricing=raises),
        bad("raises_pricing", adjust_price=raises),
        bad("raises_effects", effects_of_order=raises),
        bad("raises_delivery", offer_delivery=raises),
        bad("leaves", review_checkout=leaves),
        bad("leaves_pricing", adjust_price=leaves),
        bad("says_it_was_cancelled", review_checkout=says_it_was_cancelled),
        bad("says_so_pricing", adjust_price=says_it_was_cancelled),
        bad("sleeps", review_checkout=sleeps),
        bad("sleeps_loading", load_pricing=sleeps),
        bad("swallows", review_checkout=swallows),
        bad("changes_the_basket", load_pricing=changes_the_basket),
        bad("changes_loaded", adjust_price=changes_what_another_loaded),
        bad("changes_an_order", effects_of_order=changes_an_order),
        bad("offers_a_float", adjust_price=offers(-0.5)),
        bad("offers_money", adjust_price=offers(Money(amount=-50, currency="USD"))),
        bad("offers_below_zero", adjust_price=offers_below_zero),
        bad("delivers_below_zero", offer_delivery=delivers_for_less_than_nothing),
        bad("answers_later", adjust_price=answers_later),
        bad("answers_a_word", adjust_price=lambda self: "cheap"),
        bad("answers_words", review_checkout=lambda self: ["no"]),
        bad("floods_offers", adjust_price=floods_offers),
        bad("floods_events", effects_of_order=floods_events),
        bad("claims_below_zero", effects_of_order=claims_less_than_nothing),
        bad("credits_a_float", effects_of_order=credits_a_float),
        bad("tells_in_anothers_name", effects_of_order=tells_in_anothers_name),
        bad("opens_a_transaction", load_pricing=opens_a_transaction),
        bad("leaks_a_transaction", review_checkout=leaks_a_transaction),
    )
}
"""Whoever has one of these cannot sell; the shop says so, names it to staff, and stays well."""


@pytest.fixture
def shop_plugins(shop_plugins, guest):
    return {**shop_plugins, "neighbour": Neighbour, **guest}


@pytest.fixture
def guest():
    """The bad plugin of a test, by its name; overridden by what is parametrised."""
    return {}


@pytest.fixture
def pack():
    """The plugins with which nothing can be sold, by name."""
    return PACK


@pytest.fixture
def busy(shop):
    """How many connections are still at work once everybody had time to give theirs back."""

    async def count() -> int:
        for _ in range(100):
            if not shop.database.connections.busy:
                return 0
            await asyncio.sleep(0.02)
        return shop.database.connections.busy

    return count


@pytest.fixture
def notes():
    """Everything that is logged."""
    with structlog.testing.capture_logs() as lines:
        yield lines


@pytest.fixture
def handed_out(shop):
    """The shop, for plugins that got hold of it in a way of their own."""
    SHOPS.append(shop)
    yield shop
    SHOPS.remove(shop)


@pytest.fixture
def a_minute(shop):
    """Let time pass."""
    return lambda seconds: shop.clock.advance(timedelta(seconds=seconds))

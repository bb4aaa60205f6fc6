"""Tier, promotion, coupon, team, sale, live session and points, in every combination."""

import itertools
import random
import re
from collections.abc import Iterator
from functools import cache
from typing import Literal, NamedTuple

import msgspec
import pytest

from jishi.checkout.problems import OrderRefused
from jishi.clock import FakeClock
from jishi.orders import find_order
from jishi.payments import cancel_order
from jishi.pricing import LANES, Quote, make_bill
from jishi.testing.shop import START
from jishi.web import open_shop
from jishi_flash_sale import accounts as flash_accounts
from jishi_live_stream import accounts as live_accounts

Facet = Literal["tier", "promotion", "coupon", "group", "flash", "live", "points"]
FACETS: tuple[Facet, ...] = (
    "tier", "promotion", "coupon", "group", "flash", "live", "points",
)  # fmt: skip
ENDINGS = ("returned at once", "returned in steps", "cancelled", "never paid")
SIZES = (1, 2, 20)
POINTS = 500
FEE = 800

ONE = {"x": 9_999}
TWO = {"g": 10_001, "y": 7_777}
TWENTY = {f"{kind}{at}": 1_013 + 389 * at + shift for at in range(1, 6)
          for shift, kind in enumerate("gflp")}  # fmt: skip
PRICES = {**ONE, **TWO, **TWENTY}
IN_GROUP = {sku for sku in PRICES if sku[0] in "xg"}
IN_FLASH = {sku: price * 60 // 100 for sku, price in PRICES.items() if sku[0] in "xyf"}
IN_LIVE = {sku: price * 70 // 100 for sku, price in PRICES.items() if sku[0] in "xyl"}
"""Where a sale and a session meet on a line, the sale is cheaper."""


class Case(NamedTuple):
    """A combination, how large the basket is, what becomes of the order."""

    facets: frozenset[Facet]
    size: int
    ending: str

    @property
    def pieces(self) -> dict[str, int]:
        """The basket: SKUs and pieces, one to three of each."""
        skus = {1: ONE, 2: TWO, 20: TWENTY}[self.size]
        return {sku: 1 + at % 3 for at, sku in enumerate(sorted(skus), self.size)}

    @property
    def region(self) -> str:
        """The promotion is for one province."""
        return "浙江省" if "promotion" in self.facets else "江苏省"

    @property
    def is_refused(self) -> bool:
        """A team on the only line that something cheaper takes: no order without its team."""
        return self.size == 1 and "group" in self.facets and bool(self.facets & {"flash", "live"})


def every_price() -> list[Case]:
    """All combinations and sizes."""
    chosen = itertools.product((False, True), repeat=len(FACETS))
    sets = [frozenset(itertools.compress(FACETS, each)) for each in chosen]
    return [Case(facets, size, "") for facets in sets for size in SIZES]


def every_case() -> list[Case]:
    """All combinations, sizes and endings that can be ordered."""
    return [
        case._replace(ending=ending)
        for case in every_price()
        if not case.is_refused
        for ending in ENDINGS
    ]


def traits(case: Case, strength: int) -> set[tuple[object, ...]]:
    """Every ``strength`` things that are true of a case at once."""
    single = [(facet, facet in case.facets) for facet in FACETS]
    named = [*single, ("size", case.size), ("ending", case.ending)]
    return set(itertools.combinations(named, strength))


@cache
def cover(strength: int) -> list[Case]:
    """Few cases in which every ``strength`` of things meet that can meet; always the same ones."""
    cases = every_case()
    random.Random(7).shuffle(cases)
    known = {case: traits(case, strength) for case in cases}
    open_, chosen = set[tuple[object, ...]]().union(*known.values()), []
    while open_:
        best = max(cases, key=lambda case: len(known[case] & open_))
        open_ -= known[best]
        chosen.append(best)
    return chosen


class Stage:
    """The mall with one campaign of each kind.

    Args:
        mall: The shop.
    """

    def __init__(self, mall) -> None:
        self.mall = mall

    async def set_up(self, session_coupon) -> "Stage":
        """Goods, and one campaign of each kind."""
        mall = self.mall
        await mall.goods(PRICES)
        self.group = await mall.group(IN_GROUP, orders_per_member=0)
        self.sale = await mall.flash(IN_FLASH, quota=4000, each=4000)
        self.session = await mall.live(IN_LIVE, pieces=4000, each=4000, coupons=session_coupon)
        await mall.promotion(
            benefit={
                "kind": "reduction",
                "steps": [{"reach": 5000, "off": 501}, {"reach": 20_000, "off": 3001}],
            },
            audience={"regions": ["浙江省"]},
        )
        self.coupon = await mall.promotion(
            trigger="coupon",
            benefit={"kind": "reduction", "steps": [{"reach": 3000, "off": 333}]},
        )
        return self

    async def member(self, case: Case):
        """Somebody who has what the case needs."""
        tier = "gold" if "tier" in case.facets else ""
        member = await self.mall.member(tier=tier, points=POINTS)
        if "coupon" in case.facets:
            await self.mall.give_coupon(member, self.coupon)
        return member

    def extras(self, case: Case) -> dict[str, str]:
        """What the member's client says."""
        said = {
            "group": ("group_buy.open", self.group),
            "flash": ("flash_sale.sale", self.sale),
            "live": ("live_stream.session", self.session),
            "points": ("loyalty.points", "123"),
        }
        return dict(pair for facet, pair in said.items() if facet in case.facets)

    async def quote(self, case: Case, member, pieces=None, shop=None) -> Quote:
        """The price in process, with the delivery."""
        pieces = case.pieces if pieces is None else pieces
        more = {"extras": self.extras(case), "region": case.region, "delivery_fee": FEE}
        basket = self.mall.basket(member, pieces, **more)
        return (await make_bill(shop or self.mall.shop, basket)).quote

    async def pieces_left(self) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
        """The shelf, the sale's quota and the session's cards, by SKU."""
        shelf = {sku: await self.mall.shelf(sku) for sku in PRICES}
        quota = {sku: flash_accounts.quota(self.sale, sku) for sku in IN_FLASH}
        cards = {sku: live_accounts.card(self.session, sku) for sku in IN_LIVE}
        return (
            shelf,
            {sku: await self.mall.available(account) for sku, account in quota.items()},
            {sku: await self.mall.available(account) for sku, account in cards.items()},
        )


@pytest.fixture
async def stage(mall, session_coupon) -> Stage:
    return await Stage(mall).set_up(session_coupon)


def by_sku(quote: Quote) -> dict[str, object]:
    """A price without the order of its lines."""
    lines = {line.sku: line.total for line in quote.lines}
    reasons = [
        (
            each.lane, each.plugin, each.rule, each.reason, each.delivery,
            {line.sku: amount for line, amount in zip(quote.lines, each.amounts, strict=True)},
        )
        for each in quote.adjustments
    ]  # fmt: skip
    return {"lines": lines, "total": quote.total, "why": reasons}


def explained(quote: Quote) -> None:
    """List prices and adjustments are the price: per line, of the delivery, in all."""
    added = [each for each in quote.adjustments if each.included == "no"]
    for at, line in enumerate(quote.lines):
        assert line.subtotal == PRICES[line.sku] * line.quantity
        assert line.total == line.subtotal + sum(each.amounts[at] for each in added)
        assert line.total >= 0
    assert quote.delivery == FEE + sum(each.delivery for each in added) >= 0
    assert quote.total == sum(line.total for line in quote.lines) + quote.delivery
    assert quote.subtotal == sum(line.subtotal for line in quote.lines)
    for each in quote.adjustments:
        assert re.fullmatch(r"[a-z_]+@\d+\.\d+\.\d+", each.plugin)
        assert each.rule.strip()
        assert each.reason.strip()
    places = [LANES.index(each.lane) for each in quote.adjustments]
    assert places == sorted(places)


OF_FACET: dict[Facet, tuple[str, str]] = {
    "tier": ("member", "loyalty"),
    "promotion": ("promotion", "promotions"),
    "coupon": ("coupon", "promotions"),
    "group": ("activity", "group_buy"),
    "flash": ("activity", "flash_sale"),
    "live": ("activity", "live_stream"),
    "points": ("points", "loyalty"),
}


def expected(case: Case) -> set[tuple[str, str]]:
    """Who must stand in the explanation: everybody who is there and does not lose a line."""
    facets = set(case.facets)
    if case.size < 20 and "flash" in facets:
        facets.discard("live")
    if case.is_refused:
        facets.discard("group")
    return {OF_FACET[facet] for facet in facets}


async def test_every_price_is_explained_whatever_meets(stage, shop_config, shop_plugins):
    """All combinations; the same price for turned lines, and with the plugins turned round."""
    turned_plugins = dict(reversed(shop_plugins.items()))
    other = await open_shop(shop_config, FakeClock(START), turned_plugins)
    await other.database.start()
    try:
        cases = every_price()
        if stage.mall.shop.database.dialect == "postgresql":
            cases = cases[::7]
        people = {}
        for case in cases:
            who = case.facets & {"tier", "coupon"}
            member = people.get(who) or people.setdefault(who, await stage.member(case))
            quote = await stage.quote(case, member)
            explained(quote)
            found = {(each.lane, each.plugin.partition("@")[0]) for each in quote.adjustments}
            assert found - {("delivery", "loyalty"), ("tax", "vat")} == expected(case), case
            backwards = dict(reversed(case.pieces.items()))
            assert by_sku(await stage.quote(case, member, backwards)) == by_sku(quote)
            assert by_sku(await stage.quote(case, member, shop=other)) == by_sku(quote)
    finally:
        await other.database.stop()


def cases_here(stage: Stage, is_long: bool) -> list[Case]:
    """A cover of all triples on SQLite, a sample of it on PostgreSQL; everything when asked."""
    if is_long:
        return every_case()
    cases = cover(3)
    return cases if stage.mall.shop.database.dialect == "sqlite" else cases[::3]


def steps(pieces: dict[str, int]) -> Iterator[dict[str, int]]:
    """A piece of each line at a time, until all are gone."""
    for turn in range(max(pieces.values())):
        yield {sku: 1 for sku, many in pieces.items() if many > turn}


async def ends(stage: Stage, case: Case, order, runner) -> None:
    """What becomes of an order."""
    mall = stage.mall
    if case.ending != "never paid":
        await mall.pay(order)
        await runner.drain()
    if case.ending == "returned at once":
        assert await mall.give_back(order, None, order.delivery_fee) == order.total
    elif case.ending == "returned in steps":
        back = [await mall.give_back(order, pieces) for pieces in steps(case.pieces)]
        if order.delivery_fee:
            back.append(await mall.give_back(order, {}, order.delivery_fee))
        assert sum(back) == order.total, "the parts are the whole, to the fen"
    else:
        await cancel_order(mall.shop, order.id, "staff:1", "test", "k")
    await runner.drain()


async def test_what_comes_back_is_what_was_paid_and_what_was_used_up(stage, runner, is_long):
    """Orders of a cover of the matrix, given back in every way; then they cost the same again."""
    mall = stage.mall
    before = await stage.pieces_left()
    sold = {"quota": dict.fromkeys(PRICES, 0), "cards": dict.fromkeys(PRICES, 0)}
    for case in cases_here(stage, is_long):
        member = await stage.member(case)
        had = await mall.points(member)
        quote = await stage.quote(case, member)
        order = await mall.place(member, case.pieces, stage.extras(case), case.region)
        assert order.total == quote.total, case
        assert {line.sku: line.total for line in order.lines} == by_sku(quote)["lines"]
        await ends(stage, case, order, runner)
        kept = await find_order(mall.shop.database, order.id)
        assert kept.refunded == kept.paid == (0 if case.ending == "never paid" else order.total)
        assert [line.refunded_amount for line in kept.lines] == [
            line.total if kept.paid else 0 for line in kept.lines
        ]
        points = await mall.points(member)
        assert (points.available, points.held, points.pending, points.debt) == (POINTS, 0, 0, 0)
        assert [lot for lot in points.lots if lot.points] == list(had.lots), case
        assert by_sku(await stage.quote(case, member)) == by_sku(quote), case
        if case.ending.startswith("returned"):
            count_sold(quote, sold)
    shelf, quota, cards = await stage.pieces_left()
    for sku, at_first in before[0].items():
        assert shelf[sku] == at_first + sold["quota"][sku]
    assert quota == {sku: many - sold["quota"][sku] for sku, many in before[1].items()}
    assert cards == {sku: many - sold["cards"][sku] for sku, many in before[2].items()}
    await mall.adds_up()


def count_sold(quote: Quote, sold: dict[str, dict[str, int]]) -> None:
    """Pieces of a sale and of cards are not for sale at that price again when they come back."""
    for each in quote.adjustments:
        name = {"flash_sale": "quota", "live_stream": "cards"}.get(each.plugin.partition("@")[0])
        if name and each.lane == "activity":
            for line, amount in zip(quote.lines, each.amounts, strict=True):
                sold[name][line.sku] += line.quantity if amount else 0


async def test_a_team_whose_only_line_is_cheaper_elsewhere_is_refused_and_nothing_is_used(
    stage, mall
):
    case = Case(frozenset({"group", "flash", "coupon", "points", "tier"}), 1, "")
    member, before = await stage.member(case), await stage.pieces_left()
    with pytest.raises(OrderRefused, match="团价"):
        await mall.place(member, case.pieces, stage.extras(case), case.region)
    assert await stage.pieces_left() == before
    assert (await mall.points(member)).available == POINTS
    await mall.adds_up()


async def test_the_store_shows_the_same_explanation_over_http(stage, mall):
    """A sample of the matrix: quote, order and what is kept with it say the same."""
    for case in cover(2)[::4]:
        member = await stage.member(case)
        wanted = {
            "lines": [{"sku": sku, "quantity": many} for sku, many in case.pieces.items()],
            "address": address(case.region),
            "extras": stage.extras(case),
        }
        shown = await member.http.send("POST", "/store/quotes", json=wanted)
        assert shown.status_code == 200, shown.text
        quote = await stage.quote(case, member)
        ordered = await member.http.place(
            case.pieces, address=wanted["address"], extras=wanted["extras"]
        )
        assert ordered.status_code == 201, ordered.text
        assert ordered.json()["total"] == shown.json()["total"] == quote.total
        kept = await mall.shop.database.fetch(
            "SELECT explanation FROM orders_orders WHERE id = $1", ordered.json()["id"]
        )
        said = msgspec.json.decode(str(kept[0][0]))
        assert [(each["lane"], each["plugin"], each["rule"]) for each in said["adjustments"]] == [
            (each.lane, each.plugin, each.rule) for each in quote.adjustments
        ]
    await mall.adds_up()


def address(region: str) -> dict[str, str]:
    """Where it goes."""
    return {
        "name": "韩梅梅", "phone": "13800138000", "region": region, "city": "某市",
        "district": "某区", "street": "某路 1 号",
    }  # fmt: skip

"""The cases of cases.md, each worked out by hand, priced by the core with the plugin's offers."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import pytest

from jishi.money import share_of
from jishi.pricing import Basket, Item, Lane, Nets, Offer, PricingSettings, Quote, discount, price
from jishi_promotions.engine import HeldCoupon
from jishi_promotions.index import Index, Version
from jishi_promotions.offers import Loaded, Terms, offers_of
from jishi_promotions.structs import Rule

TEXT = (Path(__file__).parent / "cases.md").read_text("utf-8")
ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


def table(title: str) -> list[dict[str, str]]:
    """The rows of the table below a heading, by the column's name."""
    part = TEXT.split(f"## {title}")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[2:]]


GOODS = {row["SKU"]: row for row in table("商品 · Goods")}
RULES = {
    row["name"]: msgspec.json.decode(
        msgspec.json.encode(
            {
                "title": row["中文"],
                "trigger": "coupon" if row["name"].startswith("C-") else "automatic",
            }
            | msgspec.json.decode(row["JSON"].strip("`"))
        ),
        type=Rule,
    )
    for row in table("规则 · Rules")
}
CASES = table("算例 · Cases")


def fen(yuan: str) -> int:
    whole, _, rest = yuan.partition(".")
    return int(whole) * 100 + int((rest + "00")[:2])


class Case(NamedTuple):
    """A case, read."""

    basket: Basket
    loaded: Loaded
    terms: Terms
    circumstances: dict[str, str]


def item_of(sku: str, quantity: int) -> Item:
    row = GOODS[sku]
    return Item(
        key=sku,
        sku=sku,
        product=f"p-{sku}",
        title=row["商品"],
        quantity=quantity,
        unit_price=fen(row["price"]),
        category=tuple(row["categories"].split()),
        brand="" if row["brand"] == "-" else row["brand"],
    )


def read(row: dict[str, str]) -> Case:
    words = {
        each.strip().partition(" ")[0]: each.strip().partition(" ")[2]
        for each in row["circumstances"].split(";")
        if each.strip()
    }
    goods, _, fee = row["basket"].partition("delivery ")
    at = datetime.fromisoformat(words["at"]).replace(tzinfo=ZONE) if "at" in words else NOON
    basket = Basket(
        items=tuple(item_of(*_counted(word)) for word in goods.split()),
        at=at.astimezone(UTC),
        channel=words.get("channel", "web"),
        store=words.get("store"),
        member="m" if words.keys() & {"member", "gold", "first"} else None,
        groups=frozenset({"loyalty.gold"} if "gold" in words else ()),
        region=words.get("region", ""),
        delivery_fee=fen(fee) if fee else 0,
    )
    names = row["rules"].split()
    index = Index(1, [Version(name, 1, RULES[name]) for name in names])
    coupons = tuple(
        HeldCoupon(name, name, name, 1, None, "yes" if words.get("chosen") == name else "no")
        for name in names
        if name.startswith("C-")
    )
    loaded = Loaded(index, coupons, {}, "yes" if "first" in words else "no")
    return Case(basket, loaded, Terms(ZONE, "zh", int(words.get("coupons", "1"))), words)


def _counted(word: str) -> tuple[str, int]:
    sku, _, quantity = word.partition("×")
    return sku, int(quantity)


def stand_ins(words: dict[str, str], basket: Basket, lane: Lane, nets: Nets) -> list[Offer]:
    """What other plugins would offer."""
    if lane == "activity" and "group" in words:
        rate, sku = words["group"].split()
        return [_off("group", basket, nets, int(rate.strip("%")) * 100, sku)]
    if lane == "activity" and "flash" in words:
        sku, _, yuan = words["flash"].partition("=")
        amounts = tuple(
            fen(yuan) * item.quantity - net if item.sku == sku else 0
            for item, net in zip(basket.items, nets.lines, strict=True)
        )
        return [Offer(rule="flash", reason="秒杀", amounts=amounts)]
    if lane == "member" and "tier" in words:
        return [_off("tier", basket, nets, int(words["tier"].strip("%")) * 100, "")]
    if lane == "points" and "points" in words:
        off = discount(fen(words["points"]), nets.lines)
        return [Offer(rule="points", reason="积分", amounts=off)]
    return []


def _off(rule: str, basket: Basket, nets: Nets, rate: int, sku: str) -> Offer:
    amounts = tuple(
        -share_of(net, rate) if sku in ("", item.sku) else 0
        for item, net in zip(basket.items, nets.lines, strict=True)
    )
    return Offer(rule=rule, reason=rule, amounts=amounts)


def priced(case: Case, turned: Any = tuple) -> Quote:
    """The core's price; ``turned`` puts lines and plugins into another order."""

    def ask(basket: Basket, lane: Lane, nets: Nets) -> Sequence[tuple[str, Sequence[Offer]]]:
        mine = offers_of(case.loaded, basket, lane, nets, case.terms) or []
        others = stand_ins(case.circumstances, basket, lane, nets)
        return turned([("promotions@0.1.0", turned(mine)), ("others@1", turned(others))])

    basket = msgspec.structs.replace(case.basket, items=turned(case.basket.items))
    return price(basket, ask, PricingSettings())


@pytest.mark.parametrize("row", CASES, ids=[row["#"] for row in CASES])
def test_the_case_is_priced_as_a_person_worked_it_out(row: dict[str, str]) -> None:
    quote = priced(read(row))
    found = {line.sku: line.total for line in quote.lines} | {"delivery": quote.delivery}
    wanted = {sku: fen(yuan) for sku, yuan in re.findall(r"(\S+) ([\d.]+)", row["lines"])}
    assert found == {"delivery": 0} | wanted
    assert quote.total == fen(row["total"])


@pytest.mark.parametrize("row", CASES, ids=[row["#"] for row in CASES])
def test_the_case_costs_the_same_in_any_order(row: dict[str, str]) -> None:
    there, back = priced(read(row)), priced(read(row), lambda each: tuple(reversed(each)))
    assert {line.sku: line.total for line in there.lines} == {
        line.sku: line.total for line in back.lines
    }
    assert (there.total, there.delivery) == (back.total, back.delivery)


@pytest.mark.parametrize("row", CASES, ids=[row["#"] for row in CASES])
def test_every_fen_of_the_case_is_explained(row: dict[str, str]) -> None:
    quote = priced(read(row))
    explained = sum(sum(each.amounts) + each.delivery for each in quote.adjustments)
    assert quote.subtotal + read(row).basket.delivery_fee + explained == quote.total
    assert all(each.reason for each in quote.adjustments)


def test_there_are_enough_cases_and_every_rule_is_used() -> None:
    used = {name for row in CASES for name in row["rules"].split()}
    assert len(CASES) >= 40
    assert used == set(RULES)

"""The cases that were worked out by hand, in a real shop and in the pure arithmetic."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jishi.money import allocate
from jishi.orders import RefundLine, RefundWish, find_order
from jishi.payments import cancel_order, refund_order
from jishi_group_buy.decide_team import decide_team
from jishi_group_buy.ladder import price_at
from jishi_group_buy.structs import Rules, Seat, SeatLine, Step

START = datetime(2026, 3, 1, tzinfo=UTC)


def fen(yuan: str) -> int:
    whole, _, part = yuan.partition(".")
    return int(whole) * 100 + int(part)


class Case:
    def __init__(self, row: list[str]) -> None:
        self.number, ladder, price, people, joined, ended, _ = row
        self.price, self.people = fen(price), people.split()
        self.joined = [fen(each) for each in joined.split()]
        self.ended = [fen(each) for each in ended.split()]
        self.plan: dict = {"ladder": []}
        for word in ladder.split():
            self._read(word)

    def _read(self, word: str) -> None:
        name, _, value = word.replace("=", ":=").partition(":")
        if name == "pieces":
            self.plan["unit"] = "pieces"
        elif name == "fill":
            self.plan |= {"unfilled": "fill", "disclosure": "未满员时由商家补足成团。"}
        elif name in ("seats", "leader"):
            self.plan["seats" if name == "seats" else "leader_percent"] = int(value)
        elif value.startswith("="):
            self.plan["ladder"].append({"reach": int(name), "price": fen(value[1:])})
        else:
            self.plan["ladder"].append({"reach": int(name), "percent": int(value)})

    def rules(self) -> Rules:
        ladder = tuple(Step(**step) for step in self.plan["ladder"])
        said = {key: value for key, value in self.plan.items() if key != "ladder"}
        return Rules(ladder=ladder, hours=24, **{"seats": ladder[-1].reach, **said})


def cases() -> list[Case]:
    text = (Path(__file__).parent / "cases.md").read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and line[2].isdigit()]
    return [Case([cell.strip() for cell in line.strip("|").split("|")]) for line in rows]


CASES = cases()
IN_A_SHOP = {"20", "23", "27", "29"}
"""One of each kind is also bought, paid, settled; the others would only say the same again."""


def test_the_table_is_read():
    assert len(CASES) == 36
    assert {case.number for case in CASES} >= IN_A_SHOP


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.number)
def test_the_arithmetic_of_every_case(case):
    rules = case.rules()
    step = rules.ladder[0]
    quantities = [int(each.partition("/")[0]) for each in case.people]
    joined = [price_at(step, case.price * pieces, pieces) for pieces in quantities]
    assert joined == case.joined
    seats = [_seat(case, rules, at) for at in range(len(quantities))]
    decision = decide_team(rules, [seat for seat in seats if seat is not None])
    dues = {due.seat: due.total for due in decision.dues}
    assert [
        _cost(case, at, dues, decision.step is not None) for at in range(len(quantities))
    ] == case.ended


def _fate(case: Case, at: int) -> tuple[int, int]:
    """Pieces ordered, and kept."""
    ordered, _, what = case.people[at].partition("/")
    kept = 0 if what == "left" else int(ordered) + int(what or 0)
    return int(ordered), kept


def _seat(case: Case, rules: Rules, at: int) -> Seat | None:
    ordered, kept = _fate(case, at)
    if not kept:
        return None
    line = SeatLine(sku="tea", quantity=ordered, net=case.price * ordered, joined=case.joined[at])
    return Seat(
        id=str(at),
        team="t",
        campaign="c",
        order=f"o{at}",
        member=f"m{at}",
        newcomer="no",
        pieces=kept,
        lines=(line,),
        state="paid",
        refund=0,
        placed_at=START + timedelta(minutes=at),
    )


def _cost(case: Case, at: int, dues: dict[str, int], filled: bool) -> int:
    """What the member paid, less what was returned before, less what settlement gives back."""
    ordered, kept = _fate(case, at)
    if not kept or not filled:
        return 0
    paid = case.joined[at]
    returned = sum(allocate(paid, [1] * ordered)[kept:])
    return paid - returned - dues[str(at)] * kept // ordered


async def test_one_case_of_each_kind_in_a_shop(seller, merchant, mate, runner, passes, net, shop):
    bought = []
    for case in CASES:
        if case.number in IN_A_SHOP:
            sku = f"tea-{case.number}"
            await seller.product(sku, price=case.price, stock=100)
            campaign = await merchant.campaign(**case.plan, skus=[sku])
            bought.append((case, await _gathered(case, sku, campaign, mate, runner, shop)))
    await passes(hours=25)
    for case, orders in bought:
        assert [await net(order) for order in orders] == case.ended, case.number


async def _gathered(case: Case, sku: str, campaign: str, mate, runner, shop) -> list[str]:
    """The orders of a case's people, after all that happens to them."""
    orders, code = [], ""
    for at, joined in enumerate(case.joined):
        person, (ordered, kept) = await mate(), _fate(case, at)
        wish = ("group_buy.team", code) if code else ("group_buy.open", campaign)
        placed = await person.want(*wish, ordered, sku=sku)
        assert placed.json()["total"] == joined, placed.text
        order = placed.json()["id"]
        await person.pay(order)
        await runner.drain()
        code = code or (await person.seat(order))["code"]
        orders.append(order)
        if not kept:
            await cancel_order(shop, order, "staff:1", "不要了")
        elif kept < ordered:
            await _return_one(shop, order)
        await runner.drain()
    return orders


async def _return_one(shop, order: str) -> None:
    (line,) = (await find_order(shop.database, order)).lines
    wish = RefundWish(lines=(RefundLine(line=line.id, quantity=1),))
    await refund_order(shop, order, wish, restock="yes", reason="", key="r", actor="staff:1")

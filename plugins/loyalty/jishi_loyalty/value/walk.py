"""A member's walk: tops up at a till, pays in the mall with his bank for the rest, returns half.

It talks HTTP alone, so a test and a demo take the same steps against any running shop.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple, Protocol

Answer = Mapping[str, Any]


class Voice(Protocol):
    """Somebody who talks to the shop; an answer that is no success is an error."""

    async def __call__(
        self, method: str, path: str, body: Answer | None = None, key: str | None = None
    ) -> Any:
        """The answer's JSON."""


class People(NamedTuple):
    """Who takes part.

    Attributes:
        member: The member's device, logged in.
        east: The till where he tops up.
        west: The store where he returns.
        pay: Pays a payment that waits, at its gateway; gets the shop's answer.
        settle: Waits until what was begun is done: notices heard, refunds gone.
    """

    member: Voice
    east: Voice
    west: Voice
    pay: Callable[[Answer], Awaitable[None]]
    settle: Callable[[], Awaitable[None]]


class Walk(NamedTuple):
    """What the walk is about.

    Attributes:
        plan: The SKU of the top-up.
        sku: What is bought.
        pieces: How many; an even number whose price is above the top-up.
        address: Where to.
        gateway: Who collects the rest.
        method: How.
        key: Names this walk; another one, another key.
    """

    plan: str
    sku: str
    pieces: int
    address: Answer
    gateway: str
    method: str
    key: str


class Told(NamedTuple):
    """What came of it, in fen; everybody's books beside each other.

    Attributes:
        order: The order's id.
        topped_up: What was there after the top-up, gift included.
        from_balance: What the balance paid.
        from_bank: What the bank paid.
        returned: What the return is worth.
        back_to_bank: What of it the bank got.
        back_to_balance: What of it the balance got.
        balance: What the member's device says at the end.
        statement: The sum of his statement.
    """

    order: str
    topped_up: int
    from_balance: int
    from_bank: int
    returned: int
    back_to_bank: int
    back_to_balance: int
    balance: int
    statement: int

    def disagreements(self) -> list[str]:
        """Books that do not say the same; empty when every statement agrees."""
        left = self.topped_up - self.from_balance + self.back_to_balance
        checks = {
            "the balance is not what was topped up, spent and given back": self.balance == left,
            "the statement does not sum to the balance": self.statement == self.balance,
            "the return went back otherwise than it was paid": self.returned
            == self.back_to_bank + self.back_to_balance,
            "the bank got back more than it paid": self.back_to_bank <= self.from_bank,
            "the balance got back more than it paid": self.back_to_balance <= self.from_balance,
        }
        return [said for said, holds in checks.items() if not holds]


async def walk(people: People, about: Walk) -> Told:
    """Take the walk; the answers are the shop's own."""
    await _top_up(people, about)
    began = (await people.member("GET", "/loyalty/value"))["balance"]
    order = await _buy(people, about)
    line = order["lines"][0]
    await people.west(
        "POST",
        f"/admin/orders/{order['id']}/refund",
        {"lines": [{"line": line["id"], "quantity": about.pieces // 2}], "restock": "yes"},
        f"{about.key}:return",
    )
    await people.settle()
    books = await people.west("GET", f"/admin/orders/{order['id']}/payments")
    wallet = await people.member("GET", "/loyalty/value")
    statement = await people.member("GET", "/loyalty/value/statement")
    seen = await people.member("GET", f"/store/orders/{order['id']}")
    return Told(
        order=order["id"],
        topped_up=began,
        from_balance=_sum(books["attempts"], "captured", "stored_value"),
        from_bank=_sum(books["attempts"], "captured", about.gateway),
        returned=seen["refunded"],
        back_to_bank=_sum(books["refunds"], "amount", about.gateway),
        back_to_balance=_sum(books["refunds"], "amount", "stored_value"),
        balance=wallet["balance"],
        statement=sum(one["principal"] + one["gift"] for one in statement["items"]),
    )


async def _top_up(people: People, about: Walk) -> None:
    code = await people.member("POST", "/loyalty/value/codes", {})
    body = {"code": code["code"], "plan": about.plan, "means": "cash"}
    await people.east("POST", "/loyalty/pos/value/top-ups", body, f"{about.key}:top-up")


async def _buy(people: People, about: Walk) -> Any:
    first = {"gateway": "stored_value", "method": "balance"}
    order = await people.member(
        "POST",
        "/store/orders",
        {
            "lines": [{"sku": about.sku, "quantity": about.pieces}],
            "address": about.address,
            "payment": {"gateway": about.gateway, "method": about.method, "first": first},
        },
        f"{about.key}:order",
    )
    await people.pay(order["payment"])
    await people.settle()
    return order


def _sum(rows: list[dict[str, Any]], column: str, gateway: str) -> int:
    return sum(int(row[column]) for row in rows if row["gateway"] == gateway)

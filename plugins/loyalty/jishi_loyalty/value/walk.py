"""A member's walk: tops up at a till, pays in the mall with his bank for the rest, returns half.

It talks HTTP alone, so a test and a demo take the same steps against any running shop.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple, Protocol

import httpx

Answer = Mapping[str, Any]
_LOOKS = 240
"""How often it is looked whether something has happened, with a `People.settle` before each."""


class WalkFailed(Exception):
    """A step was refused, or something did not happen in time."""


class Voice(Protocol):
    """Somebody who talks to the shop; an answer that is no success is an error."""

    async def __call__(
        self, method: str, path: str, body: Answer | None = None, key: str | None = None
    ) -> Any:
        """The answer's JSON."""


class Speaker:
    """A voice over HTTP.

    Args:
        http: Goes to the shop.
        token: Whose.
        store: Where he stands; empty in the mall.
        say: Told each step: method, path, answer.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        token: str,
        store: str = "",
        say: Callable[[str, str, Any], None] = lambda method, path, answer: None,
    ) -> None:
        self._http = http
        self._headers = {"authorization": f"Bearer {token}"}
        if store:
            self._headers["jishi-store"] = store
        self._say = say

    async def __call__(
        self, method: str, path: str, body: Answer | None = None, key: str | None = None
    ) -> Any:
        """The answer's JSON.

        Raises:
            WalkFailed: The shop refused.
        """
        headers = self._headers | ({"idempotency-key": key} if key else {})
        answer = await self._http.request(method, path, json=body, headers=headers)
        if not answer.is_success:
            raise WalkFailed(f"{method} {path} answered {answer.status_code} {answer.text}")
        found = answer.json() if answer.content else None
        self._say(method, path, found)
        return found


class People(NamedTuple):
    """Who takes part.

    Attributes:
        member: The member's device, logged in.
        east: The till where he tops up.
        west: The store where he returns.
        pay: Pays a payment that waits, at its gateway; gets the shop's answer.
        settle: Lets a moment pass in which notices are heard and refunds go; called again and
            again until they did.
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
    """Take the walk; the answers are the shop's own.

    The plan's value must be below the shop's ``step_up_from``.

    Raises:
        WalkFailed: A step was refused, or something did not happen in time.
    """
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
    books = await _until(
        people,
        lambda: people.west("GET", f"/admin/orders/{order['id']}/payments"),
        lambda found: all(one["status"] == "refunded" for one in found["refunds"]),
    )
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
    return await _until(
        people,
        lambda: people.member("GET", f"/store/orders/{order['id']}"),
        lambda found: found["status"] == "paid",
    )


async def _until(
    people: People, look: Callable[[], Awaitable[Any]], right: Callable[[Any], bool]
) -> Any:
    """What is seen once it is as expected.

    Raises:
        WalkFailed: It did not become so.
    """
    for _ in range(_LOOKS):
        await people.settle()
        if right(found := await look()):
            return found
    raise WalkFailed(f"it did not become as expected: {found}")


def _sum(rows: list[dict[str, Any]], column: str, gateway: str) -> int:
    return sum(int(row[column]) for row in rows if row["gateway"] == gateway)

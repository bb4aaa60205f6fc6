"""The plugin's part in ``jishi demo``: its settings, two stores, and a member's walk."""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import msgspec

from jishi.demo import ADDRESS, Companion, DemoFailed, Ground, Person, yuan
from jishi.identifiers import new_secret
from jishi_loyalty.value.settings import TopUpPlan
from jishi_loyalty.value.walk import Answer, People, Speaker, Told, Walk, WalkFailed, walk

PLAN = TopUpPlan(sku="value-200", pay=20_000, gift=2_000)
"""Pay 200 yuan, get 220: below ``step_up_from``, so no payment password is asked for."""
STORES = {"east": "东门店", "west": "西门店"}
_TILL = (
    "members:read",
    "orders:read",
    "orders:refund",
    "payments:read",
    "value:read",
    "value:spend",
    "value:top_up",
)
_PIECES = 2


def companion(folder: Path) -> Companion:
    """Stored value with a plan, and two stores with tills."""
    return Companion(
        settings={"value": {"enabled": "yes", "plans": [msgspec.to_builtins(PLAN)]}},
        title="会员与储值 loyalty",
        stores=STORES,
    )


def tour(ground: Ground) -> None:
    """Top up at a till, spend part in the mall, return half at another store.

    Raises:
        DemoFailed: A step was refused, or the statements disagree.
    """
    with httpx.Client(base_url=ground.address, timeout=30) as client:
        owner = _owner(client, ground)
        tills = {store: _till(client, ground, owner, store) for store in STORES}
        member, token = _member(client, ground)
        before = _taken(tills["east"])
        try:
            told = asyncio.run(_take(ground, token, tills, _wanted(client)))
        except WalkFailed as failure:
            raise DemoFailed(str(failure)) from failure
        wrong = told.disagreements() + _books(owner, member, told)
        if _taken(tills["east"]) - before != told.topped_up:
            wrong.append("the till's day does not have the top-up")
        if wrong:
            raise DemoFailed(f"the statements disagree: {'; '.join(wrong)}")
        ground.say(
            "对账 every statement agrees", "会员 member, 门店 tills, 账本 ledger", _sum(told)
        )


class _Desk(Person):
    """Staff at the till of a store.

    Attributes:
        token: His.
        store: The store's code.
    """

    def __init__(self, client: httpx.Client, ground: Ground, token: str, store: str) -> None:
        super().__init__(client, ground.say, {"Jishi-Store": store})
        self.becomes(token)
        self.token, self.store = token, store


def _owner(client: httpx.Client, ground: Ground) -> Person:
    owner = Person(client, ground.say)
    owner.becomes(_staff_token(client, ground.owner, ground.password))
    owner.call(
        "收银员角色 role of the tills",
        "PUT",
        "/admin/roles/till",
        body={"scopes": list(_TILL)},
        tell=lambda role: ", ".join(role["scopes"]),
    )
    return owner


def _till(client: httpx.Client, ground: Ground, owner: Person, store: str) -> _Desk:
    """Somebody at a store's till; who worked there in an earlier demo gets a new password."""
    email, password = f"{store}@example.com", new_secret()
    people = owner.look("/admin/staff")["items"]
    known = next((one["id"] for one in people if one["email"] == email), None)
    new = {"email": email, "role": "till", "name": STORES[store]}
    owner.call(
        f"{STORES[store]}收银员 cashier of the {store} store",
        "PATCH" if known else "POST",
        f"/admin/staff/{known}" if known else "/admin/staff",
        body={"password": password} if known else new | {"password": password},
        tell=lambda _: email,
    )
    return _Desk(client, ground, _staff_token(client, email, password), store)


def _staff_token(client: httpx.Client, email: str, password: str) -> str:
    quiet = Person(client, lambda title, call, result: None)
    login = {"email": email, "password": password}
    return str(quiet.call("店员登录 staff", "POST", "/admin/login", body=login)["token"])


def _member(client: httpx.Client, ground: Ground) -> tuple[str, str]:
    """A new member, logged in with the code to his phone: id and token."""
    phone = f"139{secrets.randbelow(10**8):08d}"
    member = Person(client, ground.say)
    member.call("要验证码 code", "POST", "/store/login/codes", body={"phone": phone})
    login = member.call(
        "会员登录 member logs in",
        "POST",
        "/store/login",
        body={"phone": phone, "code": ground.code(phone), "name": "王小明"},
        tell=lambda found: f"{found['member']['name']} {phone}",
    )
    return str(login["member"]["id"]), str(login["token"])


def _wanted(client: httpx.Client) -> str:
    """A SKU of which two cost more than the top-up."""
    least = (PLAN.pay + PLAN.gift) // _PIECES + 1
    path = f"/store/products?in_stock=yes&min_price={least}&max_price={least * 2}&limit=20"
    for item in client.get(path).json()["items"]:
        for sku in client.get(f"/store/products/{item['handle']}").json()["skus"]:
            if sku["available"] >= _PIECES and sku["price"] >= least:
                return str(sku["sku"])
    raise DemoFailed(f"nothing in the shop costs {yuan(least)} or more and is in stock")


async def _take(ground: Ground, token: str, tills: Mapping[str, _Desk], sku: str) -> Told:
    async with httpx.AsyncClient(base_url=ground.address, timeout=30) as http:
        steps = _Steps(ground)

        async def pay(payment: Answer) -> None:
            ground.pay(payment["parameters"])

        people = People(
            member=Speaker(http, token, say=steps.heard),
            east=Speaker(http, tills["east"].token, "east", steps.heard),
            west=Speaker(http, tills["west"].token, "west", steps.heard),
            pay=pay,
            settle=lambda: asyncio.sleep(0.2),
        )
        about = Walk(
            plan=PLAN.sku,
            sku=sku,
            pieces=_PIECES,
            address=ADDRESS,
            gateway=ground.gateway,
            method=ground.method,
            key=new_secret(),
        )
        return await walk(people, about)


class _Steps:
    """Prints the walk's steps; what is looked at again and again, when it has changed."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._said = {""}

    def heard(self, method: str, path: str, answer: Any) -> None:
        """Print one step, if there is something to tell."""
        place = "/".join("…" if len(part) == 36 else part for part in path.split("/"))
        title, tell = _TITLES[method, place]
        result = tell(answer)
        if result and f"{title}{result}" not in self._said:
            self._said.add(f"{title}{result}")
            self._ground.say(title, f"{method} {self._ground.address}{path}", result)


def _order(order: Any) -> str:
    return f"{order['number']} {order['status']} {yuan(order['total'])}"


def _paid(order: Any) -> str:
    if order["refunded"]:
        return f"已退 refunded {yuan(order['refunded'])}"
    return f"已付 paid {yuan(order['paid'])}" if order["status"] == "paid" else ""


def _back(books: Any) -> str:
    if any(one["status"] != "refunded" for one in books["refunds"]):
        return ""
    return ", ".join(f"{one['gateway']} {yuan(one['amount'])}" for one in books["refunds"])


def _lines(statement: Any) -> str:
    return ", ".join(
        f"{one['reason']} {yuan(one['principal'] + one['gift'])}"
        for one in reversed(statement["items"])
    )


_TITLES: dict[tuple[str, str], tuple[str, Callable[[Any], str]]] = {
    ("POST", "/loyalty/value/codes"): ("出示会员码 member's code", lambda a: a["code"][:8] + "…"),
    ("POST", "/loyalty/pos/value/top-ups"): (
        "东门店充值 top up at the east till",
        lambda a: f"{yuan(a['paid'])} + 赠 gift {yuan(a['gift'])}",
    ),
    ("GET", "/loyalty/value"): ("看余额 balance", lambda a: yuan(a["balance"])),
    ("POST", "/store/orders"): ("下单：先用余额 order, balance first", _order),
    ("GET", "/store/orders/…"): ("看订单 order", _paid),
    ("POST", "/admin/orders/…/refund"): (
        "西门店退一半 return half at the west store",
        lambda a: yuan(sum(one["amount"] for one in a["refunds"])),
    ),
    ("GET", "/admin/orders/…/payments"): ("钱退到哪里 where the money went", _back),
    ("GET", "/loyalty/value/statement"): ("会员对账单 member's statement", _lines),
}


def _taken(till: _Desk) -> int:
    """What members were given for money in a store today, gifts included, in fen."""
    day = till.look("/loyalty/pos/value/day")
    return sum(int(one["amount"]) for one in day["items"] if one["kind"] in ("top_up", "gift"))


def _books(owner: Person, member: str, told: Told) -> list[str]:
    """What the shop's own books say otherwise."""
    statement = owner.look(f"/loyalty/members/{member}/value/statement")["items"]
    order = owner.look(f"/admin/orders/{told.order}")["order"]
    ledger = owner.look("/admin/ledger/check")
    wrong = []
    if order["paid"] != told.from_balance + told.from_bank:
        wrong.append("the order was not paid with what the balance and the bank paid")
    if sum(one["principal"] + one["gift"] for one in statement) != told.balance:
        wrong.append("the staff's statement is not the member's")
    if ledger["discrepancies"]:
        wrong.append(f"the ledger does not add up: {ledger['discrepancies']}")
    return wrong


def _sum(told: Told) -> str:
    return (
        f"充值 topped up {yuan(told.topped_up)} − 付款 spent {yuan(told.from_balance)} "
        f"+ 退回 returned {yuan(told.back_to_balance)} = 余额 balance {yuan(told.balance)}; "
        f"微信 bank paid {yuan(told.from_bank)}, got back {yuan(told.back_to_bank)}"
    )

"""A process full of members who do whatever can be done with points, until it is killed.

``python soak.py <database url> <folder> <seed> <operations> <clients> <now>``: it says ``done`` on
a line of its own after each operation, and ``end`` after the last.
"""

import asyncio
import os
import random
import sys
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from jishi.clock import FakeClock
from jishi.config import Source, read_config
from jishi.events import Runner
from jishi.membership import Why, merge_members, part_member
from jishi.membership.tokens import give_token
from jishi.orders import (
    RefundLine,
    RefundWish,
    cancel_order,
    complete_order,
    find_order,
    pay_order,
    ship_order,
)
from jishi.payments import refund_order
from jishi.problems import Problem
from jishi.shop import Shop
from jishi.testing.people import ADDRESS
from jishi.testing.shop import Paper, client_of
from jishi.web import handlers_of, open_shop
from jishi_loyalty import Loyalty
from jishi_loyalty.exchange_points import exchange_points
from jishi_loyalty.give_points import Gift, give_points
from jishi_loyalty.grant_points import Grant, grant_points
from jishi_loyalty.scheme import scheme_of

MINUTES = 20 if os.environ.get("JISHI_LOYALTY") == "long" else 500
"""The most that goes by between two operations."""

KINDS = {"buy": 5, "refund": 3, "gift": 2, "grant": 1, "exchange": 1, "merge": 1, "cancel": 1}
"""How often each operation is chosen."""

SETTINGS = {
    "expiry": "rolling",
    "expiry_months": 1,
    "pending_days": 2,
    "gifts_a_day": 1000,
    "gift_points_a_day": 10**6,
    "rewards": [{"code": "ten", "title": "券", "points": 30, "coupon": "TEN"}],
    "tiers": [{"code": "silver", "title": "银", "reach": 20_000, "points_percent": 150}],
}


def config_of(url: str, folder: Path):
    """The build that the soak runs on."""
    tables = {
        "shop": {"name": "测试小店", "secret": {"env": "SHOP_SECRET"}},
        "database": {"url": url},
        "web": {"storefront": "off"},
        "events": {"jobs": "elsewhere"},
        "checkout": {"unpaid_orders": 500},
        "channels": {"web": {"name": "网店"}},
        "plugins": {"loyalty": SETTINGS},
    }
    secret = {"SHOP_SECRET": "0123456789abcdef0123456789abcdef0123456789abcdef"}
    return read_config(Source(folder, tables=tables, environ=secret))


class Client:
    """Somebody who does one thing after the other; the same seed does the same again."""

    def __init__(self, shop: Shop, http, seed: str, tokens: dict[str, str]) -> None:
        self.shop = shop
        self.http = http
        self.seed = seed
        self.dice = random.Random(seed)
        self.tokens = tokens
        self.scheme = scheme_of(shop)

    async def act(self, at: int) -> None:
        """One operation; some time goes by with it."""
        self.shop.clock.advance(timedelta(minutes=self.dice.randint(0, MINUTES)))
        (kind,) = self.dice.choices(list(KINDS), list(KINDS.values()))
        await getattr(self, kind)(f"{self.seed}:{at}")

    def one(self) -> str:
        """Some member."""
        return self.dice.choice(sorted(self.tokens))

    async def grant(self, key: str) -> None:
        """Points from the shop."""
        grant = Grant(
            member=self.one(),
            points=self.dice.randint(1, 100),
            source="granted",
            reason="soak",
            actor="soak",
            key=key,
        )
        await grant_points(self.scheme, grant)

    async def gift(self, key: str) -> None:
        """Points for another."""
        gift = Gift(to=self.one(), points=self.dice.randint(1, 120))
        await give_points(self.scheme, self.one(), gift, key)

    async def exchange(self, key: str) -> None:
        """A coupon for points."""
        await exchange_points(self.scheme, self.one(), "ten", key)

    async def buy(self, key: str) -> None:
        """An order, perhaps with points, perhaps as far as its end."""
        dice = self.dice
        extras = {"loyalty.points": str(dice.randint(1, 150))} if dice.random() < 0.6 else {}
        pieces, far = dice.randint(1, 3), dice.random()
        body = {
            "lines": [{"sku": "tea", "quantity": pieces}],
            "address": ADDRESS,
            "extras": extras,
        }
        headers = {
            "authorization": f"Bearer {self.tokens[self.one()]}",
            "idempotency-key": key,
        }
        answer = await self.http.post("/store/orders", json=body, headers=headers)
        if answer.status_code != 201 or far < 0.2:
            return
        order = answer.json()
        await pay_order(self.shop, order["id"], order["total"], "soak")
        if far > 0.6:
            await ship_order(self.shop, order["id"], "soak", key[-60:], carrier="SF", tracking="1")
            await complete_order(self.shop, order["id"], "soak")

    async def _order(self, status: str) -> str | None:
        rows = await self.shop.database.fetch(
            "SELECT id FROM orders_orders WHERE status = ANY($1) ORDER BY id", status.split(",")
        )
        return str(self.dice.choice(rows)[0]) if rows else None

    async def refund(self, key: str) -> None:
        """One piece of some order, or all of it."""
        order_id = await self._order("paid,fulfilling,completed")
        if order_id is None:
            return
        order = await find_order(self.shop.database, order_id)
        (line,) = order.lines
        left = line.quantity - line.refunded
        pieces = min(left, self.dice.choice((1, 3)))
        wish = RefundWish(lines=(RefundLine(line=line.id, quantity=pieces),))
        await refund_order(
            self.shop, order_id, wish, restock="yes", reason="soak", key=key, actor="soak"
        )

    async def cancel(self, _: str) -> None:
        """Some unpaid order."""
        if order_id := await self._order("placed"):
            await cancel_order(self.shop, order_id, "soak")

    async def merge(self, _: str) -> None:
        """Two members become one, or are parted."""
        if self.dice.random() < 0.5:
            await merge_members(self.shop, self.one(), self.one(), Why(actor="soak"))
        else:
            await part_member(self.shop, self.one(), Why(actor="soak"))


async def token_of(shop: Shop, member: str) -> str:
    """A new token: time goes by, and old ones end."""

    async def work(tx):
        return await give_token(tx, shop, member, "web")

    token, _ = await shop.database.atomically(work)
    return token


def say(word: str) -> None:
    """Tell whoever started the process."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


async def main(url: str, folder: str, seed: str, operations: str, clients: str, now: str) -> None:
    """Act until it is done."""
    clock = FakeClock(datetime.fromisoformat(now))
    plugins = {"loyalty": Loyalty, "paper": Paper}
    shop = await open_shop(config_of(url, Path(folder)), clock, plugins)
    tokens = {
        one: await token_of(shop, one) for one in Path(folder, "members").read_text().split()
    }
    runner = Runner(shop, handlers_of(shop))
    async with client_of(shop) as http:
        crowd = [Client(shop, http, f"{seed}:{at}", tokens) for at in range(int(clients))]
        share = -(-int(operations) // len(crowd))

        async def live(one: Client) -> None:
            for at in range(share):
                with suppress(Problem):
                    await one.act(at)
                say("done")

        async def work() -> None:
            while True:
                clock.advance(timedelta(hours=one_of.randint(0, 20)))
                await runner.drain()
                await asyncio.sleep(0.05)

        one_of = random.Random(seed)
        working = asyncio.create_task(work())
        await asyncio.gather(*(live(each) for each in crowd))
        working.cancel()
        await asyncio.wait([working])
    await shop.database.stop()
    say("end")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

"""The shop is killed and stopped while people order and pay; nothing that was promised is lost."""

import asyncio
import os
import random
import secrets
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import httpx
import pytest

from jishi.clock import Clock, SystemClock
from jishi.events import Runner
from jishi.identifiers import new_id
from jishi.ledger import balances
from jishi.testing.audit import Journal, Taken, audit, standing
from jishi.testing.patience import no_slower
from jishi.testing.people import ADDRESS
from jishi.web import handlers_of

STOCK = {"tea": 5000, "cup": 15}
CUSTOMERS = 8
KILLS = 5
STEPS = (
    "SELECT step, count(*) FROM orders_timeline WHERE step IN ('cancel', 'expire') GROUP BY step"
)
PATIENCE = 60.0
"""Seconds for everything to come to rest afterwards."""

pytestmark = [pytest.mark.slow, pytest.mark.crash]


class Crowd:
    """People who buy and pay without end, and repeat what was not answered.

    Args:
        http: Goes to the shop.
        wechat: Goes to the simulated WeChat Pay, which nobody kills.
        seed: Decides what everybody does.
    """

    def __init__(self, http: httpx.AsyncClient, wechat: httpx.AsyncClient, seed: int) -> None:
        self.http = http
        self.wechat = wechat
        self.seed = seed
        self.journal = Journal()
        self.owners: dict[str, dict[str, str]] = {}
        self.answers: Counter[str] = Counter()
        self.going_home = asyncio.Event()

    async def customer(self, place: int) -> None:
        """One after the other buys, until it is time to go home."""
        chance = random.Random(f"{self.seed}-{place}")
        while not self.going_home.is_set():
            await self._buy(chance)

    async def _buy(self, chance: random.Random) -> None:
        guest = (await self._insist("POST", "/store/sessions", {})).json()
        me = {"authorization": f"Bearer {guest['token']}"}
        line = {"sku": "cup" if chance.random() < 0.4 else "tea", "quantity": 1}
        body: dict[str, Any] = {"address": ADDRESS, "lines": [line]}
        if chance.random() < 0.5:
            body = await self._fill_cart(me, line)
        key = new_id()
        for _ in range(2 if chance.random() < 0.2 else 1):
            placed = await self._insist(
                "POST", "/store/orders", me | {"idempotency-key": key}, body
            )
            if placed.status_code not in (200, 201):
                return
            order = placed.json()
            self.journal.acknowledge(key, order["id"])
        self.owners[order["id"]] = me
        await self._pay(order["id"], me, chance.random())

    async def _fill_cart(self, me: dict[str, str], line: dict[str, object]) -> dict[str, Any]:
        cart = (await self._insist("POST", "/store/carts", me)).json()["cart"]
        await self._insist("POST", f"/store/carts/{cart['id']}/lines", me, line)
        return {"cart": cart["id"], "address": ADDRESS}

    async def _pay(self, order: str, me: dict[str, str], mood: float) -> None:
        """Most pay at once; some pay what they have cancelled, some never: those expire."""
        way = {"gateway": "wechat_pay", "method": "native"}
        started = await self._insist("POST", f"/store/orders/{order}/payments", me, way)
        if started.status_code != 201 or mood < 0.15:
            return
        code = started.json()["parameters"]["code_url"]
        if mood > 0.3:
            page = f"/pay/{code.rpartition('pr=')[2]}"
            await self.wechat.post(page, data={"decision": "confirm"})
            return
        await self._insist("POST", f"/store/orders/{order}/cancel", me)
        opened = (await self.wechat.get("/_control/orders")).json()
        (number,) = (each["out_trade_no"] for each in opened if code.endswith(each["code"]))
        await self.wechat.post(f"/_control/orders/{number}/pay", json={"timing": "late"})

    async def _insist(
        self, method: str, path: str, headers: dict[str, str], body: object = None
    ) -> httpx.Response:
        """Ask until there is an answer; 503 and a broken connection are none."""
        while True:
            with suppress(httpx.TransportError):
                answer = await self.http.request(method, path, headers=headers, json=body)
                what = f"{method} {path.split('/')[-1] if body else ''} {answer.status_code}"
                code = answer.json().get("code", "") if answer.is_error else ""
                self.answers[f"{answer.status_code} {code}".strip() if code else what] += 1
                if answer.status_code != 503:
                    return answer
            await asyncio.sleep(0.02)


@asynccontextmanager
async def crowd(served, wechat, seed: int) -> AsyncIterator[Crowd]:
    """Customers at work; leaving sends them home after what they are about."""
    limits = httpx.Limits(max_connections=CUSTOMERS * 2)
    async with (
        httpx.AsyncClient(base_url=served.address, timeout=20, limits=limits) as http,
        httpx.AsyncClient(base_url=wechat.address, timeout=20) as till,
    ):
        people = Crowd(http, till, seed)
        async with asyncio.TaskGroup() as group:
            for place in range(CUSTOMERS):
                group.create_task(people.customer(place))
            yield people
            people.going_home.set()


async def taken(address: str) -> list[Taken]:
    """What WeChat took and gave back."""
    async with httpx.AsyncClient(base_url=address) as http:
        orders = (await http.get("/_control/orders")).json()
        refunds = (await http.get("/_control/refunds")).json()
    back: Counter[str] = Counter()
    for each in refunds:
        back[each["out_trade_no"]] += each["amount"]
    return [
        Taken(
            number=each["out_trade_no"], amount=each["total"], returned=back[each["out_trade_no"]]
        )
        for each in orders
        if each["paid_at"] is not None
    ]


async def until(right: Callable[[], Any], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not await right():
        assert time.monotonic() < end, f"{what}: not within {PATIENCE:.0f} s"
        await asyncio.sleep(0.1)


async def notices_heard(address: str) -> None:
    """Wait until every notice of WeChat's was accepted."""

    async def heard() -> bool:
        async with httpx.AsyncClient(base_url=address) as http:
            notices = (await http.get("/_control/notices")).json()
        return all(each["accepted"] for each in notices)

    await until(heard, "every notice is heard")


class InAMinute(Clock):
    """A minute from now: what a killed process had leased is free again, queries are due."""

    def now(self):
        return SystemClock().now() + timedelta(minutes=1)


async def unseen(people: Crowd, address: str) -> list[str]:
    """Acknowledged orders that their customers do not find any more."""
    async with httpx.AsyncClient(base_url=address) as http:
        return [
            order
            for order, me in people.owners.items()
            if (await http.get(f"/store/orders/{order}", headers=me)).json().get("id") != order
        ]


async def come_to_rest(build, wechat, served) -> None:
    """Wait for the notices, end the shop, do the jobs that its processes left."""
    await notices_heard(wechat.address)
    served.signal(signal.SIGTERM)
    await asyncio.to_thread(served.process.wait, 20)
    async with build.opened(InAMinute(), {"witness": build.own("witness")}) as shop:
        await Runner(shop, handlers_of(shop)).drain()


async def complaints(build, people: Crowd, wechat) -> list[str]:
    """Everything that does not fit, the witness's testimony included."""
    async with build.opened() as shop:
        found = await audit(shop, people.journal, await taken(wechat.address), STOCK)
        orders = await shop.database.fetch("SELECT id, paid FROM orders_orders")
        ended = dict(await shop.database.fetch(STEPS))
        counted = {
            "place": len(orders),
            "pay": sum(1 for _, paid in orders if paid),
            "cancel": ended.get("cancel", 0),
            "expire": ended.get("expire", 0),
        }
        found += await standing(shop)
        seen = await balances(shop.database, [f"witness:{each}" for each in counted])
    for step, times in counted.items():
        effects = seen[f"witness:{step}"].balance
        if effects != times:
            found.append(f"{times} × {step}, but {effects} effects")
    heard = set((build.folder / "site" / "witnessed").read_text().split())
    return found + [f"{order}: unheard" for order, *_ in orders if order not in heard]


async def killed_again_and_again(served, chance: random.Random) -> None:
    for _ in range(KILLS):
        await asyncio.sleep(chance.uniform(0.2, 1.5))
        served.signal(signal.SIGKILL)
        await asyncio.to_thread(served.restart)
        await asyncio.to_thread(served.ready)
    await asyncio.sleep(0.5)


async def expired(build) -> int:
    """Orders whose time was over before they were paid."""
    async with build.opened() as shop:
        return dict(await shop.database.fetch(STEPS)).get("expire", 0)


@pytest.mark.bar("B02")
async def test_nothing_is_lost_when_the_server_is_killed(build, wechat, serve):
    seed = int(os.environ.get("JISHI_TEST_SEED") or secrets.randbelow(10**6))
    sys.stdout.write(f"again with JISHI_TEST_SEED={seed}\n")
    build.install("witness")
    build.install("hasty")
    await build.sells(**STOCK)
    served = serve()
    async with crowd(served, wechat, seed) as people:
        await killed_again_and_again(served, random.Random(seed))
    assert await unseen(people, served.address) == []
    await come_to_rest(build, wechat, served)
    said = f"seed {seed}: {len(people.owners)} orders, {dict(people.answers)}"
    sys.stdout.write(said + "\n")
    assert await complaints(build, people, wechat) == [], said
    assert people.owners, said
    assert await expired(build) > 0, said
    assert not [each for each in people.answers if each.startswith("500")], said
    checked = build.command("ledger", "check")
    assert checked.returncode == 0, checked.stdout


@pytest.mark.measured
async def test_a_stop_under_load_finishes_what_was_begun(build, wechat, serve):
    build.install("witness")
    await build.sells(**STOCK)
    served = serve()
    async with crowd(served, wechat, 1) as people:
        await asyncio.sleep(1.5)
        began = time.monotonic()
        served.process.send_signal(signal.SIGTERM)
        code = await asyncio.to_thread(served.process.wait, 20)
        seconds = time.monotonic() - began
        await asyncio.to_thread(served.restart)
        await asyncio.to_thread(served.ready)
    assert code == 0
    assert await unseen(people, served.address) == []
    await come_to_rest(build, wechat, served)
    assert await complaints(build, people, wechat) == []
    no_slower(seconds, 10)

"""A whole shop in front of a PostgreSQL that breaks.

`build`, `serve` and `wechat` are those of tests/whole, on PostgreSQL alone; `server` may be
killed and started again, `proxy` stands before it.

JISHI_FAULTS=long asks for the long profile: 500 buyers, five kills, one answer of a hundred lost,
a black hole of 30 s; on a busy machine with `--timeout 600`.
"""

import asyncio
import importlib.util
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from shutil import copy

import httpx
import pytest

from jishi.clock import Clock, SystemClock
from jishi.events import Runner
from jishi.identifiers import new_id
from jishi.membership import new_guest
from jishi.testing.audit import Journal, Taken, audit
from jishi.testing.fault_proxy import FaultProxy
from jishi.testing.people import ADDRESS
from jishi.testing.postgres_crash import CrashableServer
from jishi.testing.postgres_server import NoServer
from jishi.web import handlers_of


def _whole():
    file = Path(__file__).parents[1] / "whole" / "conftest.py"
    spec = importlib.util.spec_from_file_location("jishi_tests_whole", file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


whole = _whole()
build, serve, wechat = whole.build, whole.serve, whole.wechat


def is_long() -> bool:
    return os.environ.get("JISHI_FAULTS") == "long"


UNITS = 100
"""Pieces of tea there are; more people want one."""

RATHER_GIVE_UP = 150.0
"""Seconds that a buyer insists, restarts on a busy machine included."""


class Buyers:
    """People who all want one piece of tea, insist until they are answered, and pay.

    Args:
        build: The shop's.
        wechat: Where they pay.
        people: How many.

    Attributes:
        journal: What the shop told them.
        answers: Statuses and codes, counted.
        slowest: Seconds that the slowest answer took.
        served: Buyers who know how it ended for them.
    """

    def __init__(self, build, wechat, people: int) -> None:
        self.build, self.wechat, self.people = build, wechat, people
        self.journal = Journal()
        self.answers: Counter[str] = Counter()
        self.unclear: Counter[str] = Counter()
        self.slowest = 0.0
        self.served = 0
        self.lost_lines = 0

    async def __aenter__(self) -> "Buyers":
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=100)
        self.http = httpx.AsyncClient(base_url=self.build.address, limits=limits, timeout=30)
        self.till = httpx.AsyncClient(base_url=self.wechat.address, timeout=30)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()
        await self.till.aclose()

    async def put_on_sale(self) -> None:
        """Put the tea on the shelf and hand everybody a token."""
        await self.build.sells(tea=UNITS)
        async with self.build.opened() as shop:
            self.tokens = [new_guest(shop).token for _ in range(self.people)]

    async def until_served(self, people: int) -> None:
        """Wait until so many know how it ended for them."""
        while self.served < people:  # noqa: ASYNC110 - a counter of the test's own
            await asyncio.sleep(0.01)

    async def rush(self, over: float) -> None:
        """Everybody comes within so many seconds."""
        chance = random.Random(4711)
        comings = [chance.uniform(0, over) for _ in range(self.people)]
        async with asyncio.TaskGroup() as group:
            for place, coming in enumerate(comings):
                group.create_task(self._come(place, coming))

    async def _come(self, place: int, coming: float) -> None:
        await asyncio.sleep(coming)
        me = {"authorization": f"Bearer {self.tokens[place]}"}
        body = {"lines": [{"sku": "tea", "quantity": 1}], "address": ADDRESS}
        key = f"buyer-{place}"
        placed = await self.insist("/store/orders", me | {"idempotency-key": key}, body)
        if placed.is_success:
            self.journal.acknowledge(key, placed.json()["id"])
            await self._pay(placed.json()["id"], me)
        self.served += 1

    async def _pay(self, order: str, me: dict[str, str]) -> None:
        way = {"gateway": "wechat_pay", "method": "native"}
        started = await self.insist(f"/store/orders/{order}/payments", me, way)
        assert started.status_code == 201, started.text
        code = started.json()["parameters"]["code_url"].rpartition("pr=")[2]
        await self.till.post(f"/pay/{code}", data={"decision": "confirm"})

    async def insist(self, path: str, headers: dict[str, str], body: object) -> httpx.Response:
        """Ask until there is an answer; 503 and a broken line are none, a 500 is a defect."""
        end = time.monotonic() + RATHER_GIVE_UP
        while True:
            began = time.monotonic()
            assert began < end, f"{path}: no answer within {RATHER_GIVE_UP} s: {self.told}"
            try:
                answer = await self.http.post(path, headers=headers, json=body)
            except httpx.TransportError:
                self.lost_lines += 1
                await asyncio.sleep(0.4)
                continue
            self.slowest = max(self.slowest, time.monotonic() - began)
            self._note(answer)
            if answer.status_code != 503:
                return answer
            await asyncio.sleep(0.4)

    def _note(self, answer: httpx.Response) -> None:
        code = answer.json().get("code", "") if answer.is_error else ""
        self.answers[f"{answer.status_code} {code}".strip()] += 1
        if answer.status_code == 503 and not (
            answer.headers.get("retry-after") and answer.json().get("next_step")
        ):
            self.unclear[answer.text] += 1

    async def taken(self) -> list[Taken]:
        """What the gateway took and gave back."""
        orders = (await self.till.get("/_control/orders")).json()
        back: Counter[str] = Counter()
        for each in (await self.till.get("/_control/refunds")).json():
            back[each["out_trade_no"]] += each["amount"]
        return [
            Taken(
                number=each["out_trade_no"],
                amount=each["total"],
                returned=back[each["out_trade_no"]],
            )
            for each in orders
            if each["paid_at"] is not None
        ]

    async def complaints(self, served) -> list[str]:
        """End the shop and give what does not fit: all sold, every payment on an order."""
        served.process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(served.process.wait, 20)
        async with self.build.opened(InAMinute()) as shop:
            await Runner(shop, handlers_of(shop)).drain()
            ((paid,),) = await shop.database.fetch(_PAID)
            found = await audit(shop, self.journal, await self.taken(), {"tea": UNITS})
        if paid != UNITS:
            found.append(f"{paid} sold of {UNITS}")
        found += [f"a 503 that helps nobody: {each}" for each in self.unclear]
        return found + [f"{n} × {each}" for each, n in self.answers.items() if each[:3] == "500"]

    @property
    def told(self) -> str:
        """The figures, for whoever reads the test's output."""
        answers = ", ".join(f"{n} × {each}" for each, n in sorted(self.answers.items()))
        return f"{answers}; {self.lost_lines} lines broken; slowest answer {self.slowest:.1f} s"


_PAID = "SELECT count(*) FROM orders_orders WHERE status = 'paid'"


class InAMinute(Clock):
    """A minute from now: what a killed process had leased is free again, queries are due."""

    def now(self):
        return SystemClock().now() + timedelta(minutes=1)


@pytest.fixture
def profile() -> str:
    """Give ``short`` or ``long``."""
    return "long" if is_long() else "short"


@pytest.fixture(scope="session")
def cluster() -> Iterator[CrashableServer]:
    """Give a server of our own; a test that kills it starts it again."""
    try:
        server = CrashableServer()
    except NoServer as error:
        if os.environ.get("JISHI_REQUIRE_POSTGRES") == "1":
            raise
        pytest.skip(str(error))
    server.start()
    yield server
    server.remove()


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give an empty database on the server that may be killed; a test may ask for SQLite."""
    if getattr(request, "param", "postgresql") == "sqlite":
        return f"sqlite:///{tmp_path / 'shop.db'}"
    cluster: CrashableServer = request.getfixturevalue("cluster")
    return cluster.create_database(f"shop_{new_id()}")


@pytest.fixture
def proxy(database_url: str) -> Iterator[FaultProxy]:
    """Give a way to the database that breaks when told."""
    with FaultProxy(database_url) as proxy:
        yield proxy


@pytest.fixture
def install(build):
    """Give a function that installs a plugin of this folder; its class is called Own."""

    def install(plugin: str) -> None:
        site = build.folder / "site"
        about = site / f"{plugin}-1.0.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {plugin}\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text(f"[jishi.plugins]\n{plugin} = {plugin}:Own\n")
        copy(Path(__file__).with_name(f"{plugin}.py"), site)
        build.enable(plugin)

    return install


@pytest.fixture
async def buyers(build, wechat, profile: str) -> AsyncIterator["Buyers"]:
    """Give everybody who wants one of a hundred pieces of tea."""
    async with Buyers(build, wechat, 500 if profile == "long" else 160) as buyers:
        yield buyers

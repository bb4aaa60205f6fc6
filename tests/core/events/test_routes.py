"""What staff see of dead jobs and of the ledger, and who may."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from httpx import ASGITransport, AsyncClient
from litestar import Litestar, Request, Response
from litestar.datastructures import State

from jishi.callers import Caller
from jishi.db import Migrations, Source
from jishi.events import Handlers, Job, Runner, backlog, dead_jobs, enqueue
from jishi.events.routes import ROUTES as EVENT_ROUTES
from jishi.ledger import Credit, Group, apply_one
from jishi.ledger.routes import ROUTES as LEDGER_ROUTES
from jishi.problems import Problem
from jishi.shop import Shop


@pytest.fixture
async def client(shop: Shop) -> AsyncIterator[AsyncClient]:
    async def ask_who(request: Request) -> None:
        scopes = frozenset(request.headers.get("scopes", "").split())
        request.scope["jishi.caller"] = Caller(kind="staff", id="s1", scopes=scopes)

    def answer(_: Request, problem: Problem) -> Response:
        return Response(problem.document(), status_code=problem.status)

    app = Litestar(
        [*EVENT_ROUTES, *LEDGER_ROUTES],
        before_request=ask_who,
        exception_handlers={Problem: answer},
        state=State({"shop": shop}),
    )
    ledger = Source(name="ledger", package="jishi.ledger.migrations")
    events = Source(name="events", package="jishi.events.migrations")
    await Migrations(shop.database, [ledger, events]).upgrade()
    async with AsyncClient(transport=ASGITransport(app), base_url="http://shop") as client:
        yield client


async def kill_jobs(shop: Shop, count: int) -> None:
    jobs = [Job(kind="nobody.does", payload={}, key=f"k{number}") for number in range(count)]
    async with shop.database.transaction() as tx:
        await enqueue(tx, shop, jobs)
    while (await backlog(shop)).jobs:
        await Runner(shop, Handlers()).drain()
        shop.clock.advance(timedelta(days=1))


MANAGER = {"scopes": "events:manage"}
READER = {"scopes": "ledger:read"}


async def test_dead_jobs_come_in_pages(shop: Shop, client: AsyncClient):
    await kill_jobs(shop, 3)
    first = (await client.get("/admin/events/dead?limit=2", headers=MANAGER)).json()
    path = f"/admin/events/dead?limit=2&cursor={first['next']}"
    second = (await client.get(path, headers=MANAGER)).json()
    assert [one["key"] for one in first["items"] + second["items"]] == ["k0", "k1", "k2"]
    assert second["next"] is None


async def test_a_dead_job_is_replayed_once(shop: Shop, client: AsyncClient):
    await kill_jobs(shop, 1)
    (dead,) = await dead_jobs(shop.database)
    path = f"/admin/events/dead/{dead.id}/replay"
    assert (await client.post(path, headers=MANAGER)).status_code == 204
    assert (await backlog(shop)).due == 1
    assert (await client.post(path, headers=MANAGER)).status_code == 404


async def test_an_account_shows_its_entries(shop: Shop, client: AsyncClient):
    credit = Credit(account="stock:茶/1:main", amount=5, key="c1", reason="delivery")
    async with shop.database.transaction() as tx:
        await apply_one(tx, Group(operations=(credit,)), shop.clock.now())
    path = "/admin/ledger/accounts/stock:%E8%8C%B6%2F1:main"
    found = (await client.get(path, headers=READER)).json()
    assert (found["account"], found["balance"], found["available"]) == (credit.account, 5, 5)
    assert [one["amount"] for one in found["items"]] == [5]
    assert found["next"] is None
    assert (await client.get("/admin/ledger/accounts/none", headers=READER)).status_code == 404


async def test_the_recount_is_shown(shop: Shop, client: AsyncClient):
    assert (await client.get("/admin/ledger/check", headers=READER)).json() == {
        "discrepancies": []
    }


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "/admin/events/dead"),
        ("POST", "/admin/events/dead/x/replay"),
        ("GET", "/admin/ledger/check"),
        ("GET", "/admin/ledger/accounts/x"),
    ],
)
async def test_without_the_scope_nothing_is_shown(client: AsyncClient, verb: str, path: str):
    answer = await client.request(verb, path, headers={"scopes": "orders:read"})
    assert answer.status_code == 403

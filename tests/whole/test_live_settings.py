"""What staff save in one process counts in all the others within a second."""

import asyncio
import signal
from collections.abc import Iterator
from copy import copy

import httpx
import pytest

from jishi.demo.processes import free_port
from jishi.staff import create_owner
from jishi.testing.patience import in_time

PASSWORD = "correct horse battery staple"
FRESH = 1.0
"""Seconds that saved settings may need to count everywhere."""

FORM = "/admin/plugins/courier/settings"


async def delivery_title(http: httpx.AsyncClient) -> str:
    """What a shopper of this process is offered."""
    lines = {"lines": [{"sku": "tea", "quantity": 1}]}
    answer = await http.post("/store/quotes", json=lines)
    return str(answer.raise_for_status().json()["options"][0]["title"])


async def shopping(http: httpx.AsyncClient) -> None:
    """Become a guest."""
    token = (await http.post("/store/sessions")).json()["token"]
    http.headers["authorization"] = f"Bearer {token}"


@pytest.fixture
def served_twice(build, serve, monkeypatch) -> Iterator[tuple[str, str]]:
    """Start two processes of one shop and give their addresses."""
    first = serve()
    monkeypatch.setenv("JISHI_PORT", str(free_port(0)))
    beside = copy(build)
    beside.address = f"http://127.0.0.1:{beside.environment['JISHI_PORT']}"
    second = type(first)(beside)
    try:
        second.ready()
        yield first.address, second.address
    finally:
        second.signal(signal.SIGKILL)
        second.process.wait()


@pytest.fixture
async def staffed(build) -> None:
    """Have something to sell, and an owner."""
    await build.sells(tea=5)
    async with build.opened() as shop:
        await create_owner(shop, "owner@example.com", PASSWORD)


@pytest.mark.measured
async def test_settings_saved_in_one_process_count_in_another_within_a_second(
    staffed, served_twice
):
    here, there = served_twice
    async with (
        httpx.AsyncClient(base_url=here) as staff,
        httpx.AsyncClient(base_url=there) as shopper,
    ):
        await shopping(shopper)
        assert await delivery_title(shopper) == "快递配送"
        owner = {"email": "owner@example.com", "password": PASSWORD}
        token = (await staff.post("/admin/login", json=owner)).json()["token"]
        staff.headers["authorization"] = f"Bearer {token}"
        with in_time(FRESH):
            assert (await staff.patch(FORM, json={"title": "顺丰"})).status_code == 200
            async with asyncio.timeout(60):
                while await delivery_title(shopper) != "顺丰":  # noqa: ASYNC110 - nobody tells
                    await asyncio.sleep(0.02)

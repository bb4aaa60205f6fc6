"""A flash sale across three processes: its quota and no more, and quick refusals afterwards.

JISHI_FLEET=long is the whole rush: 10,000 members, 500 pieces, 64 connections to each process.
"""

import asyncio
import os
import sys
import time
from collections import Counter
from datetime import timedelta

import httpx
import pytest

from jishi.callers import Caller
from jishi.ledger import balances, check, stock_account
from jishi.membership import Identity, enter
from jishi.testing.people import ADDRESS
from jishi_flash_sale import accounts, pages, sales
from jishi_flash_sale.settings import FlashSaleSettings
from jishi_flash_sale.structs import ItemPlan, Plan

LONG = os.environ.get("JISHI_FLEET") == "long"
BUYERS, UNITS, PROCESSES = (10_000, 500, 3) if LONG else (240, 40, 3)
CONNECTIONS = 64

pytestmark = pytest.mark.slow


async def members(shop, many: int) -> list[dict[str, str]]:
    """People who are logged in; gives their headers."""
    found: list[dict[str, str]] = []

    async def some(tx, first: int, last: int) -> list[dict[str, str]]:
        made = []
        for number in range(first, last):
            phone = Identity(kind="phone", value=f"+86139{number:08d}")
            inside = await enter(tx, shop, phone, Caller())
            made.append({"authorization": f"Bearer {inside.token}"})
        return made

    for first in range(0, many, 500):
        last = min(many, first + 500)
        found += await shop.database.atomically(lambda tx, a=first, b=last: some(tx, a, b))
    return found


async def begin(shop) -> str:
    desk = shop.hooks.plugin("flash_sale").desk
    now = desk.now()
    plan = Plan(
        title="抢购",
        starts_at=now - timedelta(seconds=1),
        ends_at=now + timedelta(hours=1),
        items=(ItemPlan(sku="tea", price=100, quota=UNITS),),
    )
    written = await sales.write_down(desk, plan, FlashSaleSettings(), "test")
    return (await sales.schedule(desk, written.id, "test")).id


async def rush(addresses: list[str], people: list[dict[str, str]], sale: str):
    """Everybody once, over 64 connections to each process; gives codes and refusals' seconds."""
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    answers: Counter[tuple[int, str]] = Counter()
    refusals: list[tuple[float, float]] = []

    async def queue(http: httpx.AsyncClient, mine: list[int]) -> None:
        while mine:
            number = mine.pop()
            began = time.perf_counter()
            answer = await http.post(
                "/store/orders",
                json={
                    "lines": [{"sku": "tea", "quantity": 1}],
                    "address": ADDRESS,
                    "extras": {"flash_sale.sale": sale},
                },
                headers={**people[number], "idempotency-key": f"buyer-{number}"},
            )
            answers[answer.status_code, answer.json().get("code", "")] += 1
            if answer.status_code != 201:
                refusals.append((began, time.perf_counter() - began))

    async def through(place: int) -> None:
        mine = list(range(place, len(people), len(addresses)))
        async with httpx.AsyncClient(
            base_url=addresses[place], limits=limits, timeout=60, trust_env=False
        ) as http:
            await asyncio.gather(*(queue(http, mine) for _ in range(CONNECTIONS)))

    await asyncio.gather(*(through(place) for place in range(len(addresses))))
    return answers, refusals


@pytest.mark.bar("B01")
async def test_a_sale_across_processes_sells_its_quota_and_no_more(build, fleet, capsys):
    build.enable("flash_sale")
    # A busy machine is no finding here.
    build.tables["plugins.budgets.flash_sale"] = {"load": 5000, "review": 5000, "pure": 5000}
    await build.sells(tea=UNITS * 2)
    async with build.opened() as shop:
        people, sale = await members(shop, BUYERS), await begin(shop)
    processes = await fleet.serving(PROCESSES)
    answers, refusals = await rush([each.address for each in processes], people, sale)
    assert answers[201, ""] == UNITS
    assert sum(answers.values()) == BUYERS
    assert {status for status, _ in answers} == {201, 409, 422}
    async with build.opened() as shop:
        desk = shop.hooks.plugin("flash_sale").desk
        (item,) = (await pages.report(desk, sale)).items
        assert (item.left, item.ordered, item.given_back) == (0, UNITS, 0)
        stands = await balances(shop.database, [stock_account("tea"), accounts.quota(sale, "tea")])
        shelf = stands[stock_account("tea")]
        assert (shelf.balance, shelf.held) == (UNITS * 2, UNITS)
        assert stands[accounts.quota(sale, "tea")].balance == 0
        assert await check(shop.database) == []
    if LONG:
        last = sorted(took for began, took in refusals[len(refusals) // 2 :])
        with capsys.disabled():
            p99 = last[len(last) * 99 // 100] * 1000
            sys.stdout.write(
                f"\nrefused {len(last)} times after it was sold out, p99 {p99:.0f} ms\n"
            )

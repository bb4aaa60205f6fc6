"""Who blocks the event loop is named with its stack, and the third time it is quarantined."""

import asyncio
import shutil
import time

import pytest
from litestar import get

from jishi.hookspecs import FAMILIES
from jishi.plugins import Care, Declaration, Plugin, hookimpl, hooks_for, pardon
from jishi.testing.people import Shopper

pytestmark = [pytest.mark.bar("B28"), pytest.mark.slow]


class Blocker(Plugin):
    """Sleeps where nobody can wait for it."""

    declaration = Declaration(name="blocker", version="6.6.6")
    seconds = 1.0

    @hookimpl
    def review_checkout(self, draft):
        time.sleep(self.seconds)

    @hookimpl
    def register_routes(self):
        @get("/nap")
        async def nap() -> str:
            time.sleep(Blocker.seconds)  # noqa: ASYNC251 by design
            return "slept"

        return [nap]


@pytest.fixture
def guest(monkeypatch):
    monkeypatch.setattr(Blocker, "seconds", 1.0)
    return {"blocker": Blocker}


@pytest.fixture
def migrated_database_url(sqlite_template, tmp_path):
    """Give one engine: what is tested here is the loop."""
    shutil.copyfile(sqlite_template, tmp_path / "shop.db")
    return f"sqlite:///{tmp_path / 'shop.db'}"


@pytest.fixture
def blocked(notes):
    async def lines(count: int) -> list[dict]:
        """The lines about plugins that block the loop, once there are so many."""
        async with asyncio.timeout(60):
            while True:
                found = [line for line in notes if line["event"] == "loop_blocked"]
                found = [line for line in found if line["plugin"]]  # a machine may be slow, too
                if len(found) >= count:
                    return found
                await asyncio.sleep(0.01)

    return lines


async def test_the_third_time_it_is_asked_no_more_until_it_is_pardoned(
    shop, seller, client, blocked
):
    await seller.product("tea")
    for number in (1, 2, 3):
        await Shopper(client, shop).place({"tea": 1})
        lines = await blocked(number)
    assert {(line["plugin"], line["what"]) for line in lines} == {("blocker", "review_checkout")}
    assert "in review_checkout" in lines[0]["stack"]
    await asyncio.sleep(0)
    assert "blocked the event loop 3 times" in shop.hooks.roster.board.quarantined["blocker"]
    refused = await Shopper(client, shop).place({"tea": 1})
    assert (refused.status_code, refused.json()["code"]) == (503, "plugin_unavailable")
    [shown] = [each for each in shop.hooks.roster.installed() if each.name == "blocker"]
    assert shown.state == "quarantined"


async def test_a_route_of_a_plugin_is_found_by_its_stack(shop, client, blocked):
    assert (await client.get("/blocker/nap")).text == "slept"
    [line] = await blocked(1)
    assert line["plugin"] == "blocker"
    assert line["what"].startswith("nap, line")


async def test_in_quarantine_its_routes_are_closed(shop, client):
    shop.hooks.roster.board.quarantine("blocker", "for a test")
    closed = await client.get("/blocker/nap")
    assert (closed.status_code, closed.json()["code"]) == (503, "plugin_unavailable")
    assert "blocker" not in closed.json()["detail"]


async def test_who_only_waits_is_not_accused(shop, client, notes, monkeypatch):
    monkeypatch.setattr(Blocker, "seconds", 0.01)
    assert (await client.get("/blocker/nap")).text == "slept"
    await asyncio.sleep(0.4)
    assert [line for line in notes if line["event"] == "loop_blocked" and line["plugin"]] == []


async def test_a_quarantine_is_known_elsewhere_and_ends_with_a_pardon(shop, client):
    other = hooks_for(FAMILIES, Blocker(), clock=shop.clock)
    here, there = Care(shop.hooks, shop.database), Care(other, shop.database)
    shop.hooks.roster.board.quarantine("blocker", "for a test")
    await here.exchange()
    await there.exchange()
    [notice] = other.roster.board.elsewhere
    assert (notice.plugin, notice.state, notice.why) == ("blocker", "quarantined", "for a test")
    assert other.plugin("blocker") is not None
    assert await pardon(shop.database, "blocker") == 1
    await here.exchange()
    assert shop.hooks.plugin("blocker") is not None

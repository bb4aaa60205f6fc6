import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from jishi.clock import FakeClock
from jishi.db import Database, Migrations, Source
from jishi.plugins import Care, examine, examine_health, examine_hosts, load_plugins

WISHES = """
from jishi.plugins import Declaration, Plugin
class Made(Plugin):
    declaration = Declaration(
        name="wishful", version="1.0", scopes=("orders:read",), hosts=({hosts}))
"""


@pytest.fixture
def started(specs, build, install):
    def start(hosts="", **table: object):
        install("wishful", WISHES.format(hosts=hosts))
        config = build(plugins={"enabled": ["wishful"], **table})
        return config, load_plugins(
            config, [specs], clock=FakeClock(datetime(2026, 3, 1, tzinfo=UTC))
        )

    return start


def test_what_was_never_allowed_is_advised(started):
    [remark] = examine(*started())
    assert (remark.plugin, remark.state) == ("wishful", "advice")
    assert "it may orders:read" in remark.said
    assert 'wishful = ["orders:read"]' in remark.next_step


def test_what_is_allowed_is_not(started):
    assert examine(*started(approved={"wishful": ["orders:read"]})) == []


def test_settings_of_a_plugin_that_is_off_are_found(started, install, code):
    install("dusty", code("dusty"))
    config, hooks = started(
        approved={"wishful": ["orders:read"]}, dusty={"a": 1}, budgets={"dusty": {"load": 5}}
    )
    said = [remark.said for remark in examine(config, hooks)]
    assert said == [
        "[plugins.dusty] is not used: the plugin is off",
        "dusty in [plugins.budgets] is not used: the plugin is off",
    ]


async def test_a_host_that_does_not_answer_is_named(started):
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1")
    port = server.sockets[0].getsockname()[1]
    _, hooks = started(f'"127.0.0.1:{port}",')
    async with server:
        assert await examine_hosts(hooks) == []
    [remark] = await examine_hosts(hooks)
    assert f"127.0.0.1:{port} cannot be reached" in remark.said


async def test_breakers_of_all_processes_are_found(started, database_url):
    _, hooks = started()
    database = Database.open(database_url)
    await database.start()
    try:
        source = Source(name="plugins", package="jishi.plugins.migrations")
        await Migrations(database, [source]).upgrade()
        board = hooks.roster.board
        assert await examine_health(hooks, database) == []
        board.quarantine("wishful", "blocked the loop")
        await Care(hooks, database).exchange()
        [remark] = await examine_health(hooks, database)
        assert (remark.plugin, remark.state) == ("wishful", "problem")
        assert "blocked the loop" in remark.said
        board.clock.advance(timedelta(minutes=2))  # its process does not renew it any more
        assert await examine_health(hooks, database) == []
    finally:
        await database.stop()

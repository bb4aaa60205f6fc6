"""Staff who are shown what a member has are written down, for the log of personal data."""

from typing import ClassVar

import pytest

from jishi.plugins import Declaration, Plugin, hookimpl

ONCE = pytest.mark.parametrize("migrated_database_url", ["sqlite"], indirect=True)
"""The statements are the core's, which others run on both databases."""


class Log(Plugin):
    """Hears who was looked at."""

    declaration = Declaration(name="log", version="1.0.0")
    looks: ClassVar[list[tuple[str, ...]]] = []

    @hookimpl
    async def staff_looked(self, look):
        self.looks.append(look.subjects)


@pytest.fixture
def shop_plugins(shop_plugins):
    """Give the plugins of the shop."""
    Log.looks.clear()
    return shop_plugins | {"log": Log}


@ONCE
@pytest.mark.parametrize("page", ["", "/statement", "/value", "/value/statement"])
async def test_staff_who_look_at_what_a_member_has_are_written_down(members, tills, runner, page):
    anna = await members.one()
    seen = await tills["east"].get(f"/loyalty/members/{anna.id}{page}")
    assert seen.status_code == 200, seen.text
    await runner.drain()
    assert Log.looks == [(anna.id,)]


@ONCE
async def test_a_till_that_looks_at_a_member_is_written_down(members, tills, runner, code_of):
    anna = await members.one()
    body = {"code": await code_of(anna)}
    assert (await tills["east"].post("look", body)).status_code == 200
    assert (await tills["east"].post("look", {"code": "jv1.x"})).status_code == 422
    await runner.drain()
    assert Log.looks == [(anna.id,)]

"""Whatever members do with points, and whenever the process dies: not one is lost or made.

A small run by default; ``JISHI_LOYALTY=long`` does 10,000 operations of 32 clients.
"""

import asyncio
import os
import random
import signal
import sys
from datetime import timedelta
from pathlib import Path
from runpy import run_path

import pytest

from jishi.ledger import check
from jishi.orders import useless_holds

SOAK = Path(__file__).with_name("soak.py")
LONG = os.environ.get("JISHI_LOYALTY") == "long"
OPERATIONS, CLIENTS, KILLS, MEMBERS = (10_000, 32, 40, 60) if LONG else (100, 12, 1, 4)


@pytest.fixture
def loyalty_settings():
    """Give the settings of the soak."""
    return run_path(str(SOAK))["SETTINGS"]


async def run(url: str, folder: Path, seed: int, operations: int, now, kill_after: int | None):
    """One life of the process; gives how many operations it did, and whether it ended."""
    words = [url, str(folder), str(seed), str(operations), str(CLIENTS), now.isoformat()]
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(SOAK), *words, stdout=asyncio.subprocess.PIPE
    )
    done, ended = 0, False
    async for line in process.stdout:
        done += line == b"done\n"
        ended = ended or line == b"end\n"
        if done == kill_after and process.returncode is None:
            process.send_signal(signal.SIGKILL)
            kill_after = None
    await process.wait()
    return done, ended


async def moment_of(shop):
    """The youngest entry's moment: time does not go back."""
    rows = await shop.database.fetch("SELECT max(entered_at) AS last_at FROM ledger_entries")
    return max(rows[0][0], shop.clock.now())


async def sum_of(shop, what: str) -> int:
    """A sum over a table."""
    (row,) = await shop.database.fetch(f"SELECT CAST(COALESCE({what}, 0) AS BIGINT) {FROM[what]}")
    return int(row[0])


FROM = {
    "sum(balance)": "FROM ledger_accounts WHERE kind IN ('points', 'points_pending')",
    "-sum(balance)": "FROM ledger_accounts WHERE kind = 'points_debt'",
    "sum(points)": "FROM loyalty_grants",
    "-sum(points)": "FROM loyalty_exchanges",
    "sum(earned - taken_back)": "FROM loyalty_orders",
    "sum(given_back - spent)": "FROM loyalty_orders",
    "sum(amount)": "FROM ledger_entries WHERE reason IN ('expired', 'had expired')",
    "-sum(amount)": (
        "FROM ledger_entries WHERE operation = 'post' "
        "AND account >= 'points:' AND account < 'points;'"
    ),
    "sum(spent)": "FROM loyalty_orders",
}
HAVE = ("sum(balance)", "-sum(balance)")
CAME = tuple(FROM)[2:-2]


async def audit(shop) -> None:
    """Every point can be accounted for, in all and in each lot."""

    async def useless(holds):
        return await useless_holds(shop, holds)

    assert await check(shop.database, useless) == []
    below = await shop.database.fetch(
        "SELECT id FROM ledger_accounts WHERE balance < 0 OR held < 0 OR balance < held"
    )
    assert below == []
    for reason in ("given", "merged", "parted"):
        (row,) = await shop.database.fetch(
            "SELECT CAST(COALESCE(sum(amount), 0) AS BIGINT) FROM ledger_entries "
            "WHERE reason = $1",
            reason,
        )
        assert row[0] == 0, f"{reason}: {row[0]} points more came than went"
    have = sum([await sum_of(shop, what) for what in HAVE])
    came = {what: await sum_of(shop, what) for what in CAME}
    assert have == sum(came.values()), came
    assert await sum_of(shop, "-sum(amount)") == await sum_of(shop, "sum(spent)")


@pytest.mark.bar("B15")
@pytest.mark.crash
@pytest.mark.slow
@pytest.mark.timeout(3600 if LONG else 180)
async def test_points_survive_everybody_and_every_kill(
    shop, seller, members, runner, migrated_database_url, tmp_path
):
    await seller.product("tea", price=9_900, stock=10**6)
    people = [await members.one() for _ in range(MEMBERS)]
    Path(tmp_path, "members").write_text("\n".join(one.id for one in people))
    done, lives, dice = 0, 0, random.Random(11)
    while done < OPERATIONS:
        lives += 1
        # Two lives share a seed, so that what was done before the kill is asked for again.
        kill = dice.randint(1, OPERATIONS // (KILLS + 1)) if lives <= KILLS else None
        left = OPERATIONS - done
        now = await moment_of(shop)
        did, ended = await run(migrated_database_url, tmp_path, lives // 2, left, now, kill)
        assert ended or kill, "it died by itself"
        done += did
    assert lives > KILLS
    shop.clock.advance(await moment_of(shop) - shop.clock.now() + timedelta(hours=3))
    await runner.drain()
    shop.clock.advance(timedelta(hours=2))
    await runner.drain()
    dead = await shop.database.fetch("SELECT kind, error FROM events_jobs WHERE state = 'dead'")
    assert dead == []
    await audit(shop)
    assert (await shop.database.fetch("SELECT count(*) FROM loyalty_orders"))[0][0] > 0

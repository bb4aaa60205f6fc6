"""What is left to do for a plugin that goes: its jobs are buried, or forgotten."""

from jishi.db import Reads, Transaction
from jishi.shop import Shop

_ITS = (
    "((kind LIKE 'tell:%' AND substr(kind, length(kind) - length($1)) = ':' || $1) "
    "OR (kind LIKE 'on:%' AND replace(kind, ':' || $1 || '.', '') <> kind) "
    "OR substr(kind, 1, length($1) + 1) = $1 || '.')"
)
"""What it hears by its hooks and by its ears, and its own jobs."""


async def jobs_of_plugin(reader: Reads, plugin: str) -> tuple[int, int]:
    """How many jobs wait for a plugin, and how many of its jobs are stored in all."""
    waiting = f"SELECT count(*) FROM events_jobs WHERE {_ITS} AND state IN ('waiting', 'leased')"  # noqa: S608
    ((open_ones,),) = await reader.fetch(waiting, plugin)
    ((all_ones,),) = await reader.fetch(
        f"SELECT count(*) FROM events_jobs WHERE {_ITS}",  # noqa: S608
        plugin,
    )
    return int(str(open_ones)), int(str(all_ones))


async def bury_jobs(tx: Transaction, shop: Shop, plugin: str) -> int:
    """Give up the jobs that wait for a plugin; they can be replayed when it is back."""
    return await tx.execute(
        f"UPDATE events_jobs SET state = 'dead', error = $2, ended_at = $3 "  # noqa: S608
        f"WHERE {_ITS} AND state IN ('waiting', 'leased')",
        plugin,
        f"the plugin {plugin} was uninstalled",
        shop.clock.now(),
    )


async def forget_jobs(tx: Transaction, plugin: str) -> int:
    """Delete every job of a plugin, whatever became of it."""
    return await tx.execute(f"DELETE FROM events_jobs WHERE {_ITS}", plugin)  # noqa: S608

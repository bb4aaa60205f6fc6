"""What staff saved of plugins' settings, read before the plugins of a process are made."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import structlog

from jishi.config import Config
from jishi.db import Database, DatabaseError, tables_there
from jishi.plugins import Saved, load_saved, with_saved

log = structlog.get_logger("jishi.web")


def remembering(config: Config, database: Database) -> Config:
    """The build with what staff saved laid over its file; as it is, if nothing can be read.

    Plugins whose settings count only from a start on are made with it. That must happen before
    they are asked for routes, which is before anything is awaited: so a thread looks.

    Args:
        config: The build as its file and environment have it.
        database: The shop's; it is opened for a moment, and closed again.
    """
    scheme, _, file = config.database.url.partition(":///")
    if scheme == "sqlite" and not (config.folder / file).exists():
        return config
    with ThreadPoolExecutor(1) as thread:
        return with_saved(config, thread.submit(asyncio.run, _saved(database)).result())


async def _saved(database: Database) -> list[Saved]:
    try:
        await database.start()
        there = await tables_there(database)
        return await load_saved(database) if "plugins_settings" in there else []
    except DatabaseError as error:
        log.warning("saved_settings_not_read", error=type(error).__name__)
        return []
    finally:
        await database.stop()

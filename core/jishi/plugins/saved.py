"""What staff saved of plugins' settings: kept in the database, laid over the file."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from jishi.config import Config
from jishi.db import Reads, Transaction
from jishi.plugins import sql
from jishi.problems import Clash


class Saved(msgspec.Struct, frozen=True):
    """What staff saved of one plugin's settings.

    Attributes:
        plugin: The plugin's name.
        said: A JSON object, as text; never with a secret in it.
        version: Grows with each change; 0 when nothing was ever saved.
    """

    plugin: str
    said: str = "{}"
    version: int = 0

    @property
    def values(self) -> dict[str, Any]:
        """The settings by key."""
        return msgspec.json.decode(self.said, type=dict[str, Any])


async def load_saved(reader: Reads) -> list[Saved]:
    """Everything that was saved, by plugin."""
    return await reader.fetch_as(Saved, sql.SAVED)


async def find_saved(reader: Reads, plugin: str) -> Saved:
    """What was saved of one plugin."""
    return await reader.one_as(Saved, sql.SAVED_OF, plugin) or Saved(plugin)


async def keep(tx: Transaction, before: Saved, values: dict[str, Any], at: datetime) -> None:
    """Save settings in place of those that were looked at.

    Args:
        tx: The transaction.
        before: What was saved until now.
        values: What is to be saved; checked already.
        at: When, UTC.

    Raises:
        Clash: Somebody saved something else meanwhile.
    """
    said = msgspec.json.encode(values, order="sorted").decode()
    if before.version:
        rows = await tx.execute(sql.SAVE, before.plugin, said, at, before.version)
    else:
        rows = await tx.execute(sql.FIRST_SAVED, before.plugin, said, at)
    if not rows:
        raise Clash(
            f"Somebody else changed the settings of {before.plugin} at the same moment.",
            next_step="Look at the form again, then save.",
        )


def with_saved(config: Config, saved: Iterable[Saved]) -> Config:
    """The build with what staff saved laid over its file."""
    console = {each.plugin: each.values for each in saved}
    plugins = msgspec.structs.replace(config.plugins, console=console)
    return msgspec.structs.replace(config, plugins=plugins)

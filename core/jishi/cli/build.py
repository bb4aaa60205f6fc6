"""The build a command works on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import click

from jishi.config import Config, load_config
from jishi.shop import Shop
from jishi.web import open_shop, require_tables


def load_build() -> Config:
    """The configuration that ``--config`` or JISHI_CONFIG names, else ``./jishi.toml``.

    Raises:
        ConfigProblem: It cannot be used.
    """
    return load_config(click.get_current_context().find_root().params.get("config"))


@asynccontextmanager
async def connected(config: Config) -> AsyncIterator[Shop]:
    """A shop with its database, whatever state that is in."""
    shop = await open_shop(config)
    try:
        yield shop
    finally:
        await shop.database.stop()


@asynccontextmanager
async def usable(config: Config) -> AsyncIterator[Shop]:
    """A shop whose tables are up to date.

    Raises:
        MigrationsPending: They are not.
    """
    async with connected(config) as shop:
        await require_tables(shop)
        yield shop

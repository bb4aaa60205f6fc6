"""One running shop: its configuration, its database, its plugins, its clock."""

import asyncio
from typing import TYPE_CHECKING, Any, Protocol

from jishi.clock import Clock, SystemClock
from jishi.sealing import sealing_of

if TYPE_CHECKING:
    from jishi.config import Config
    from jishi.db import Database
    from jishi.plugins import Hooks


class Shop:
    """What every story is told with.

    Args:
        config: The merchant's build, read and checked.
        database: Where everything is kept; opened by whoever assembles the shop.
        hooks: The plugins that are switched on.
        clock: What time it is.
    """

    def __init__(
        self,
        config: "Config",
        database: "Database",
        hooks: "Hooks",
        clock: Clock | None = None,
    ) -> None:
        self.config = config
        self.database = database
        self.hooks = hooks
        self.clock = clock or SystemClock()
        self.work_waiting = asyncio.Event()
        """Set after a commit that left events or jobs behind, so that the runner need not poll."""
        if None not in (config, database):  # parts of a shop do for some work
            database.opener = sealing_of(config)


class _Request(Protocol):
    @property
    def app(self) -> Any: ...


def shop_of(request: _Request) -> Shop:
    """The shop that serves a request."""
    shop: Shop = request.app.state.shop
    return shop

"""The whole configuration of one build."""

from pathlib import Path
from typing import TypeVar

import msgspec

from jishi.config.source import Source
from jishi.config.structs import (
    ChannelSettings,
    CheckoutSettings,
    DatabaseSettings,
    PluginsTable,
    ServerSettings,
    ShopSettings,
    StoreSettings,
)

S = TypeVar("S", bound=msgspec.Struct)

SECTIONS = (
    "catalogue",
    "codes",
    "compliance",
    "events",
    "fulfilment",
    "ledger",
    "membership",
    "orders",
    "payments",
    "pricing",
    "sealing",
    "staff",
    "themes",
    "web",
)
"""Tables that one room reads for itself with `Config.section`."""


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """The whole configuration of one build, checked.

    Attributes:
        folder: The build's folder; relative paths start there.
        source: The raw tables, for rooms and plugins that read their own.
    """

    folder: Path
    shop: ShopSettings
    database: DatabaseSettings = DatabaseSettings()
    server: ServerSettings = ServerSettings()
    plugins: PluginsTable = PluginsTable()
    channels: dict[str, ChannelSettings] = {}
    stores: dict[str, StoreSettings] = {}
    checkout: CheckoutSettings = CheckoutSettings()
    source: Source = msgspec.field(default_factory=Source)

    def section(self, name: str, settings: type[S]) -> S:
        """Read a room's own top-level table, once; an absent table is an empty one.

        Args:
            name: The table's name, one of `SECTIONS`.
            settings: The struct that says what may stand in it.

        Raises:
            ConfigProblem: The table cannot be used; it lists everything that is wrong.
        """
        if name not in SECTIONS:
            raise TypeError(f"{name} is not among jishi.config.SECTIONS")
        return self.source.section(name, settings)

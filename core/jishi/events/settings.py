"""The table ``[events]`` of a build."""

from typing import Annotated, Literal

import msgspec

from jishi.config import Config, setting
from jishi.shop import Shop

RunnerName = Literal["embedded", "pgqueuer"]
"""Who hands jobs to workers."""


class EventSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[events]``: who does the jobs."""

    runner: Annotated[
        RunnerName,
        setting(
            help="embedded needs nothing else; pgqueuer hands jobs to a fleet on PostgreSQL "
            "and needs jishi[fleet].",
            scope="shop",
        ),
    ] = "embedded"
    jobs: Annotated[
        Literal["here", "elsewhere"],
        setting(
            help="elsewhere leaves the jobs to `jishi work`; serving processes then only serve.",
            scope="shop",
        ),
    ] = "here"


def runner_of(shop: Shop) -> RunnerName:
    """Who hands out this shop's jobs; on SQLite always the embedded runner."""
    config: Config | None = shop.config  # a shop of nothing but a database has none
    if shop.database.dialect == "sqlite" or config is None:
        return "embedded"
    return config.section("events", EventSettings).runner

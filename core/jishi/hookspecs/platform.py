"""Platform: bring things once at the start: gateways, routes, theme blocks, jobs, commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jishi.hookspecs.marker import hookspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litestar.types import ControllerRouterHandler

    from jishi.events.structs import JobKind, Listener, Schedule
    from jishi.payments.gateway import Gateway
    from jishi.themes.structs import Block


@hookspec
def register_gateways() -> Sequence[Gateway] | None:
    """Bring payment gateways. Asked once at the start. Since: 0.1."""


@hookspec
def register_jobs() -> Sequence[Schedule | JobKind | Listener] | None:
    """Bring jobs, schedules, and ears for events of the core and of other plugins.

    Asked once at the start. What is brought is done outside of any request, at least once, with
    retries; its names lie below the plugin's.

    Since: 0.1
    """


@hookspec
def register_routes() -> Sequence[ControllerRouterHandler] | None:
    """Bring route handlers below ``/<plugin name>/``. Asked once at the start. Since: 0.1."""


@hookspec
def register_theme_blocks() -> Sequence[Block] | None:
    """Bring pieces of pages for the slots that the theme names. Asked once. Since: 0.1."""

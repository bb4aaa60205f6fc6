"""The table ``[web]`` of a build."""

from typing import Annotated, Literal

import msgspec

from jishi.config import setting

JSON_DEPTH = 64
"""Nested lists and objects that a body may have."""

BODY_BYTES = 10_000_000
"""The largest body, in bytes."""


class WebSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[web]``: limits of requests, and whom to believe."""

    trusted_proxies: Annotated[
        tuple[str, ...],
        setting(help="Addresses or networks whose X-Forwarded-For is believed.", scope="shop"),
    ] = ()
    logins_per_minute: Annotated[
        int, setting(help="Login requests of one address in a minute.", unit="requests", ge=1)
    ] = 30
    storefront: Annotated[
        Literal["on", "off"],
        setting(help="off serves the API alone, for shops with pages of their own.", scope="shop"),
    ] = "on"
    log: Annotated[
        Literal["auto", "json", "text"], setting(help="How the log is written.", scope="shop")
    ] = "auto"

"""The table ``[web]`` of a build."""

import re
from ipaddress import ip_network
from typing import Annotated, Literal

import msgspec

from jishi.config import setting

_ORIGIN = re.compile(r"https?://[^/\s*]+")

_STORE = re.compile(r"(rediss?|unix)://\S+")

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
    allowed_origins: Annotated[
        tuple[str, ...],
        setting(
            help="Other sites whose pages may call the API: https://shop.example.", scope="shop"
        ),
    ] = ()
    logins_per_minute: Annotated[
        int, setting(help="Login requests of one address in a minute.", unit="requests", ge=1)
    ] = 30
    visitors_per_minute: Annotated[
        int,
        setting(
            help="New sessions and carts of one address in a minute; this machine's own "
            "addresses are not counted.",
            unit="requests",
            ge=1,
        ),
    ] = 600
    shared_limits: Annotated[
        str,
        setting(
            help="redis://host:6379/0, where all processes count together; empty: each for "
            "itself. Needs jishi[fleet].",
            scope="shop",
        ),
    ] = ""
    requests_at_once: Annotated[
        int,
        setting(
            help="Requests that one process serves at once; the others get 503.",
            unit="requests",
            ge=8,
            scope="shop",
        ),
    ] = 512
    connections: Annotated[
        int,
        setting(
            help="Open connections of one process; the others wait.",
            unit="connections",
            ge=128,
            le=60_000,
            scope="shop",
        ),
    ] = 4096
    storefront: Annotated[
        Literal["on", "off"],
        setting(help="off serves the API alone, for shops with pages of their own.", scope="shop"),
    ] = "on"
    log: Annotated[
        Literal["auto", "json", "text"], setting(help="How the log is written.", scope="shop")
    ] = "auto"

    def __post_init__(self) -> None:
        for proxy in self.trusted_proxies:
            try:
                ip_network(proxy, strict=False)
            except ValueError:
                raise ValueError(
                    f"trusted_proxies: {proxy!r} is no address and no network such as 10.0.0.0/8"
                ) from None
        if self.shared_limits and not _STORE.fullmatch(self.shared_limits):
            raise ValueError(
                "shared_limits: expected an address such as redis://localhost:6379/0; one with a "
                "password belongs in the variable JISHI_WEB_SHARED_LIMITS"
            )
        for origin in self.allowed_origins:
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(
                    f"allowed_origins: {origin!r} is no origin such as https://shop.example"
                )

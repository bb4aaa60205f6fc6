"""The table ``[web]`` of a build."""

import re
from ipaddress import ip_network
from typing import Annotated, Literal

import msgspec

from jishi.config import setting

_ORIGIN = re.compile(r"https?://[^/\s*]+")

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
        for origin in self.allowed_origins:
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(
                    f"allowed_origins: {origin!r} is no origin such as https://shop.example"
                )

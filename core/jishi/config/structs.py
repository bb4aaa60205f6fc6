"""The settings of a build that more than one room reads."""

import zoneinfo
from typing import Annotated, Literal
from urllib.parse import urlsplit, urlunsplit

import msgspec

from jishi.config.problems import did_you_mean
from jishi.config.secret import Secret
from jishi.config.settings import setting

Text = Annotated[str, setting(min_length=1)]
Milliseconds = Annotated[int, setting(unit="milliseconds", ge=1, le=600_000)]
Way = Literal["load", "pure", "review", "effects", "choose", "event"]
"""How a plugin is asked; the hook reference says it of each hook."""

PLUGINS_OWN = (
    "enabled",
    "off",
    "choose",
    "on_failure",
    "budgets",
    "approved",
    "safe",
)
"""Keys of ``[plugins]`` that are no plugin's table."""


class ShopSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``[shop]``: what the shop is called and how it speaks."""

    name: Annotated[str, setting(help="The shop's name as customers read it.", min_length=1)]
    secret: Annotated[Secret, setting(help="Signs tokens and links; keep it the same for ever.")]
    base_url: Annotated[
        str, setting(help="The shop's public address.", pattern=r"^https?://[^\s/]+[^\s]*$")
    ] = "http://127.0.0.1:8000"
    currency: Annotated[
        str, setting(help="ISO 4217 code of all prices.", pattern="^[A-Z]{3}$")
    ] = "CNY"
    locale: Annotated[str, setting(help="The language of texts and formats.")] = "zh-CN"
    timezone: Annotated[str, setting(help="Where the shop's day begins and ends.")] = (
        "Asia/Shanghai"
    )
    theme: Annotated[str, setting(help="The storefront's theme.", min_length=1)] = "default"

    def __post_init__(self) -> None:
        known = zoneinfo.available_timezones()
        if known and self.timezone not in known:
            hint = did_you_mean(self.timezone, known)
            raise ValueError(f"timezone: no zone is called {self.timezone!r}{hint}")


class DatabaseSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``[database]``: where everything is kept."""

    url: Annotated[
        str, setting(help="sqlite:///file (relative to the build) or postgresql://…", scope="shop")
    ] = "sqlite:///shop.db"
    connections: Annotated[
        int, setting(help="Most PostgreSQL connections of one process.", ge=2, le=200)
    ] = 10
    connect_seconds: Annotated[
        int, setting(help="How long connecting may take.", unit="seconds", ge=1)
    ] = 3
    wait_seconds: Annotated[
        int, setting(help="How long a request waits for a connection.", unit="seconds", ge=1)
    ] = 4
    lock_seconds: Annotated[
        int, setting(help="How long one request waits for another's.", unit="seconds", ge=1)
    ] = 3
    statement_seconds: Annotated[
        int, setting(help="How long one statement may run.", unit="seconds", ge=1)
    ] = 6

    def __post_init__(self) -> None:
        scheme = self.url.partition(":")[0]
        if not self.url.startswith(("sqlite:///", "postgresql://")):
            raise ValueError(
                f"url: expected sqlite:///<file> or postgresql://<user>@<host>/<name>, "
                f"found the scheme {scheme[:20]!r}"
            )

    @property
    def shown(self) -> str:
        """The address without its password, for logs and messages."""
        parts = urlsplit(self.url)
        if not parts.password:
            return self.url
        place = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=f"{parts.username}:***@{place}"))

    def __repr__(self) -> str:
        return f"DatabaseSettings(url={self.shown!r})"


class ServerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``[server]``: where the shop listens."""

    host: Annotated[str, setting(help="The address to listen on.", min_length=1)] = "127.0.0.1"
    port: Annotated[int, setting(help="The port to listen on.", ge=1, le=65535)] = 8000
    workers: Annotated[
        int, setting(help="Processes; more than 1 needs PostgreSQL.", ge=1, le=64)
    ] = 1


class PluginsTable(msgspec.Struct, frozen=True, kw_only=True):
    """``[plugins]``: which plugins take part, in which order, with which settings.

    Attributes:
        enabled: The plugins that are switched on, in the order they are asked.
        off: The core's own plugins that do not take part.
        choose: For a hook that only one may answer, the plugin that answers it.
        on_failure: ``open`` lets an order pass when this plugin's review fails; default closed.
        budgets: Milliseconds that one call of a plugin may take, by its name and by how it is
            asked: ``loyalty = { load = 500 }``.
        approved: What the merchant allows a plugin, by its name: its scopes, and its hosts as
            ``host:api.example.com``.
        safe: ``yes`` leaves out every plugin but the core's own and the required ones.
        settings: The raw ``[plugins.<name>]`` tables.
        console: What staff saved, by plugin, laid over ``settings``; never read from the file.
    """

    enabled: tuple[Text, ...] = ()
    off: tuple[Text, ...] = ()
    choose: dict[str, str] = {}
    on_failure: dict[str, Literal["closed", "open"]] = {}
    budgets: dict[str, dict[Way, Milliseconds]] = {}
    approved: dict[str, tuple[Text, ...]] = {}
    safe: Literal["no", "yes"] = "no"
    settings: dict[str, dict[str, object]] = {}
    console: dict[str, dict[str, object]] = {}


class ScopedPlugins(msgspec.Struct, frozen=True, kw_only=True):
    """``[channels.<name>.plugins]`` and ``[stores.<name>.plugins]``: what differs there.

    Attributes:
        on: Plugins that are on here though a wider scope has them off.
        off: Plugins that are off here.
        settings: The raw ``[….plugins.<name>]`` tables; each key replaces the wider scope's.
    """

    on: tuple[Text, ...] = ()
    off: tuple[Text, ...] = ()
    settings: dict[str, dict[str, object]] = {}


class ChannelSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``[channels.<code>]``: one way of selling: web, mini program, till, live stream."""

    name: Annotated[str, setting(help="The channel's name as staff read it.")] = ""
    stores: Annotated[tuple[Text, ...], setting(help="The stores that sell through it.")] = ()
    price_list: Annotated[str, setting(help="The price list it starts from.", min_length=1)] = (
        "base"
    )
    plugins: ScopedPlugins = ScopedPlugins()


class StoreSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``[stores.<code>]``: one place with a door."""

    name: Annotated[str, setting(help="The store's name as customers read it.")] = ""
    address: Annotated[str, setting(help="Where customers find it.")] = ""
    location: Annotated[
        str, setting(help="The stock location it sells from; empty: its code.")
    ] = ""
    plugins: ScopedPlugins = ScopedPlugins()


class CheckoutSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``[checkout]``: limits of carts and orders."""

    hold_minutes: Annotated[
        int, setting(help="How long an unpaid order keeps its goods.", unit="minutes", ge=1)
    ] = 15
    unpaid_orders: Annotated[
        int, setting(help="Unpaid orders a customer may hold at once.", unit="orders", ge=1)
    ] = 5
    line_quantity: Annotated[
        int, setting(help="The most pieces of one line.", unit="pieces", ge=1, le=1_000_000)
    ] = 999
    lines: Annotated[
        int, setting(help="The most lines of one cart.", unit="lines", ge=1, le=1000)
    ] = 100

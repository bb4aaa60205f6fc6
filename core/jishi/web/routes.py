"""The shop itself: what a storefront must know first, and the plugins for staff."""

from typing import Any

import msgspec
from litestar import Request, get

from jishi.callers import caller_of, require_staff
from jishi.plugins import Installed
from jishi.shop import Shop


class StoreView(msgspec.Struct, frozen=True, kw_only=True):
    """A store of the merchant."""

    code: str
    name: str
    address: str


class ShopView(msgspec.Struct, frozen=True, kw_only=True):
    """What a storefront must know before it shows anything.

    Attributes:
        name: The shop's name.
        currency: ISO 4217 of all prices; amounts are whole numbers of its smallest unit.
        locale: The language of texts.
        timezone: Where the shop's day begins.
        channel: The channel of this request.
        channels: Every channel.
        stores: The stores of this channel.
    """

    name: str
    currency: str
    locale: str
    timezone: str
    channel: str
    channels: tuple[str, ...]
    stores: tuple[StoreView, ...]


class PluginList(msgspec.Struct, frozen=True, kw_only=True):
    """The plugins that take part, in the order they are asked, then those only installed."""

    items: tuple[Installed, ...]


@get("/store/shop", operation_id="shop_get", tags=["shop"])
async def get_shop(request: Request[Any, Any, Any]) -> ShopView:
    """The shop: name, currency, language, channels."""
    shop: Shop = request.app.state.shop
    config, channel = shop.config, caller_of(request).channel
    stores = [(code, config.stores[code]) for code in config.channels[channel].stores]
    return ShopView(
        name=config.shop.name,
        currency=config.shop.currency,
        locale=config.shop.locale,
        timezone=config.shop.timezone,
        channel=channel,
        channels=tuple(config.channels),
        stores=tuple(
            StoreView(code=code, name=store.name, address=store.address) for code, store in stores
        ),
    )


@get("/admin/plugins", operation_id="plugins_list", tags=["plugins"])
async def list_plugins(request: Request[Any, Any, Any]) -> PluginList:
    """The plugins: which are on, which hooks they answer, which failed and why."""
    require_staff(request, "plugins:read")
    shop: Shop = request.app.state.shop
    return PluginList(items=tuple(shop.hooks.roster.installed()))


ROUTES = (get_shop, list_plugins)

"""What every story of points is told with: the shop, the desk, the settings that count now."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

import msgspec

from jishi.plugins import Desk
from jishi.shop import Shop
from jishi_loyalty.purse import Rules
from jishi_loyalty.settings import LoyaltySettings

if TYPE_CHECKING:
    from jishi_loyalty.plugin import Loyalty


class Scheme(msgspec.Struct, frozen=True, kw_only=True):
    """A shop's loyalty scheme.

    Attributes:
        shop: The shop, for the core's public stories.
        desk: Where the plugin reads and writes.
        settings: What counts now.
    """

    shop: Shop
    desk: Desk
    settings: LoyaltySettings

    @property
    def zone(self) -> ZoneInfo:
        """Where the shop's days begin."""
        return ZoneInfo(self.shop.config.shop.timezone)

    def now(self) -> datetime:
        """The present moment, UTC."""
        return self.desk.now()

    def rules(self) -> Rules:
        """What a purse has to know."""
        now, days = self.now(), self.settings.returned_grace_days
        return Rules(
            shortfall=self.settings.shortfall,
            now=now,
            grace_until=now + timedelta(days=days) if days else None,
        )


def scheme_of(shop: Shop) -> Scheme:
    """The scheme of a shop that has the plugin on."""
    plugin = cast("Loyalty", shop.hooks.plugin("loyalty"))
    return Scheme(shop=shop, desk=plugin.desk, settings=plugin.settings)

"""What a merchant writes in ``[plugins.promotions]``."""

import zoneinfo
from typing import Annotated, Literal

import msgspec

from jishi.config import setting


class PromotionsSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[plugins.promotions]``: coupons in the cart, hours, and when a campaign worries us."""

    language: Annotated[
        Literal["zh", "en"], setting(help="The language of the reasons that shoppers read.")
    ] = "zh"
    timezone: Annotated[
        str, setting(help="Where days and weekly hours are counted, for instance Asia/Shanghai.")
    ] = "Asia/Shanghai"
    held_coupons: Annotated[
        Literal["best", "chosen"],
        setting(
            help="best: of a member's coupons the best is used unless one is named; "
            "chosen: only what the shopper names."
        ),
    ] = "best"
    coupons_per_order: Annotated[
        int,
        setting(
            help="How many coupons one order may use, beside one for the delivery.", ge=1, le=10
        ),
    ] = 1
    claims_per_member_day: Annotated[
        int, setting(help="How many coupons one member may claim a day, of all campaigns.", ge=1)
    ] = 100
    claims_per_device_day: Annotated[
        int, setting(help="How many coupons one device may claim a day, of all campaigns.", ge=1)
    ] = 20
    wrong_codes_per_day: Annotated[
        int, setting(help="Wrong codes that one shopper may try a day.", ge=1)
    ] = 30
    redemption_gate: Annotated[
        int,
        setting(help="Alarm below this share of redeemed coupons.", unit="percent", ge=0, le=100),
    ] = 65
    share_gate: Annotated[
        int,
        setting(
            help="Alarm below this share of claimers who share.", unit="percent", ge=0, le=100
        ),
    ] = 30
    newcomer_gate: Annotated[
        int,
        setting(
            help="Alarm below this share of customers whose first order it was.",
            unit="percent",
            ge=0,
            le=100,
        ),
    ] = 40
    gate_from: Annotated[
        int, setting(help="Gates are silent before so many redemptions.", unit="orders", ge=1)
    ] = 20

    def __post_init__(self) -> None:
        try:
            zoneinfo.ZoneInfo(self.timezone)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"timezone: no zone is called {self.timezone!r}") from None

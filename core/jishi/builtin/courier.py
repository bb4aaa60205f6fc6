"""Courier delivery by a rate table: regions, weight, free above a value, regions left out."""

from typing import Annotated

import msgspec

from jishi import __version__
from jishi.config import setting
from jishi.fulfilment import Consignment, DeliveryOption, is_region, short_region
from jishi.plugins import Declaration, Plugin, hookimpl

Grams = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
FenFee = Annotated[int, msgspec.Meta(ge=0, le=10_000_000)]


class Zone(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row of the rate table.

    Attributes:
        regions: Provinces (``浙江省`` or ``浙江``); ``*`` stands for all the rest.
        first_g: Weight that the first fee pays for, in grams.
        first_fee: In fen.
        extra_g: Weight of each further step, in grams.
        extra_fee: For each further step begun, in fen.
        free_from: Value of goods, at list prices, from which delivery is free, in fen; None for
            never.
    """

    regions: tuple[str, ...] = ("*",)
    first_g: Grams = 1000
    first_fee: FenFee = 800
    extra_g: Grams = 1000
    extra_fee: FenFee = 200
    free_from: Annotated[int, msgspec.Meta(ge=0)] | None = None


class CourierSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table ``[plugins.courier]``."""

    title: Annotated[str, setting(help="What the shopper reads.", min_length=1)] = "快递配送"
    zones: Annotated[
        tuple[Zone, ...],
        setting(help="The rate table; the first row that names the region counts, then `*`."),
    ] = (Zone(),)
    no_delivery: Annotated[
        tuple[str, ...], setting(help="Regions that no courier of this shop goes to.")
    ] = ()


class Courier(Plugin):
    """Delivers by carrier, priced by region and weight."""

    declaration = Declaration(
        name="courier", version=__version__, settings=CourierSettings, live_settings="yes"
    )

    def __init__(self, settings: CourierSettings) -> None:
        self.settings = settings

    @hookimpl
    def offer_delivery(self, consignment: Consignment) -> list[DeliveryOption] | None:
        """Courier delivery, unless the region is left out."""
        address = consignment.address
        region = short_region(address.region) if address else None
        if region is not None and not self._goes_to(region):
            return None
        zone = self._zone(region)
        if zone is None:
            return None
        fee = _fee(zone, consignment.weight_g, consignment.value)
        return [DeliveryOption(code="courier", kind="courier", title=self.settings.title, fee=fee)]

    def _goes_to(self, region: str) -> bool:
        """Where regions are left out, one that nobody knows might be one of them."""
        if not self.settings.no_delivery:
            return True
        left_out = {short_region(each) for each in self.settings.no_delivery}
        named = {short_region(each) for zone in self.settings.zones for each in zone.regions}
        return region not in left_out and (is_region(region) or region in named)

    def _zone(self, region: str | None) -> Zone | None:
        """The row for a region; the ``*`` row for the rest and for "not known yet"."""
        rest = None
        for zone in self.settings.zones:
            names = {short_region(each) for each in zone.regions}
            if region is not None and region in names:
                return zone
            if "*" in names and rest is None:
                rest = zone
        return rest or (self.settings.zones[0] if region is None and self.settings.zones else None)


def _fee(zone: Zone, weight_g: int, value: int) -> int:
    if zone.free_from is not None and value >= zone.free_from:
        return 0
    over = max(0, weight_g - zone.first_g)
    return zone.first_fee + -(-over // zone.extra_g) * zone.extra_fee

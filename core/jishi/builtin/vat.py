"""Value added tax as a lane: inside CNY prices by default, on top where the merchant says so."""

from typing import Annotated, Literal

import msgspec

from jishi import __version__
from jishi.config import setting
from jishi.money import share_of
from jishi.plugins import Declaration, Plugin, hookimpl
from jishi.pricing import Basket, Lane, Nets, Offer


class VatSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table ``[plugins.vat]``."""

    prices: Annotated[
        Literal["include_tax", "exclude_tax"],
        setting(help="include_tax (prices in China are quoted with VAT) or exclude_tax."),
    ] = "include_tax"
    delivery_rate: Annotated[
        int,
        setting(
            help="VAT on the delivery fee; 0 leaves it out.",
            unit="basis points",
            ge=0,
            le=10_000,
        ),
    ] = 0


class Vat(Plugin):
    """Shows the tax inside a price, or adds it."""

    declaration = Declaration(
        name="vat", version=__version__, settings=VatSettings, live_settings="yes"
    )

    def __init__(self, settings: VatSettings) -> None:
        self.settings = settings

    @hookimpl
    def adjust_price(self, basket: Basket, lane: Lane, nets: Nets) -> list[Offer] | None:
        """The tax of each line at the product's own rate."""
        if lane != "tax":
            return None
        inside = self.settings.prices == "include_tax"
        tax = _inside if inside else share_of
        amounts = tuple(
            tax(net, item.tax_rate) for net, item in zip(nets.lines, basket.items, strict=True)
        )
        delivery = tax(nets.delivery, self.settings.delivery_rate)
        if not any(amounts) and not delivery:
            return None
        return [
            Offer(
                rule="vat_included" if inside else "vat_added",
                reason="价格已含增值税" if inside else "增值税",
                amounts=amounts,
                delivery=delivery,
                included="yes" if inside else "no",
            )
        ]


def _inside(gross: int, rate: int) -> int:
    """The tax inside ``gross`` fen at ``rate`` basis points, rounded half up."""
    return (gross * rate * 2 + 10_000 + rate) // (2 * (10_000 + rate))

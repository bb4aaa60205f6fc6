"""Rounding down to what a till can pay out: a fen, a jiao or a yuan."""

from typing import Annotated, Literal

import msgspec

from jishi import __version__
from jishi.config import setting
from jishi.plugins import Declaration, Plugin, hookimpl
from jishi.pricing import Basket, Lane, Nets, Offer, discount

_FEN = {"fen": 1, "jiao": 10, "yuan": 100}


class RoundingSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table ``[plugins.rounding]``."""

    down_to: Annotated[
        Literal["fen", "jiao", "yuan"],
        setting(help="The unit that totals are rounded down to, for the customer's good."),
    ] = "fen"


class Rounding(Plugin):
    """Takes the odd fen off a total (抹零)."""

    declaration = Declaration(
        name="rounding", version=__version__, settings=RoundingSettings, live_settings="yes"
    )

    def __init__(self, settings: RoundingSettings) -> None:
        self.settings = settings

    @hookimpl
    def adjust_price(self, basket: Basket, lane: Lane, nets: Nets) -> list[Offer] | None:
        """The odd fen of the total, shared out over the lines."""
        unit = _FEN[self.settings.down_to]
        if lane != "rounding" or unit == 1:
            return None
        goods = sum(nets.lines)
        odd = (goods + nets.delivery) % unit
        if not odd:
            return None
        from_goods = min(odd, goods)
        return [
            Offer(
                rule=f"down_to_{self.settings.down_to}",
                reason="抹零",
                amounts=discount(from_goods, nets.lines),
                delivery=from_goods - odd,
            )
        ]

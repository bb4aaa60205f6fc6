"""Plugins that come with the core, so that a bare shop sells; they use the hooks of all others."""

from jishi.builtin.courier import Courier
from jishi.builtin.listing_rules import ListingRules
from jishi.builtin.printed_codes import PrintedCodes
from jishi.builtin.rounding import Rounding
from jishi.builtin.vat import Vat

BUILTIN = {
    "courier": Courier,
    "vat": Vat,
    "rounding": Rounding,
    "listing_rules": ListingRules,
    "printed_codes": PrintedCodes,
}
"""Name and class; all but ``printed_codes`` are on unless the merchant switches them off."""

__all__ = ["BUILTIN", "Courier", "ListingRules", "PrintedCodes", "Rounding", "Vat"]

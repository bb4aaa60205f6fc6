"""Fulfilment: offer ways in which goods reach the customer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jishi.hookspecs.marker import hookspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jishi.fulfilment.structs import Consignment, DeliveryOption


@hookspec
def offer_delivery(consignment: Consignment) -> Sequence[DeliveryOption] | None:
    """Offer ways to deliver a consignment, with their price.

    Pure. Every plugin's options are shown to the shopper; the one he chooses is asked again when
    the order is placed, so a price cannot be carried over from another address.

    Args:
        consignment: Goods, weight and destination.

    Returns:
        Options; None or nothing when this plugin does not deliver there.

    Since: 0.1
    """

"""Pricing: change what a basket costs, lane by lane, and say why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jishi.hookspecs.marker import hookspec

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from jishi.pricing.structs import Basket, Lane, Nets, Offer


@hookspec
def load_groups(member: str, at: datetime) -> Sequence[str] | None:
    """Say which groups a member belongs to, for rules of other plugins and of price lists.

    Awaited before a member's basket is priced, reads only. ``gold`` of the plugin ``loyalty``
    becomes ``loyalty.gold`` in ``basket.groups``.

    Args:
        member: The member's id.
        at: The moment that counts, UTC.

    Returns:
        Names of groups, or None. An error refuses the quote: no wrong price.

    Since: 0.1
    """


@hookspec
def load_pricing(basket: Basket) -> object | None:
    """Fetch what this plugin's ``adjust_price`` will need for a basket.

    Awaited before pricing, reads only. The answer is handed back as
    ``basket.loaded[<plugin name>]``.

    Args:
        basket: What is to be priced.

    Returns:
        Anything frozen, or None. An error refuses the quote: no wrong price.

    Since: 0.1
    """


@hookspec
def adjust_price(basket: Basket, lane: Lane, nets: Nets) -> Sequence[Offer] | None:
    """Offer adjustments in one lane.

    Pure. Asked once per lane, in the lanes' order; inside a lane all plugins see the same nets,
    compete, and the best for the customer wins unless the merchant says that they stack.

    Args:
        basket: What is priced, with everything that was loaded.
        lane: The lane that is being driven.
        nets: What each line and the delivery cost after the lanes before.

    Returns:
        Offers of this lane, or None. An error refuses the quote.

    Since: 0.1
    """

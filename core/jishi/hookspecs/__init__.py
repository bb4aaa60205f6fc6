"""Where a plugin may speak: one module per family, one typed function per hook.

The verb of a hook tells how it is asked (``core/HOOKS.md`` has the table):

* ``register_`` collected once at the start;
* ``load_`` awaited before a decision, reads only;
* ``quote_``, ``offer_``, ``adjust_`` pure; None means "nothing to offer";
* ``review_`` awaited, every objection counts, an error refuses;
* ``effects_of_`` pure, committed with the transition;
* ``choose_`` one plugin decides;
* past tense: a durable job after the commit.
"""

from types import ModuleType

from jishi.hookspecs import (
    checkout,
    compliance,
    fulfilment,
    membership,
    personal,
    platform,
    pricing,
)
from jishi.hookspecs.marker import hookspec

FAMILIES: tuple[ModuleType, ...] = (
    checkout,
    pricing,
    membership,
    fulfilment,
    compliance,
    personal,
    platform,
)
"""Every family of hooks, in the order of the reference."""

__all__ = [
    "FAMILIES",
    "checkout",
    "compliance",
    "fulfilment",
    "hookspec",
    "membership",
    "personal",
    "platform",
    "pricing",
]

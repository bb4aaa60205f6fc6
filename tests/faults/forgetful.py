"""A plugin that forgets which orders were placed under which key."""

import sys

from jishi.checkout import Counter  # noqa: F401 - loads both modules
from jishi.plugins import Declaration, Plugin


async def _never(reader, keys):
    return {}


# The package shows its functions under the names of their modules, so these are asked for here.
for name in ("place_batch", "place_order"):
    sys.modules[f"jishi.checkout.{name}"].placed_before = _never


class Own(Plugin):
    """Does nothing else."""

    declaration = Declaration(name="forgetful", version="1.0")

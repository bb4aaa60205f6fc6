"""A plugin that forgets which orders were placed under which key."""

from jishi.checkout import place_batch, place_order
from jishi.plugins import Declaration, Plugin


async def _never(reader, keys):
    return {}


place_batch.placed_before = place_order.placed_before = _never


class Own(Plugin):
    """Does nothing else."""

    declaration = Declaration(name="forgetful", version="1.0")

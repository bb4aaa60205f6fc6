"""The plugin's declaration and its hooks."""

from typing import ClassVar

from jishi.plugins import Declaration, Plugin


class FlashSale(Plugin):
    """Flash sales for Jishi: a quota of its own, limits per member, a fair queue."""

    declaration: ClassVar[Declaration] = Declaration(name="flash_sale", version="0.1.0")

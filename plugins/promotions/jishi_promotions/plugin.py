"""The plugin's declaration and its hooks."""

from typing import ClassVar

from jishi.plugins import Declaration, Plugin


class Promotions(Plugin):
    """Promotions and coupons for Jishi: full reductions, ladders, gifts, limits that hold."""

    declaration: ClassVar[Declaration] = Declaration(name="promotions", version="0.1.0")

"""The plugin's declaration and its hooks."""

from typing import ClassVar

from jishi.plugins import Declaration, Plugin


class GroupBuy(Plugin):
    """Tiered group buying for Jishi: teams, seats, settlement with one refund per member."""

    declaration: ClassVar[Declaration] = Declaration(name="group_buy", version="0.1.0")

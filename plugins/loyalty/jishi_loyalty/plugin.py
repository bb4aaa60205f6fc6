"""The plugin's declaration and its hooks."""

from typing import ClassVar

from jishi.plugins import Declaration, Plugin


class Loyalty(Plugin):
    """Points with lots, tiers and stored value for Jishi: one member in the mall and at the till."""

    declaration: ClassVar[Declaration] = Declaration(name="loyalty", version="0.1.0")

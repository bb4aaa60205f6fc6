"""The plugin's declaration and its hooks."""

from typing import ClassVar

from jishi.plugins import Declaration, Plugin


class Privacy(Plugin):
    """Personal data in Jishi: consent, export, erasure, retention, an access log."""

    declaration: ClassVar[Declaration] = Declaration(name="privacy", version="0.1.0")

"""The plugin's declaration and its hooks."""

from typing import ClassVar

from jishi.plugins import Declaration, Plugin


class LiveStream(Plugin):
    """Live streams for Jishi: session prices, coupons of a session, fair draws."""

    declaration: ClassVar[Declaration] = Declaration(name="live_stream", version="0.1.0")

"""Live streams for Jishi: session prices, coupons of a session, fair draws."""

from jishi_live_stream.plugin import LiveStream

__all__ = ["LiveStream"]

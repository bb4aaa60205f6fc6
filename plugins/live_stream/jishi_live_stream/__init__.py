"""Live streams: sessions, their prices and coupons, draws that anybody can check."""

from jishi_live_stream.plugin import LiveStream
from jishi_live_stream.settings import LiveStreamSettings

__all__ = ["LiveStream", "LiveStreamSettings"]

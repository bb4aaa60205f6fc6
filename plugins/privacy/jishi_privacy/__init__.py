"""Personal data in Jishi: consent, export, erasure, retention, an access log."""

from jishi_privacy.plugin import Privacy

__all__ = ["Privacy"]

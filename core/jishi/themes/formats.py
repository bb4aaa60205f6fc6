"""Money and moments as people read them."""

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

_SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$", "JPY": "JP¥"}
_WHOLE = frozenset({"JPY", "KRW", "VND"})
"""Currencies whose smallest unit is the whole one."""


class Amount(NamedTuple):
    """An amount in parts, so that a page can set them in different sizes.

    Attributes:
        sign: ``¥``, with a minus in front where money is taken off.
        whole: ``1,234``
        rest: ``.50``, or empty.
    """

    sign: str
    whole: str
    rest: str

    def __str__(self) -> str:
        return self.sign + self.whole + self.rest


def amount_of(smallest: int, currency: str = "CNY") -> Amount:
    """An amount for a page.

    Args:
        smallest: In the currency's smallest unit (fen).
        currency: ISO 4217.
    """
    sign = ("−" if smallest < 0 else "") + _SIGNS.get(currency, f"{currency} ")
    if currency in _WHOLE:
        return Amount(sign, f"{abs(smallest):,}", "")
    whole, rest = divmod(abs(smallest), 100)
    return Amount(sign, f"{whole:,}", f".{rest:02d}")


def moment_of(at: datetime, timezone: str) -> str:
    """A moment on the shop's clock: ``2026-05-01 20:15``."""
    return at.astimezone(ZoneInfo(timezone)).strftime("%Y-%m-%d %H:%M")

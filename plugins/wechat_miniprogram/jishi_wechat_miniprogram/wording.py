"""The words of messages: what an event or an order offers, and how templates use them."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

import msgspec

from jishi.fulfilment import Shipment
from jishi.orders import Order
from jishi_wechat_miniprogram.values import DoesNotFit, fitted

BEIJING = timezone(timedelta(hours=8))
_WORD = re.compile(r"\{([a-z_]+)\}")


def worded(template: str, words: Mapping[str, str]) -> str:
    """A text with its words put in: ``订单 {number}``.

    Raises:
        DoesNotFit: The event has no such word.
    """

    def word(found: re.Match[str]) -> str:
        if found[1] not in words:
            known = ", ".join(sorted(words))
            raise DoesNotFit(f"there is no word {{{found[1]}}}; there are {known}")
        return words[found[1]]

    return _WORD.sub(word, template)


def values_of(templates: Mapping[str, str], words: Mapping[str, str]) -> dict[str, str]:
    """The values of a message, each as its type wants it.

    Raises:
        DoesNotFit: A word is missing, or a value cannot be said in its type.
    """
    return {key: fitted(key, worded(text, words)) for key, text in templates.items()}


def words_of_data(data: Mapping[str, object]) -> dict[str, str]:
    """What an event says, as words; moments are told in Beijing's time."""
    return {
        name: _moment(value) if isinstance(value, str) else str(value)
        for name, value in data.items()
        if isinstance(value, str | int) and not isinstance(value, bool)
    }


def words_of_order(order: Order, shipments: tuple[Shipment, ...]) -> dict[str, str]:
    """What an order says: nothing of who and where its customer is."""
    last = shipments[-1] if shipments else None
    return {
        "order": order.id,
        "number": order.number,
        "total": yuan(order.total),
        "paid": yuan(order.paid),
        "refunded": yuan(order.refunded),
        "goods": goods_of([(line.title, line.quantity) for line in order.lines]),
        "pieces": str(sum(line.quantity for line in order.lines)),
        "placed": told(order.placed_at),
        "delivery": order.delivery.title,
        "carrier": last.carrier if last else "",
        "tracking": last.tracking if last else "",
    }


def goods_of(pieces: list[tuple[str, int]], most: int = 10_000) -> str:
    """Goods in a sentence: ``白茶×2、杯子×1``; what is too long ends with 等."""
    text = "、".join(f"{title}×{quantity}" for title, quantity in pieces)
    return text if len(text) <= most else f"{text[: most - 2]}…等"


def yuan(fen: int) -> str:
    """An amount as people write it: ``12.34``."""
    return f"{fen // 100}.{fen % 100:02d}"


def told(moment: datetime) -> str:
    """A moment as WeChat's ``time`` wants it: ``2026年3月1日 16:05``."""
    local = moment.astimezone(BEIJING)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def _moment(text: str) -> str:
    if len(text) < 20 or text[4:5] != "-" or "T" not in text:
        return text
    try:
        return told(msgspec.convert(text, datetime))
    except (msgspec.ValidationError, ValueError):
        return text

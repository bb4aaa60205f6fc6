"""The queue: who came first orders first, whatever the number of processes.

Turns follow each other evenly from the start on; how many may open at once is written down with
the sale. A turn's time is fixed when it is given, under the sale's row lock, so nothing has to be
counted or told while everybody orders (a leaky bucket, ITU-T I.371 annex A).
"""

from datetime import datetime, timedelta

import msgspec

from jishi.plugins import Desk, Writing
from jishi.problems import Clash
from jishi_flash_sale import sql
from jishi_flash_sale.settings import FlashSaleSettings
from jishi_flash_sale.structs import Sale, Turn
from jishi_flash_sale.tables import TurnTable


class NoQueue(Clash):
    """The sale has no queue, or is over."""

    code = "sale_no_queue"
    title = "There is no queue"


class _Place(msgspec.Struct, frozen=True):
    number: int
    opens_at: datetime


async def take_turn(desk: Desk, sale: Sale, member: str, settings: FlashSaleSettings) -> Turn:
    """A member's place in the queue: the one he has, or the next; a missed one is replaced.

    Raises:
        NoQueue: The sale has none, or is over.
    """
    if sale.queue == "no" or sale.state != "scheduled" or desk.now() >= sale.ends_at:
        raise NoQueue("This sale has no queue, or it is over.", next_step="Look at the sale.")
    key = f"{sale.id}:{member}"
    known = await desk.one_as(_Place, sql.TURN, key)
    if known is None or _turn(known, desk.now(), settings).state == "missed":
        known = await desk.atomically(lambda w: _next(w, desk, sale, member, settings))
    return _turn(known, desk.now(), settings)


async def has_turn(desk: Desk, sale: Sale, member: str, settings: FlashSaleSettings) -> bool:
    """Whether a member may order now."""
    if sale.queue == "no":
        return True
    known = await desk.one_as(_Place, sql.TURN, f"{sale.id}:{member}")
    return known is not None and _turn(known, desk.now(), settings).state == "open"


async def _next(
    w: Writing, desk: Desk, sale: Sale, member: str, settings: FlashSaleSettings
) -> _Place:
    """The next place, given under the sale's lock: numbers are in the order of asking."""
    key, now = f"{sale.id}:{member}", desk.now()
    ((turns, even),) = await w.fetch(sql.LOCK_QUEUE, sale.id)
    rows = await w.fetch(sql.TURN, key)
    known = _Place(*rows[0]) if rows else None  # type: ignore[arg-type]  # its columns
    if known is not None and _turn(known, now, settings).state != "missed":
        return known
    place, following = place_of(sale, int(str(turns)) + 1, _moment(even), now)
    await w.execute(sql.QUEUE_MOVED, sale.id, place.number, following)
    if known is None:
        row = (key, sale.id, member, place.number, place.opens_at)
        await w.insert(TurnTable, ("id", "sale", "member", "number", "opens_at"), [row])
    else:
        await w.execute(sql.NEW_TURN, key, place.number, place.opens_at)
    return place


def place_of(sale: Sale, number: int, even: datetime, now: datetime) -> tuple[_Place, datetime]:
    """A new place, and when the one behind it would open if turns followed each other evenly.

    Args:
        sale: The sale.
        number: The place's number.
        even: When it would open itself if they did.
        now: The shop's clock, UTC.
    """
    apart = timedelta(microseconds=1_000_000 // sale.per_second)
    earliest = max(now, sale.starts_at)
    opens_at = max(earliest, even - apart * (sale.at_once - 1))
    return _Place(number, opens_at), max(even, earliest) + apart


def _turn(place: _Place, now: datetime, settings: FlashSaleSettings) -> Turn:
    closes_at = place.opens_at + timedelta(seconds=settings.turn_seconds)
    left = (place.opens_at - now) / timedelta(seconds=1)
    return Turn(
        number=place.number,
        state="waiting" if left > 0 else "open" if now < closes_at else "missed",
        opens_at=place.opens_at,
        closes_at=closes_at,
        seconds=max(0, -int(-left // 1)),
        now=now,
    )


def _moment(value: object) -> datetime:
    assert isinstance(value, datetime)  # noqa: S101 the column's type
    return value

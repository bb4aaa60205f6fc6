"""What flows through flash sales."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

SaleState = Literal["draft", "scheduled", "stopped", "over"]
"""Written down; its quota is taken and it runs in its time; ended by somebody; ended by time."""

_Sku = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class ItemPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One SKU of a sale.

    Attributes:
        sku: The SKU's code.
        price: Of one piece in the sale, in fen.
        quota: Pieces, taken from the location's stock when the sale is scheduled.
        per_member: Pieces that one member may have; paid or not, but not cancelled.
    """

    sku: _Sku
    price: Annotated[int, msgspec.Meta(ge=0, le=10**12)]
    quota: Annotated[int, msgspec.Meta(ge=1, le=10**9)]
    per_member: Annotated[int, msgspec.Meta(ge=1, le=10**6)] = 1


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sale as a merchant writes it down.

    Attributes:
        title: What shoppers read.
        starts_at: When it begins, with its zone.
        ends_at: When it ends.
        items: What is sold, each SKU once.
        queue: ``yes`` lets shoppers order by turns, in the order in which they came.
        per_second: Turns per second; without it as in the settings.
        at_once: Turns at the beginning; without it as in the settings.
        location: The stock location whose goods are sold.
    """

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    starts_at: datetime
    ends_at: datetime
    items: Annotated[tuple[ItemPlan, ...], msgspec.Meta(min_length=1, max_length=200)]
    queue: Literal["no", "yes"] = "no"
    per_second: Annotated[int, msgspec.Meta(ge=1, le=100_000)] | None = None
    at_once: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None
    location: Annotated[str, msgspec.Meta(pattern=r"^[\w\-]{1,60}$")] = "main"


class Sale(msgspec.Struct, frozen=True, kw_only=True):
    """A sale.

    Attributes:
        id: Its id.
        title: What shoppers read.
        state: Where it stands; ``scheduled`` runs between its times.
        starts_at: UTC.
        ends_at: UTC.
        items: What is sold.
        queue: Whether shoppers order by turns.
        per_second: Turns per second.
        at_once: Turns at the beginning.
        location: Whose goods.
        created_by: Who wrote it down.
        scheduled_by: Who scheduled it.
        scheduled_at: UTC.
        stopped_by: Who stopped it.
        stopped_at: UTC.
        stopped_because: In that person's words.
    """

    id: str
    title: str
    state: SaleState
    starts_at: datetime
    ends_at: datetime
    items: tuple[ItemPlan, ...]
    queue: Literal["no", "yes"]
    per_second: int
    at_once: int
    location: str
    created_by: str
    scheduled_by: str = ""
    scheduled_at: datetime | None = None
    stopped_by: str = ""
    stopped_at: datetime | None = None
    stopped_because: str = ""

    def is_on(self, now: datetime) -> bool:
        """Whether it sells at a moment."""
        return self.state == "scheduled" and self.starts_at <= now < self.ends_at

    def item(self, sku: str) -> ItemPlan | None:
        """The SKU's place in it."""
        return next((item for item in self.items if item.sku == sku), None)


class ItemShown(msgspec.Struct, frozen=True, kw_only=True):
    """One SKU of a sale, as shoppers see it.

    Attributes:
        sku: The SKU's code.
        price: In the sale, in fen.
        left: Pieces that can still be had; at most a moment old.
        sold_percent: Of the quota, for a bar.
        per_member: Pieces that one member may have.
    """

    sku: str
    price: int
    left: int
    sold_percent: int
    per_member: int


class SaleShown(msgspec.Struct, frozen=True, kw_only=True):
    """A sale, as shoppers see it; count down from ``now``, never from the device's own clock.

    Attributes:
        id: The sale's id: the extra ``flash_sale.sale`` of an order.
        title: Its title.
        state: ``coming``, ``on``, ``sold_out`` or ``over``.
        now: The shop's clock, UTC.
        starts_at: UTC.
        ends_at: UTC.
        seconds_to_start: 0 when it has begun.
        seconds_to_end: 0 when it is over.
        queue: Whether a turn is needed (``POST /flash_sale/sales/{id}/turn``).
        items: What is sold.
    """

    id: str
    title: str
    state: Literal["coming", "on", "sold_out", "over"]
    now: datetime
    starts_at: datetime
    ends_at: datetime
    seconds_to_start: int
    seconds_to_end: int
    queue: Literal["no", "yes"]
    items: tuple[ItemShown, ...]


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """A place in the queue.

    Attributes:
        number: Who came earlier has a smaller one.
        state: ``waiting``; ``open``: order now; ``missed``: ask for another turn.
        opens_at: From when an order is taken, UTC.
        closes_at: Until when, UTC.
        seconds: Until it opens; 0 when it is open.
        now: The shop's clock, UTC.
    """

    number: int
    state: Literal["waiting", "open", "missed"]
    opens_at: datetime
    closes_at: datetime
    seconds: int
    now: datetime


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """How a sale goes, for the merchant.

    Attributes:
        sale: The sale.
        items: One line per SKU.
        turns: Places given in the queue.
    """

    sale: Sale
    items: tuple["ItemReport", ...]
    turns: int


class ItemReport(msgspec.Struct, frozen=True, kw_only=True):
    """How one SKU goes; ``quota = left + ordered + given_back`` always.

    Attributes:
        sku: The SKU's code.
        quota: Pieces that were taken from the location's stock.
        left: Still in the quota.
        ordered: In orders that were not cancelled.
        given_back: To the location's stock, when the sale was over.
        revenue: Of the ordered pieces, in fen.
    """

    sku: str
    quota: int
    left: int
    ordered: int
    given_back: int
    revenue: int

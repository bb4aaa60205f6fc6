"""What flows over HTTP: to members, and to tills."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from jishi_loyalty.value.book import StatementLine
from jishi_loyalty.value.lots import Left
from jishi_loyalty.value.settings import SpendOrder, TopUpPlan

Fen = Annotated[int, msgspec.Meta(ge=1, le=10**9)]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Pin = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6}$", description="Six digits.")]


class LotView(msgspec.Struct, frozen=True, kw_only=True):
    """A top-up and what is left of it, in fen."""

    id: str
    source: str
    paid: int
    gift: int
    principal_left: int
    gift_left: int
    spend_order: SpendOrder
    topped_at: datetime

    @classmethod
    def of(cls, left: Left) -> "LotView":
        """As a member sees it."""
        lot = left.lot
        return cls(
            id=lot.id,
            source=lot.source,
            paid=lot.paid,
            gift=lot.gift,
            principal_left=left.principal,
            gift_left=left.gift,
            spend_order=lot.spend_order,
            topped_at=lot.topped_at,
        )


class Wallet(msgspec.Struct, frozen=True, kw_only=True):
    """What a member has, in fen; principal and gift apart.

    Attributes:
        balance: Both together.
        principal: What was paid for.
        gift: What was given on top.
        has_password: Whether a payment password is set.
        step_up_from: Payments of so much a day need a proof, in fen.
        filing_reference: Under which number the merchant has filed; may be empty.
        lots: Top-ups, the oldest first.
        plans: What can be bought.
    """

    balance: int
    principal: int
    gift: int
    has_password: Literal["yes", "no"]
    step_up_from: int
    filing_reference: str
    lots: tuple[LotView, ...]
    plans: tuple[TopUpPlan, ...]


class ValueStatement(msgspec.Struct, frozen=True, kw_only=True):
    """Every change of a member's stored value, the youngest first."""

    items: tuple[StatementLine, ...]


class NewPassword(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payment password.

    Attributes:
        password: The new one.
        current: The one before, where there is one; or
        code: a code that was sent to the member's phone.
    """

    password: Pin
    current: Pin | None = None
    code: Pin | None = None


class NewProof(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That it is I who pay: the payment password or a code, and how much I am about to pay."""

    most: Fen
    password: Pin | None = None
    code: Pin | None = None


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """Good for one payment of at most so many fen, for so many minutes."""

    most: int
    minutes: int


class Transfer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rest of a top-up for the member whose code was read."""

    lot: Id
    to: Code


class Look(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The member who stands at the till, by his code."""

    code: Code


class AtTill(msgspec.Struct, frozen=True, kw_only=True):
    """What a till may see of a member, in fen."""

    member: str
    balance: int
    principal: int
    gift: int


class TillTopUp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Money over the counter.

    Attributes:
        code: The member's code.
        plan: The plan's SKU; or
        amount: any amount in fen, where the shop takes that.
        means: How it was paid.
        slip: The till's own number of the sale.
    """

    code: Code
    plan: Id | None = None
    amount: Fen | None = None
    means: Literal["cash", "card", "wechat", "alipay", "other"] = "cash"
    slip: Annotated[str, msgspec.Meta(max_length=64)] = ""


class TillPayment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payment at a till: the member's fresh code says that he is there."""

    code: Code
    amount: Fen


class TillReversal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What of a payment goes back, in fen; at any store."""

    amount: Fen


class TillPaid(msgspec.Struct, frozen=True, kw_only=True):
    """A payment at a till.

    Attributes:
        id: For its reversal.
        amount: In fen.
        refunded: What of it went back, in fen.
        balance: What the member has now, in fen.
    """

    id: str
    amount: int
    refunded: int
    balance: int


class DayLine(msgspec.Struct, frozen=True, kw_only=True):
    """What a store did in a day, by kind and means: how often, and how much, in fen."""

    kind: str
    means: str
    amount: int
    count: int


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """A store's day."""

    store: str
    items: tuple[DayLine, ...]

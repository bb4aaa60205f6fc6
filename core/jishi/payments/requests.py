"""What clients may send about payments."""

from typing import Annotated, Literal

import msgspec

from jishi.orders import RefundLine, RefundWish

Words = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Fen = Annotated[int, msgspec.Meta(ge=1, le=2**53)]


class First(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A purse that is to pay what it can before the rest is paid another way."""

    gateway: Words
    method: Words


class Pay(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an order is to be paid; how much is the shop's business.

    Attributes:
        gateway: One of ``ways``.
        method: One of the gateway's methods.
        openid: Who pays, where the method asks for it.
        first: "Use my balance": this one pays what it covers, the others the rest.
    """

    gateway: Words
    method: Words
    openid: Annotated[str, msgspec.Meta(max_length=128)] = ""
    first: First | None = None

    def payer(self, address: str) -> dict[str, str]:
        """What is known of who pays: what he said, and his network address."""
        known = {"address": address, "openid": self.openid}
        return {name: value for name, value in known.items() if value}


class Cancel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why an order is cancelled; may be empty."""

    reason: Annotated[str, msgspec.Meta(max_length=200)] = ""


class RefundOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What of an order goes back.

    Attributes:
        lines: Pieces or amounts of lines; empty with an ``amount`` spreads it over everything.
        delivery: Of the delivery fee, in fen.
        amount: The whole refund in fen, when it is not what the lines come to.
        restock: Whether the pieces go back on sale.
        reason: What the shopper reads.
    """

    lines: Annotated[tuple[RefundLine, ...], msgspec.Meta(max_length=100)] = ()
    delivery: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 0
    amount: Fen | None = None
    restock: Literal["yes", "no"] = "no"
    reason: Annotated[str, msgspec.Meta(max_length=80)] = ""

    @property
    def wish(self) -> RefundWish:
        """What goes back, without why."""
        return RefundWish(lines=self.lines, delivery=self.delivery, amount=self.amount)

"""How much of which line goes back: exact, and never more than is left; pure."""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from jishi.money import allocate
from jishi.orders.problems import NotThatMany, RefundTooMuch
from jishi.orders.structs import Order, OrderLine
from jishi.problems import Invalid

_Pieces = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
_Amount = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class RefundLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What of one line is to go back.

    Attributes:
        line: The line's id.
        quantity: Pieces; 0 gives back money alone.
        amount: In fen; None means the pieces' share of what the line cost.
    """

    line: str
    quantity: _Pieces = 0
    amount: _Amount | None = None


class RefundWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What of an order is to go back.

    Attributes:
        lines: Per line; empty with an ``amount`` spreads it over everything.
        delivery: Of the delivery fee, in fen.
        amount: The whole refund in fen, when it is not what the lines come to.
    """

    lines: tuple[RefundLine, ...] = ()
    delivery: _Amount = 0
    amount: _Amount | None = None


class PlannedLine(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces and money of one line that go back."""

    line: str
    sku: str
    quantity: int
    amount: int


class RefundPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What goes back: per line, of the delivery, and in all, in fen."""

    lines: tuple[PlannedLine, ...]
    delivery: int
    total: int


def plan_refund(order: Order, wish: RefundWish) -> RefundPlan:
    """Work out a refund.

    Giving the pieces of a line back one by one sums to exactly what the line cost.

    Raises:
        NotThatMany: More pieces than were not given back yet.
        RefundTooMuch: More money than is left.
        Invalid: An unknown line, a line twice, or nothing at all.
    """
    by_id = {line.id: line for line in order.lines}
    if len({one.line for one in wish.lines}) != len(wish.lines):
        raise Invalid("A line stands twice in the refund.", field="lines")
    if strangers := [one.line for one in wish.lines if one.line not in by_id]:
        raise Invalid(f"The order has no line {strangers[0]!r}.", field="lines")
    planned = [_planned(by_id[one.line], one) for one in wish.lines]
    delivery_left = order.delivery_fee - order.delivery_refunded
    if wish.delivery > delivery_left:
        raise RefundTooMuch(
            f"{delivery_left} fen of the delivery are left, not {wish.delivery}.", field="delivery"
        )
    delivery = wish.delivery
    if wish.amount is not None:
        planned, delivery = _spread(order, wish, planned, wish.amount)
    total = sum(line.amount for line in planned) + delivery
    if not total and not any(line.quantity for line in planned):
        raise Invalid(
            "Nothing would go back.", field="lines", next_step="Name lines or an amount."
        )
    return RefundPlan(lines=tuple(planned), delivery=delivery, total=total)


def everything_left(order: Order) -> RefundWish:
    """All pieces and all money that have not gone back yet."""
    return RefundWish(
        lines=tuple(
            RefundLine(
                line=line.id,
                quantity=line.quantity - line.refunded,
                amount=line.total - line.refunded_amount,
            )
            for line in order.lines
            if line.refunded < line.quantity or line.refunded_amount < line.total
        ),
        delivery=order.delivery_fee - order.delivery_refunded,
    )


def refunded(order: Order, plan: RefundPlan) -> Order:
    """The order after a refund; pieces that never left are taken out of what is to be shipped."""
    by_id = {one.line: one for one in plan.lines}
    lines = tuple(
        _after(line, by_id[line.id]) if line.id in by_id else line for line in order.lines
    )
    return msgspec.structs.replace(
        order,
        lines=lines,
        refunded=order.refunded + plan.total,
        delivery_refunded=order.delivery_refunded + plan.delivery,
    )


def _after(line: OrderLine, one: PlannedLine) -> OrderLine:
    return msgspec.structs.replace(
        line,
        refunded=line.refunded + one.quantity,
        refunded_amount=line.refunded_amount + one.amount,
        withdrawn=line.withdrawn + min(one.quantity, line.to_ship),
    )


def _planned(line: OrderLine, wish: RefundLine) -> PlannedLine:
    pieces_left, money_left = line.quantity - line.refunded, line.total - line.refunded_amount
    if wish.quantity > pieces_left:
        raise NotThatMany(
            f"{pieces_left} pieces of line {line.id} are left to give back, not {wish.quantity}.",
            field="lines",
        )
    amount = wish.amount
    if amount is None:
        amount = min(_share(line, wish.quantity), _of_the_rest(line, wish.quantity))
    if amount > money_left:
        raise RefundTooMuch(
            f"{money_left} fen of line {line.id} are left to give back, not {amount}.",
            field="lines",
        )
    return PlannedLine(line=line.id, sku=line.sku, quantity=wish.quantity, amount=amount)


def _share(line: OrderLine, quantity: int) -> int:
    """What the next pieces are worth: the difference of two rounded sums, so nothing is lost."""
    before = line.total * line.refunded // line.quantity
    return line.total * (line.refunded + quantity) // line.quantity - before


def _of_the_rest(line: OrderLine, quantity: int) -> int:
    """Their part of the money that is left: less than their share after money alone went back.

    Rounded up, so that it never is less than the share of a line of which only pieces went back.
    """
    pieces, money = line.quantity - line.refunded, line.total - line.refunded_amount
    return -(-money * quantity // pieces) if quantity else 0


def _spread(
    order: Order, wish: RefundWish, planned: Sequence[PlannedLine], amount: int
) -> tuple[list[PlannedLine], int]:
    """Share an amount out over the named lines, or over everything when none is named."""
    if not planned:
        planned = [
            PlannedLine(line=line.id, sku=line.sku, quantity=0, amount=0) for line in order.lines
        ]
    left = {line.id: line.total - line.refunded_amount for line in order.lines}
    weights = [left[one.line] for one in planned]
    weights.append(wish.delivery if wish.lines else order.delivery_fee - order.delivery_refunded)
    if amount > sum(weights):
        raise RefundTooMuch(
            f"{sum(weights)} fen are left to give back, not {amount}.", field="amount"
        )
    *shares, delivery = allocate(amount, weights)
    lines = [
        msgspec.structs.replace(one, amount=share)
        for one, share in zip(planned, shares, strict=True)
    ]
    return [one for one in lines if one.amount or one.quantity], delivery

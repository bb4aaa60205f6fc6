"""Read whose lots there are and what is left of them."""

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec

from jishi.plugins import Desk, Writing
from jishi.problems import NotFound
from jishi_loyalty.value import sql
from jishi_loyalty.value.law import Used, of_the_rest
from jishi_loyalty.value.lots import Kind, Left, Lot, Part

Reader = Desk | Writing
KINDS: tuple[Kind, ...] = ("principal", "gift")


class Payment(msgspec.Struct, frozen=True):
    """A payment from stored value, or a number that was given up before it paid.

    Attributes:
        id: The attempt's number, or the till's.
        member: Who paid.
        order: The order's id; empty at a till.
        amount: In fen.
        refunded: What of it went back, in fen.
        currency: ISO 4217.
        status: ``paid`` or ``closed``.
        store: Where; empty in the mall.
        staff: By whose hand; empty in the mall.
        paid_at: UTC.
    """

    id: str
    member: str
    order: str
    amount: int
    refunded: int
    currency: str
    status: str
    store: str
    staff: str
    paid_at: datetime


class StatementLine(msgspec.Struct, frozen=True):
    """One line of a member's statement.

    Attributes:
        at: UTC.
        reason: ``top_up``, ``spent``, ``returned``, ``given_up``, ``handed_over``, ``merged`` …
        reference: The order, the payment, the refund …
        principal: What it changed of the principal, in fen.
        gift: … and of the gift.
        balance: What there was after it, in fen.
    """

    at: datetime
    reason: str
    reference: str
    principal: int
    gift: int
    balance: int


async def left_of(reader: Reader, member: str) -> list[Left]:
    """What is left of a member's lots, the oldest first."""
    return await _left(reader, [_lot(row) for row in await reader.fetch(sql.LOTS_OF, member)])


async def left_in(reader: Reader, lots: Collection[str]) -> dict[str, Left]:
    """What is left of these lots, by their ids."""
    found = [_lot(row) for row in await reader.fetch(sql.LOTS, sorted(lots))]
    return {one.lot.id: one for one in await _left(reader, found)}


async def find_lot(reader: Reader, lot: str) -> Left:
    """One lot.

    Raises:
        NotFound: There is none of that id.
    """
    found = (await left_in(reader, [lot])).get(lot)
    if found is None:
        raise NotFound("There is no such top-up.")
    return found


async def _left(reader: Reader, lots: Sequence[Lot]) -> list[Left]:
    accounts = [lot.account(kind) for lot in lots for kind in KINDS]
    stand = await reader.balances(accounts) if accounts else {}
    return [
        Left(lot, stand[lot.account("principal")].available, stand[lot.account("gift")].available)
        for lot in lots
    ]


async def used_of(reader: Reader, left: Left) -> Used:
    """What came of a top-up so far, for giving it up or handing it over.

    Where its rest was handed over, its history went along; what a refund brought back after that
    stands for itself, so that no fen is paid out twice.
    """
    lot = left.lot
    used = lot.used_before + await number(reader, sql.USED, lot.id)
    ((back, ended),) = await reader.fetch(sql.RETURNED, lot.id)
    returned = int(str(back))
    handed_over = lot.paid + lot.gift - used - int(str(ended)) - left.total
    if handed_over > 0:
        return of_the_rest(lot.paid, lot.gift, left.total)
    return Used(paid=lot.paid, gift=lot.gift, used=used, returned=returned)


async def lock_holder(w: Writing, member: str) -> None:
    """Nobody else changes what the member has, or looks whether more fits, until the end."""
    await w.execute(sql.KEEP_MEMBER, member)
    await w.execute(sql.LOCK_MEMBER, member)


async def find_payment(reader: Reader, payment: str) -> Payment | None:
    """A payment, if there is one of that id."""
    rows = await reader.fetch(sql.PAYMENT, payment)
    return Payment(*rows[0]) if rows else None  # type: ignore[arg-type]  # in the fields' order


async def taken_by(reader: Reader, payment: str) -> list[Part]:
    """What a payment took, in the order of taking."""
    rows = await reader.fetch(sql.TAKEN, payment)
    return [Part(*row) for row in rows]  # type: ignore[arg-type]  # in the fields' order


async def number(reader: Reader, statement: str, *arguments: str | int | datetime) -> int:
    """The one number that a statement gives; 0 without a row."""
    rows = await reader.fetch(statement, *arguments)
    return int(str(rows[0][0])) if rows else 0


async def statement_of(desk: Desk, member: str) -> list[StatementLine]:
    """A member's statement, the youngest line first; its sum is the balance."""
    lots = [_lot(row) for row in await desk.fetch(sql.LOTS_OF, member)]
    accounts = [lot.account(kind) for lot in lots for kind in KINDS]
    rows = await desk.fetch(sql.STATEMENT, accounts, "value:%:principal:%") if accounts else []
    lines: list[StatementLine] = []
    balance = 0
    for at, reason, reference, principal, whole in reversed(rows):
        of_principal, of_all = int(str(principal)), int(str(whole))
        balance += of_all
        line = (at, str(reason), str(reference), of_principal, of_all - of_principal, balance)
        lines.append(StatementLine(*line))  # type: ignore[arg-type]  # entered_at is a datetime
    return lines[::-1]


def _lot(row: Sequence[object]) -> Lot:
    return Lot(*row)  # type: ignore[arg-type]  # the columns stand in the order of the fields

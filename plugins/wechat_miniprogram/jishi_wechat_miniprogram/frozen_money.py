"""How much of the shop's money WeChat holds back because it does not know what was shipped."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from jishi_wechat_miniprogram.account import Account

LATE = timedelta(hours=48)
"""WeChat wants goods to leave within this time, and reminds and restricts afterwards."""

MOST = 5000

Why = Literal["not_shipped", "not_uploaded", "partly_uploaded", "refused", "by_hand"]

_FROZEN = (
    "SELECT a.order_id, o.number, a.transaction_id, a.app, a.captured - a.refunded, a.currency, "
    "a.paid_at, o.shipped_at, coalesce(u.state, ''), coalesce(u.code, 0), u.reminded_at "
    "FROM payments_attempts a JOIN orders_orders o ON o.id = a.order_id "
    "LEFT JOIN wechat_miniprogram_uploads u ON u.id = a.transaction_id "
    "WHERE a.gateway = 'wechat_pay' AND a.status = 'paid' AND a.app = ANY($1) "
    "AND a.captured > a.refunded AND coalesce(u.state, '') NOT IN ('uploaded', 'settled') "
    "ORDER BY a.paid_at, a.id LIMIT $2"
)


class _Row(msgspec.Struct, frozen=True):
    order: str
    number: str
    transaction: str
    app: str
    amount: int
    currency: str
    paid_at: datetime
    shipped_at: datetime | None
    state: str
    code: int
    reminded_at: datetime | None


class FrozenPayment(msgspec.Struct, frozen=True, kw_only=True):
    """A payment that WeChat holds.

    Attributes:
        order: The order's id.
        number: The order's number.
        transaction: WeChat's number.
        app: The mini program.
        amount: What is held, in fen.
        currency: ISO 4217.
        why: What is missing.
        code: WeChat's error, where it refused; else 0.
        paid_at: UTC.
        shipped_at: UTC; None before.
        late: Whether the 48 hours are over.
        reminded_at: When WeChat asked where the goods are, UTC; None if it did not.
    """

    order: str
    number: str
    transaction: str
    app: str
    amount: int
    currency: str
    why: Why
    code: int
    paid_at: datetime
    shipped_at: datetime | None
    late: bool
    reminded_at: datetime | None


class FrozenMoney(msgspec.Struct, frozen=True, kw_only=True):
    """What WeChat holds back.

    Attributes:
        total: In fen.
        late: Of it, paid more than 48 hours ago, in fen.
        by_reason: In fen, by what is missing.
        payments: One by one, the oldest first; at most 5000.
    """

    total: int
    late: int
    by_reason: dict[str, int]
    payments: tuple[FrozenPayment, ...]


async def frozen_money(account: Account) -> FrozenMoney:
    """Every payment through a mini program whose shipping WeChat does not know in full."""
    now = account.desk.now()
    rows = await account.desk.fetch_as(_Row, _FROZEN, list(account.settings.appids), MOST)
    held = tuple(_shown(row, now) for row in rows)
    reasons: Counter[str] = Counter()
    for each in held:
        reasons[each.why] += each.amount
    return FrozenMoney(
        total=sum(each.amount for each in held),
        late=sum(each.amount for each in held if each.late),
        by_reason=dict(reasons),
        payments=held,
    )


def _shown(row: _Row, now: datetime) -> FrozenPayment:
    return FrozenPayment(
        order=row.order,
        number=row.number,
        transaction=row.transaction,
        app=row.app,
        amount=row.amount,
        currency=row.currency,
        why=_why(row),
        code=row.code,
        paid_at=row.paid_at,
        shipped_at=row.shipped_at,
        late=now - row.paid_at > LATE,
        reminded_at=row.reminded_at,
    )


def _why(row: _Row) -> Why:
    if row.state in ("refused", "by_hand"):
        return "refused" if row.state == "refused" else "by_hand"
    if row.state == "partly":
        return "partly_uploaded"
    return "not_shipped" if row.shipped_at is None else "not_uploaded"

"""Owe money back: written down in the transaction that decided it, paid out by a job."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from jishi.db import Transaction, Value
from jishi.events import Happened, Job, enqueue
from jishi.identifiers import new_id, new_order_number
from jishi.orders import find_order, hold_order
from jishi.payments import sql
from jishi.payments.attempts import attempts_of
from jishi.payments.structs import Attempt
from jishi.payments.tables import RefundTable
from jishi.shop import Shop

_COLUMNS = (
    "id",
    "order_id",
    "attempt_id",
    "gateway",
    "number",
    "key",
    "request",
    "digest",
    "kind",
    "amount",
    "currency",
    "status",
    "reason",
    "actor",
    "reference",
    "problem",
    "requested_at",
)

_PAUSES = tuple(timedelta(seconds=s) for s in (0, 5, 30, 60, 180, 300, 600, 1800, 3600))


class Owing(msgspec.Struct, frozen=True, kw_only=True):
    """A refund of an order that was decided.

    Attributes:
        order: The order's id.
        amount: In fen.
        currency: ISO 4217.
        request: Names the decision; the refunds of one decision share it.
        digest: Of what was asked for.
        reason: For the shopper.
        actor: Who decided.
    """

    order: str
    amount: int
    currency: str
    request: str
    digest: str
    reason: str
    actor: str


async def owe(tx: Transaction, shop: Shop, owing: Owing) -> None:
    """Take a refund from the order's payments, the youngest first, under the order's lock.

    So a part from a purse and the rest from a bank go back as if the rest had been smaller: the
    bank's money first, then the purse's, to each at most what came from it. What no payment can
    give back (it was paid in cash, say) is left to a person.
    """
    now = shop.clock.now()
    left = owing.amount
    rows: list[list[Value]] = []
    jobs: list[Job] = []
    for attempt in youngest_first(await attempts_of(tx, owing.order)):
        part = min(left, attempt.captured - attempt.refunded)
        if part > 0:
            left -= part
            await tx.execute(sql.GIVE_BACK, attempt.id, part)
            rows.append(_row(owing, attempt.id, attempt.gateway, part, "owed", now, len(rows)))
            jobs.append(pay_back_job(str(rows[-1][0]), 0, now))
    if left or not rows:
        status = "failed" if left else "refunded"
        rows.append(_row(owing, "", "", left, status, now, len(rows)))
    await tx.insert(RefundTable, _COLUMNS, rows)
    await enqueue(tx, shop, jobs)


def youngest_first(attempts: Sequence[Attempt]) -> list[Attempt]:
    """The payments that brought money, the one that was begun last first.

    Gateways tell the second of a payment by clocks of their own; these decide nothing.
    """
    paid = [one for one in attempts if one.captured]
    return sorted(paid, key=lambda one: one.id, reverse=True)


def _row(
    owing: Owing, attempt: str, gateway: str, amount: int, status: str, now: datetime, part: int
) -> list[Value]:
    problem = "no payment to take it from; give it back by hand" if status == "failed" else ""
    return [
        new_id(),
        owing.order,
        attempt,
        gateway,
        new_order_number(),
        f"{owing.request}:{part}",
        owing.request,
        owing.digest,
        "order",
        amount,
        owing.currency,
        status,
        owing.reason,
        owing.actor,
        "",
        problem,
        now,
    ]


async def give_back_late(tx: Transaction, shop: Shop, attempt: Attempt, amount: int) -> None:
    """Give money back that came when the order could not use it; once per payment."""
    now = shop.clock.now()
    key, refund = f"late:{attempt.id}", new_id()
    await tx.execute(sql.GIVE_BACK, attempt.id, amount)
    row: list[Value] = [
        refund,
        attempt.order,
        attempt.id,
        attempt.gateway,
        new_order_number(),
        key,
        key,
        "",
        "late",
        amount,
        attempt.currency,
        "owed",
        "The order could not be served any more.",
        "core",
        "",
        "",
        now,
    ]
    await tx.insert(RefundTable, _COLUMNS, [row])
    await enqueue(tx, shop, [pay_back_job(refund, 0, now)])


async def give_back_part_payments(shop: Shop, event: Happened) -> None:
    """Give back what had been paid of an order that ended before it was paid in full.

    An order that late money brought back to life meanwhile keeps it.
    """

    async def work(tx: Transaction) -> None:
        await hold_order(tx, event.subject)
        order = await find_order(tx, event.subject)
        if order.status not in ("cancelled", "expired"):
            return
        for attempt in await attempts_of(tx, event.subject):
            if (left := attempt.captured - attempt.refunded) > 0:
                await give_back_late(tx, shop, attempt, left)

    await shop.database.atomically(work)


def pay_back_job(refund: str, turn: int, now: datetime) -> Job:
    """The job that asks the gateway for a refund, or how it stands, for the ``turn``-th time."""
    return Job(
        kind="payments.pay_back",
        payload={"refund": refund, "turn": turn},
        key=f"payments.pay_back:{refund}:{turn}",
        run_at=now + _PAUSES[min(turn, len(_PAUSES) - 1)],
    )

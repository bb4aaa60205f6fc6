"""Payments that arrive at the same moment, and are as they should be, are settled together.

Whatever is unusual about one of them is left to `settle`, which looks at it alone: money that is
late, partial, counted already or not as agreed, plugins that write along, and whoever lost a race.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from weakref import WeakKeyDictionary, ref

from jishi.db import Grouped, Transaction, Unavailable, padded
from jishi.events import Job, enqueue, first_times
from jishi.orders import Order, PaidInFull, load_orders, note_many, paid_in_full, pay_orders
from jishi.payments import sql
from jishi.payments.gateway import PaymentReport
from jishi.payments.structs import LIVE, Attempt, Settled, Source
from jishi.plugins import HookFailed
from jishi.shop import Shop


class Told(NamedTuple):
    """A report of a payment, verified.

    Attributes:
        report: What the gateway says.
        gateway: Who says it.
        source: How it came here.
        message: The id of its message; empty when it was asked.
    """

    report: PaymentReport
    gateway: str
    source: Source
    message: str = ""


class _Plain(NamedTuple):
    """A report that nothing is unusual about."""

    told: Told
    attempt: Attempt
    payment: PaidInFull


class _Unlike(Exception):
    """Under lock something is not as it was read: everybody is looked at alone."""


_desks: WeakKeyDictionary[Shop, Grouped[Told, Settled | None]] = WeakKeyDictionary()


async def settle_together(shop: Shop, told: Told) -> Settled | None:
    """Settle a payment with those that arrived at the same moment.

    Returns:
        What became of it; None when nothing was written and it has to be looked at alone.

    Raises:
        Unavailable: Nothing was written, or that is not known; tell it again later.
    """
    desk = _desks.get(shop)
    if desk is None:
        seen = ref(shop)

        async def serve(all_told: Sequence[Told]) -> list[Settled | None]:
            shop = seen()
            if shop is None:
                raise ReferenceError("the shop is gone")
            return await _settled(shop, all_told)

        desk = _desks[shop] = Grouped(serve, lambda error: False)
    return await desk.ask(told)


async def _settled(shop: Shop, all_told: Sequence[Told]) -> list[Settled | None]:
    try:
        plain = await _plain(shop, all_told)
        done = await shop.database.atomically(lambda tx: _write(tx, shop, plain)) if plain else {}
    except Unavailable:
        raise
    except Exception:  # noqa: BLE001 - what it was shows when everybody is looked at alone
        return [None] * len(all_told)
    return [
        Settled(outcome="paid", message="kept" if told.message else "")
        if done.get(told.report.attempt) is told
        else None
        for told in all_told
    ]


async def _plain(shop: Shop, all_told: Sequence[Told]) -> list[_Plain]:
    """Those that can be settled together, one for each order."""
    numbers = sorted({told.report.attempt for told in all_told})
    found = await shop.database.fetch_as(Attempt, sql.ATTEMPTS_BY_NUMBER, numbers)
    attempts = {one.number: one for one in found}
    orders = {one.id: one for one in await load_orders(shop.database, [a.order for a in found])}
    plain: dict[str, _Plain] = {}
    for told in all_told:
        attempt = attempts.get(told.report.attempt)
        if attempt is None or attempt.order in plain or not _fits(attempt, told):
            continue
        payment = _payment(shop, orders.get(attempt.order), attempt)
        if payment is not None:
            plain[attempt.order] = _Plain(told, attempt, payment)
    return list(plain.values())


def _fits(attempt: Attempt, told: Told) -> bool:
    return (
        attempt.status != "paid"
        and attempt.gateway == told.gateway
        and not differences(attempt, told.report)
    )


def _payment(shop: Shop, order: Order | None, attempt: Attempt) -> PaidInFull | None:
    if order is None:
        return None
    try:
        return paid_in_full(shop, order, attempt.amount, f"gateway:{attempt.gateway}")
    except HookFailed:
        return None  # asked once more alone, it is told to whoever has to know


async def _write(tx: Transaction, shop: Shop, plain: Sequence[_Plain]) -> dict[str, Told]:
    """Write down what can be; gives the reports that are settled by their attempts' numbers."""
    now = shop.clock.now()
    paid = await pay_orders(tx, shop, [one.payment for one in plain], now)
    ids = {order.id for order in paid}
    going = [one for one in plain if one.attempt.order in ids]
    if not going:
        return {}
    live = await tx.fetch_as(Attempt, sql.LOCK_ATTEMPTS_OF, sorted(ids))
    await _count(tx, going, now)
    notes = [
        (one.attempt.order, "payment_received", one.payment.actor, f"by {one.told.source}")
        for one in going
    ]
    await note_many(tx, notes, now)
    ours = {one.attempt.id for one in going}
    others = [one for one in live if one.status in LIVE and one.id not in ours]
    await enqueue(tx, shop, [close_job(one) for one in others])
    heard = [(one.told.gateway, one.told.message) for one in going if one.told.message]
    await first_times(tx, heard, now)
    return {one.attempt.number: one.told for one in going}


async def _count(tx: Transaction, going: Sequence[_Plain], now: datetime) -> None:
    """Count the money.

    Raises:
        _Unlike: Some was counted meanwhile.
        Conflict: A transaction was counted for another payment.
    """
    rows = [
        (one.attempt.id, one.told.report.transaction, one.told.report.paid_at or now)
        for one in going
    ]
    size, values = padded(rows)
    if await tx.execute(sql.paid(size), *values) != len(rows):
        raise _Unlike


def differences(attempt: Attempt, report: PaymentReport) -> str:
    """What in a report is not as it was agreed; empty when everything is."""
    agreed = {
        "amount": (attempt.amount, report.amount),
        "currency": (attempt.currency, report.currency),
        "merchant": (attempt.merchant, report.merchant),
        "app": (attempt.app, report.app),
    }
    wrong = [
        f"{name} {got!r}, not {want!r}" for name, (want, got) in agreed.items() if want != got
    ]
    if not attempt.merchant:
        wrong.append("the gateway has not opened this payment yet")
    if not report.transaction:
        wrong.append("no transaction number")
    if attempt.status == "paid" and report.transaction != attempt.transaction:
        wrong.append("another transaction than the one that paid it")
    return "; ".join(wrong)


def close_job(attempt: Attempt) -> Job:
    """The job that makes sure an attempt can no longer be paid."""
    return Job(
        kind="payments.close",
        payload={"attempt": attempt.id},
        key=f"payments.close:{attempt.id}",
    )

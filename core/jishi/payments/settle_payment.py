"""The one door through which a payment becomes paid, whoever tells it and however often."""

from jishi.db import Conflict, Transaction
from jishi.events import enqueue
from jishi.ledger import Refused
from jishi.orders import Order, OrderNotReady, find_order, hold_order, note, pay_order
from jishi.payments import sql
from jishi.payments.alerts import alert
from jishi.payments.attempts import live_attempts
from jishi.payments.gateway import PaymentReport
from jishi.payments.give_back import give_back_late
from jishi.payments.settle_together import Told, close_job, differences, settle_together
from jishi.payments.structs import LIVE, Attempt, Settled, Source
from jishi.problems import Invalid
from jishi.shop import Shop


class _KnownAlready(Exception):
    """Somebody else wrote the payment down while we were about to."""


async def settle(
    shop: Shop,
    report: PaymentReport,
    *,
    gateway: str,
    source: Source = "query",
    message: str = "",
) -> Settled:
    """Take note of how a payment stands; the same report may come any number of times.

    Paid money is counted once. When the order has ended or was paid by then, its goods are taken
    anew, and where that is impossible the money goes back, once.

    Args:
        shop: The shop.
        report: What the gateway says, verified.
        gateway: Who says it.
        source: How it came here.
        message: The id of the gateway's message. Usually it is written down together with the
            payment; ``message`` of the answer says whether it was.

    Returns:
        What became of it; ``mismatch`` changed nothing but raised an alert.

    Raises:
        HookFailed: A plugin failed; nothing was written, tell it again later.
        DatabaseError: Nothing was written, or that is not known; tell it again later.
    """
    if report.status == "paid":
        settled = await settle_together(shop, Told(report, gateway, source, message))
        if settled is not None:
            return settled
    attempt = await shop.database.one_as(Attempt, sql.ATTEMPT_BY_NUMBER, report.attempt)
    if attempt is None or attempt.gateway != gateway:
        return await _mismatch(shop, gateway, report, "", "this payment was never started here")
    if report.status == "paid":
        return await _settle_paid(shop, attempt, report, source)
    if report.status in ("closed", "refused") and attempt.status in LIVE:
        await _end(shop, attempt, report.status)
    return Settled(outcome="noted")


async def _settle_paid(
    shop: Shop, attempt: Attempt, report: PaymentReport, source: Source
) -> Settled:
    trouble = differences(attempt, report) or await _other_payment(shop, attempt, report)
    if trouble:
        return await _mismatch(shop, attempt.gateway, report, attempt.order, trouble)
    if attempt.status == "paid":
        return Settled(outcome="repeated")
    actor = f"gateway:{attempt.gateway}"

    async def also(tx: Transaction, order: Order) -> None:
        if not await _write_paid(tx, shop, attempt, report):
            raise _KnownAlready
        await note(tx, order.id, "payment_received", actor, shop.clock.now(), f"by {source}")
        # What asks for more than is open now could only be given back.
        others = [one for one in await live_attempts(tx, order.id) if one.id != attempt.id]
        useless = [close_job(one) for one in others if one.amount > order.open_amount]
        await enqueue(tx, shop, useless)

    try:
        await pay_order(shop, attempt.order, attempt.amount, actor, also)
    except _KnownAlready:
        return Settled(outcome="repeated")
    except Conflict:
        detail = "the transaction was counted for another payment"
        return await _mismatch(shop, attempt.gateway, report, attempt.order, detail)
    except (OrderNotReady, Refused, Invalid) as error:
        return await _keep_for_return(shop, attempt, report, str(error))
    return Settled(outcome="paid")


async def _other_payment(shop: Shop, attempt: Attempt, report: PaymentReport) -> str:
    other = await shop.database.one_as(
        str, sql.OTHER_TRANSACTION, attempt.gateway, report.transaction, attempt.id
    )
    return f"the transaction was counted for {other}" if other else ""


async def _mismatch(
    shop: Shop, gateway: str, report: PaymentReport, order: str, detail: str
) -> Settled:
    number = report.attempt
    await alert(
        shop, "payment_mismatch", gateway=gateway, number=number, order=order, detail=detail
    )
    return Settled(outcome="mismatch", detail=detail)


async def _write_paid(tx: Transaction, shop: Shop, attempt: Attempt, report: PaymentReport) -> int:
    """Write the money down once; 0 when it was written down before."""
    paid_at = report.paid_at or shop.clock.now()
    return await tx.execute(sql.PAID, attempt.id, report.transaction, paid_at)


async def _keep_for_return(
    shop: Shop, attempt: Attempt, report: PaymentReport, why: str
) -> Settled:
    """Money that no order can use any more: written down and given back, both or neither."""

    async def work(tx: Transaction) -> Settled:
        await hold_order(tx, attempt.order)
        if not await _write_paid(tx, shop, attempt, report):
            return Settled(outcome="repeated")
        order = await find_order(tx, attempt.order)
        actor, now = f"gateway:{attempt.gateway}", shop.clock.now()
        detail = f"{attempt.amount} fen came when the order was {order.status}; it goes back."
        await note(tx, order.id, "payment_too_late", actor, now, f"{detail} {why}")
        await give_back_late(tx, shop, attempt, attempt.amount)
        return Settled(outcome="returned", detail=why)

    try:
        return await shop.database.atomically(work)
    except Conflict:
        detail = "the transaction was counted for another payment"
        return await _mismatch(shop, attempt.gateway, report, attempt.order, detail)


async def _end(shop: Shop, attempt: Attempt, status: str) -> None:
    async def work(tx: Transaction) -> None:
        await tx.execute(sql.ENDED, attempt.id, status)

    await shop.database.atomically(work)

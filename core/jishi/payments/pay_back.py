"""Have the gateway give money back, ask how it stands, and write down when it has gone."""

from typing import Any

from jishi.db import Transaction
from jishi.events import Happened, Job, emit, enqueue
from jishi.identifiers import new_order_number
from jishi.orders import find_order, note, told
from jishi.payments import sql
from jishi.payments.alerts import alert
from jishi.payments.attempts import find_attempt, ref_of
from jishi.payments.gateway import GatewayRefused, GatewayUnknown, RefundReport, RefundRequest
from jishi.payments.gateways import bounded, find_gateway
from jishi.payments.give_back import pay_back_job
from jishi.payments.structs import Attempt, Refund, Settled, Source
from jishi.problems import Clash, NotFound
from jishi.shop import Shop

_STUCK_AFTER = 24
"""Turns after which somebody should look why a refund does not go through."""


async def pay_back(shop: Shop, payload: dict[str, Any]) -> None:
    """Job: bring one refund a step further.

    A refund that was sent is looked up before it is sent again, always under the same number.
    """
    refund = await find_refund(shop, payload["refund"])
    if refund.status in ("refunded", "failed"):
        return
    try:
        report = await _ask(shop, refund)
    except GatewayRefused as error:
        await _fail(shop, refund, f"{error.code}: {error.message}")
        return
    except GatewayUnknown:
        await _again(shop, refund, int(payload["turn"]) + 1)
        return
    await settle_refund(shop, report, gateway=refund.gateway)
    if report.status == "processing":
        await _again(shop, refund, int(payload["turn"]) + 1)


async def _ask(shop: Shop, refund: Refund) -> RefundReport:
    gateway = find_gateway(shop, refund.gateway)
    attempt = await find_attempt(shop.database, refund.attempt)
    if refund.status != "owed":
        known = await bounded(gateway.query_refund(refund.number, ref_of(attempt)))
        if known is not None:
            return known
    await _write(shop, sql.REFUND_SENT, refund.id)
    return await bounded(gateway.refund(_request(shop, refund, attempt)))


def _request(shop: Shop, refund: Refund, attempt: Attempt) -> RefundRequest:
    base = shop.config.shop.base_url.rstrip("/")
    return RefundRequest(
        refund=refund.number,
        payment=ref_of(attempt),
        amount=refund.amount,
        captured=attempt.captured,
        currency=refund.currency,
        reason=refund.reason,
        notify_url=f"{base}/notify/{refund.gateway}",
    )


async def settle_refund(
    shop: Shop, report: RefundReport, *, gateway: str, source: Source = "query"
) -> Settled:
    """Take note of how a refund stands; the same report may come any number of times.

    Money that has gone back stays so, whatever is reported later.
    """
    refund = await shop.database.one_as(Refund, sql.REFUND_BY_NUMBER, report.refund)
    detail = ""
    if refund is None or refund.gateway != gateway:
        detail = "this refund was never asked for here"
    elif report.amount != refund.amount and (report.amount or source == "notice"):
        detail = f"amount {report.amount}, not {refund.amount}"
    elif report.currency not in ("", refund.currency):
        detail = f"currency {report.currency!r}, not {refund.currency!r}"
    if refund is None or detail:
        order = refund.order if refund else ""
        number = report.refund
        await alert(
            shop, "refund_mismatch", gateway=gateway, number=number, order=order, detail=detail
        )
        return Settled(outcome="mismatch", detail=detail)
    if report.status == "refunded":
        return await _gone_back(shop, refund, report)
    if report.status == "processing":
        await _write(shop, sql.REFUND_PROCESSING, refund.id, report.reference)
    else:
        await _fail(shop, refund, f"the gateway says {report.status}")
    return Settled(outcome="noted")


async def _gone_back(shop: Shop, refund: Refund, report: RefundReport) -> Settled:
    async def work(tx: Transaction) -> Settled:
        now = shop.clock.now()
        if not await tx.execute(sql.REFUND_DONE, refund.id, report.reference, now):
            return Settled(outcome="repeated")
        actor = f"gateway:{refund.gateway}"
        await note(tx, refund.order, "refunded", actor, now, f"{refund.amount} fen went back")
        if refund.kind == "order":
            order = await find_order(tx, refund.order)
            data = {**told(order), "amount": refund.amount, "refund": refund.id}
            key = f"order.refunded:{refund.id}"
            happened = Happened(name="order.refunded", subject=order.id, data=data, key=key)
            await emit(tx, shop, [happened])
        return Settled(outcome="returned")

    return await shop.database.atomically(work)


async def retry_refund(shop: Shop, refund_id: str) -> Refund:
    """Try a failed refund again, under a new number; for staff.

    Raises:
        NotFound: There is no such refund.
        Clash: It has not failed, or the gateway did give the money back after all.
    """
    refund = await find_refund(shop, refund_id)
    if refund.status != "failed" or not refund.attempt:
        raise Clash("Only a failed refund through a gateway can be tried again.")
    gateway = find_gateway(shop, refund.gateway)
    attempt = await find_attempt(shop.database, refund.attempt)
    try:
        known = await bounded(gateway.query_refund(refund.number, ref_of(attempt)))
    except (GatewayRefused, GatewayUnknown) as error:
        raise Clash(
            "The gateway does not say how the first try stands.", next_step="Try again later."
        ) from error
    if known is not None and known.status in ("refunded", "processing", "abnormal"):
        if known.status == "refunded":
            await settle_refund(shop, known, gateway=refund.gateway)
        raise Clash(f"The gateway says that the first try is {known.status}.")

    async def work(tx: Transaction) -> None:
        number = new_order_number()
        if await tx.execute(sql.REFUND_AGAIN, refund.id, number, refund.number):
            await enqueue(tx, shop, [_first_job(refund.id, number)])

    await shop.database.atomically(work)
    return await find_refund(shop, refund_id)


def _first_job(refund: str, number: str) -> Job:
    payload: dict[str, object] = {"refund": refund, "turn": 0}
    return Job(kind="payments.pay_back", payload=payload, key=f"payments.pay_back:{number}")


async def find_refund(shop: Shop, refund_id: str) -> Refund:
    """A refund that has to be there.

    Raises:
        NotFound: There is none of that id.
    """
    refund = await shop.database.one_as(Refund, sql.REFUND, refund_id)
    if refund is None:
        raise NotFound("There is no such refund.")
    return refund


async def _fail(shop: Shop, refund: Refund, problem: str) -> None:
    await _write(shop, sql.REFUND_FAILED, refund.id, problem[:500])
    await alert(
        shop,
        "refund_failed",
        gateway=refund.gateway,
        number=refund.number,
        order=refund.order,
        detail=problem,
    )


async def _again(shop: Shop, refund: Refund, turn: int) -> None:
    if turn == _STUCK_AFTER:
        await alert(
            shop,
            "refund_stuck",
            gateway=refund.gateway,
            number=refund.number,
            order=refund.order,
            detail="the gateway has not decided for a day",
        )

    async def work(tx: Transaction) -> None:
        await enqueue(tx, shop, [pay_back_job(refund.id, turn, shop.clock.now())])

    await shop.database.atomically(work)


async def _write(shop: Shop, statement: str, *values: str) -> None:
    async def work(tx: Transaction) -> None:
        await tx.execute(statement, *values)

    await shop.database.atomically(work)

"""What gateways tell by themselves: proved, settled, answered within five seconds."""

import asyncio
from collections.abc import Mapping

import structlog

from jishi.db import DatabaseError, Transaction
from jishi.events import first_time
from jishi.payments.alerts import alert
from jishi.payments.gateway import (
    Answer,
    Gateway,
    Notice,
    NoticeMisplaced,
    NoticeRefused,
    PaymentReport,
)
from jishi.payments.pay_back import settle_refund
from jishi.payments.settle_payment import settle
from jishi.problems import Problem
from jishi.shop import Shop

MOST_BYTES = 64 * 1024
"""The longest notice that is read; real ones have two or three thousand."""

_PATIENCE = 4.5
"""Seconds until the gateway is told to come again; it waits for five."""

log = structlog.get_logger("jishi.payments")
_unfinished: set[asyncio.Task[Answer]] = set()


async def hear(shop: Shop, gateway: Gateway, headers: Mapping[str, str], body: bytes) -> Answer:
    """Read and settle a notice, and say what the gateway is to be answered.

    What takes too long goes on behind; the gateway comes again and finds it done.

    Args:
        shop: The shop.
        gateway: Whose notice it claims to be.
        headers: By names in lower case.
        body: As it came, to the byte.
    """
    if len(body) > MOST_BYTES:
        return _refusal(gateway, 413, "the notice is too long")
    task = asyncio.ensure_future(_heard(shop, gateway, headers, body))
    _unfinished.add(task)
    task.add_done_callback(_unfinished.discard)
    done, _ = await asyncio.wait({task}, timeout=_PATIENCE)
    if done:
        return task.result()
    log.warning("notice_slow", gateway=gateway.name)
    return _come_again(gateway, "this takes longer than expected")


async def _heard(shop: Shop, gateway: Gateway, headers: Mapping[str, str], body: bytes) -> Answer:
    try:
        notice = await gateway.read_notice(headers, body, shop.clock.now())
        problem = await _settled(shop, gateway, notice)
    except NoticeRefused as refused:
        return await _refused(shop, gateway, refused)
    except (DatabaseError, Problem) as error:
        log.warning("notice_not_settled", gateway=gateway.name, error=str(error))
        return _come_again(gateway, "not now")
    except Exception:
        log.exception("notice_failed", gateway=gateway.name)
        return _come_again(gateway, "not now")
    return _refusal(gateway, 422, problem) if problem else gateway.answer(None)


async def _settled(shop: Shop, gateway: Gateway, notice: Notice) -> str:
    """Settle a notice and note that it came, together or one after the other.

    A crash between the two only settles it again.

    Returns:
        Why it does not fit, in words that give nothing away; empty when it does.
    """
    name = gateway.name
    if isinstance(notice.report, PaymentReport):
        settled = await settle(
            shop, notice.report, gateway=name, source="notice", message=notice.id
        )
    else:
        settled = await settle_refund(shop, notice.report, gateway=name, source="notice")
    if settled.outcome == "mismatch":
        return "this does not fit to anything here"
    if settled.message == "kept":
        return ""

    async def work(tx: Transaction) -> bool:
        return await first_time(tx, name, notice.id, shop.clock.now())

    if not await shop.database.atomically(work):
        log.info("notice_repeated", gateway=name, notice=notice.id)
    return ""


async def _refused(shop: Shop, gateway: Gateway, refused: NoticeRefused) -> Answer:
    log.warning("notice_refused", gateway=gateway.name, why=refused.message)
    if isinstance(refused, NoticeMisplaced):
        try:
            await alert(
                shop, "notice_misplaced", gateway=gateway.name, number="", detail=refused.message
            )
        except DatabaseError:
            return _come_again(gateway, "not now")
    return _refusal(gateway, refused.status, refused.message)


def _refusal(gateway: Gateway, status: int, why: str) -> Answer:
    """The gateway's own form of a refusal, under a status that says whether to come again."""
    answer = gateway.answer(why)
    return Answer(status=status, body=answer.body, media_type=answer.media_type)


def _come_again(gateway: Gateway, why: str) -> Answer:
    answer = gateway.answer(why)
    status = answer.status if answer.status >= 500 else 503
    return Answer(status=status, body=answer.body, media_type=answer.media_type)

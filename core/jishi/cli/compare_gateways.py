"""Payments here against payments there: each attempt of the last days is asked for at its gateway.

It reads and changes nothing; what it finds is settled by the shop's own queries or by a person.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from jishi.cli.diagnosis import Diagnosis, ok, problem
from jishi.cli.recount import Progress
from jishi.payments import (
    Attempt,
    GatewayRefused,
    GatewayUnknown,
    PaymentRef,
    PaymentReport,
    find_attempt,
    gateways_of,
)
from jishi.shop import Shop

_AT_ONCE = 4
"""Questions at a time: a gateway limits how often it is asked."""
_PATIENCE = 10.0
"""Seconds that a gateway has for one answer."""
_SETTLING = timedelta(minutes=2)
"""How long a payment may be on its way from there to here."""
_MOST_SILENT = 5
"""Unanswered questions after which a gateway counts as away."""
_RECENT = """
SELECT id FROM payments_attempts WHERE started_at >= $1 AND merchant <> '' AND id > $2
ORDER BY id LIMIT 500
"""


async def compare(shop: Shop, days: int, progress: Progress) -> list[Diagnosis]:
    """Everything about money that the shop and its gateways tell differently.

    Args:
        shop: The shop.
        days: Attempts that began within so many days are asked for.
        progress: Told how far it is.
    """
    since = shop.clock.now() - timedelta(days=days)
    attempts: list[str] = []
    while page := await shop.database.fetch_as(
        str, _RECENT, since, attempts[-1] if attempts else ""
    ):
        attempts += page
    asking = _Asking(shop)
    found: list[Diagnosis] = []
    for first in range(0, len(attempts), _AT_ONCE):
        some = attempts[first : first + _AT_ONCE]
        for each in await asyncio.gather(*(asking.about(one) for one in some)):
            found += each
        progress("gateways", min(first + _AT_ONCE, len(attempts)), len(attempts))
    fine = ok("gateways", f"told the same there: payments of {days} days, {len(attempts)} in all")
    return [*asking.away(), *(found or [fine])]


class _Asking:
    """Asks gateways, and stops asking those that do not answer.

    Args:
        shop: The shop.
    """

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._gateways = gateways_of(shop)
        self._silent: dict[str, int] = {}
        self._unasked: dict[str, int] = {}

    async def about(self, attempt_id: str) -> Sequence[Diagnosis]:
        """What is told differently of one attempt; read again before it counts."""
        attempt = await find_attempt(self._shop.database, attempt_id)
        found = await self._differences(attempt)
        if not found:
            return ()
        now = await find_attempt(self._shop.database, attempt_id)
        return found if now == attempt else await self._differences(now)

    async def _differences(self, attempt: Attempt) -> Sequence[Diagnosis]:
        gateway = self._gateways.get(attempt.gateway)
        if gateway is None or self._silent.get(attempt.gateway, 0) >= _MOST_SILENT:
            self._unasked[attempt.gateway] = self._unasked.get(attempt.gateway, 0) + 1
            return ()
        asked = PaymentRef(
            attempt=attempt.number,
            merchant=attempt.merchant,
            app=attempt.app,
            transaction=attempt.transaction,
        )
        try:
            async with asyncio.timeout(_PATIENCE):
                report = await gateway.query(asked)
        except GatewayRefused as refused:
            return _unknown_there(attempt, refused)
        except (GatewayUnknown, TimeoutError):
            self._silent[attempt.gateway] = self._silent.get(attempt.gateway, 0) + 1
            self._unasked[attempt.gateway] = self._unasked.get(attempt.gateway, 0) + 1
            return ()
        return self._compared(attempt, report)

    def _compared(self, attempt: Attempt, report: PaymentReport) -> Sequence[Diagnosis]:
        name = f"{attempt.gateway} {attempt.number} (order {attempt.order})"
        if attempt.status == "paid" and report.status != "paid":
            said = f"{name}: paid here, {report.status} there"
            return [problem("gateways", said, "Do not ship it; look at the gateway's bill.")]
        if report.status != "paid":
            return ()
        if (report.amount, report.currency) != (attempt.amount, attempt.currency):
            said = (
                f"{name}: {attempt.amount} {attempt.currency} here, "
                f"{report.amount} {report.currency} there"
            )
            return [problem("gateways", said, "Compare it with the gateway's bill.")]
        fresh = report.paid_at and self._shop.clock.now() - report.paid_at < _SETTLING
        if attempt.status != "paid" and not fresh:
            said = f"{name}: paid there, {attempt.status} here"
            step = "See that the jobs are done; else GET /store/orders/{id} asks the gateway."
            return [problem("gateways", said, step)]
        return ()

    def away(self) -> list[Diagnosis]:
        """Gateways that could not be asked."""
        return [
            Diagnosis(
                subject="gateways",
                state="advice",
                said=f"{name} did not answer; not compared: {count}",
                next_step="Switch its plugin on, or look again when it answers.",
            )
            for name, count in sorted(self._unasked.items())
        ]


def _unknown_there(attempt: Attempt, refused: GatewayRefused) -> Sequence[Diagnosis]:
    """A gateway that does not know an attempt cannot have been paid by it."""
    if attempt.status != "paid":
        return ()
    said = (
        f"{attempt.gateway} {attempt.number} (order {attempt.order}): paid here, {refused} there"
    )
    return [problem("gateways", said, "Do not ship it; look at the gateway's bill.")]

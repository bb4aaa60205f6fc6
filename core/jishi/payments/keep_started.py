"""Keep what gateways answered when payments were opened: for many shoppers in one commit."""

from collections.abc import Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary, ref

import msgspec

from jishi.db import Grouped, Transaction, padded
from jishi.events import Job, enqueue
from jishi.payments import sql
from jishi.payments.attempts import find_attempt
from jishi.payments.gateway import PaymentStarted
from jishi.payments.structs import Attempt
from jishi.shop import Shop


class _Answered(NamedTuple):
    attempt: Attempt
    merchant: str
    app: str
    parameters: str
    reference: str


_keepers: WeakKeyDictionary[Shop, Grouped[_Answered, bool]] = WeakKeyDictionary()


async def keep_started(shop: Shop, attempt: Attempt, started: PaymentStarted) -> Attempt:
    """Write down that a payment is open at its gateway.

    Returns:
        The attempt, waiting for its payer; or as it is by now, when it was paid or ended already.
    """
    parameters = msgspec.json.encode(started.parameters).decode()
    answered = _Answered(attempt, started.merchant, started.app, parameters, started.reference)
    if not await _keeper(shop).ask(answered):
        return await find_attempt(shop.database, attempt.id)
    return msgspec.structs.replace(
        attempt,
        status="waiting",
        merchant=started.merchant,
        app=started.app,
        parameters=parameters,
    )


def _keeper(shop: Shop) -> Grouped[_Answered, bool]:
    known = _keepers.get(shop)
    if known is None:
        seen = ref(shop)

        async def keep(answers: Sequence[_Answered]) -> list[bool]:
            shop = seen()
            if shop is None:
                raise ReferenceError("the shop is gone")
            return await shop.database.atomically(lambda tx: _keep(tx, shop, answers))

        # Written twice it is the same.
        known = _keepers[shop] = Grouped(keep, lambda error: True)
    return known


async def _keep(tx: Transaction, shop: Shop, answers: Sequence[_Answered]) -> list[bool]:
    """Whether each attempt was still one that can be opened."""
    rows = sorted((one.attempt.id, *one[1:]) for one in answers)
    # Locked in one order, as an UPDATE that joins does not promise.
    ended = set(await tx.fetch_as(str, sql.LOCK_ENDED, [row[0] for row in rows]))
    size, values = padded(rows)
    kept = {str(row[0]) for row in await tx.fetch(sql.started(size), *values)}
    await enqueue(tx, shop, [_close_job(one) for one in sorted(kept & ended)])
    return [one.attempt.id in kept and one.attempt.id not in ended for one in answers]


def _close_job(attempt: str) -> Job:
    """It was given up while its gateway opened it; so it is closed there as well."""
    return Job(
        kind="payments.close",
        payload={"attempt": attempt},
        key=f"payments.close:{attempt}:opened",
    )

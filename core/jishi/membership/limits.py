"""How often something may be done, counted in the database so that every process counts along."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

import msgspec

from jishi.db import Transaction
from jishi.membership import sql
from jishi.membership.problems import CodesTooOften


class Limit(msgspec.Struct, frozen=True):
    """At most ``most`` times within ``span``, counted from the first time on.

    Attributes:
        key: Who and what is counted.
        most: How many times.
        span: In which time.
    """

    key: str
    most: int
    span: timedelta


async def count(tx: Transaction, limits: Sequence[Limit], now: datetime) -> None:
    """Count one more time under every limit.

    Two callers that share limits must name them in the same order.

    Raises:
        CodesTooOften: One of them is used up; with the undone transaction nothing was counted.
    """
    for limit in limits:
        [(used, since)] = await tx.fetch(sql.COUNT, limit.key, now, now - limit.span)
        if cast(int, used) > limit.most:
            wait = cast(datetime, since) + limit.span - now
            seconds = max(1, -(-wait // timedelta(seconds=1)))
            raise CodesTooOften(
                "Too many codes were asked for.",
                next_step=f"Try again in {seconds} seconds.",
                retry_after=seconds,
            )

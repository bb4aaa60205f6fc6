"""Staff are about to be shown personal data: whoever keeps a log of that hears of it."""

from collections.abc import Sequence
from typing import Literal

from jishi.callers import Caller
from jishi.db import Transaction
from jishi.events.emit_events import emit
from jishi.events.structs import Happened
from jishi.hookspecs.personal import staff_looked
from jishi.identifiers import new_id
from jishi.shop import Shop


async def note_look(
    shop: Shop, caller: Caller, kind: Literal["member", "order"], subjects: Sequence[str]
) -> None:
    """Say that somebody who works here looks at members or orders, before he is answered.

    When it cannot be written, he is not answered either. In a shop without a plugin that
    listens (`jishi.hookspecs.personal.staff_looked`) it costs nothing.

    Args:
        shop: The shop.
        caller: Who looks.
        kind: What is shown.
        subjects: The ids of what is shown; nothing shown is no look.
    """
    if not subjects or not shop.hooks.listeners(staff_looked):
        return
    look = Happened(
        name="staff.looked",
        subject=caller.id or "",
        data={
            "kind": kind,
            "subjects": list(subjects),
            "request_id": caller.request_id,
            "address": caller.address,
        },
        key=f"staff.looked:{new_id()}",  # a request's own id may be sent twice
    )

    async def work(tx: Transaction) -> None:
        await emit(tx, shop, [look])

    await shop.database.atomically(work)

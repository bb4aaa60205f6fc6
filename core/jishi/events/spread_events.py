"""Hand facts from the outbox to their listeners: one job each, so nobody hurts another."""

import msgspec

from jishi.db import Transaction, Value
from jishi.events import sql
from jishi.events.emit_events import job_row, put_jobs
from jishi.events.handlers import Handlers
from jishi.events.structs import Happened
from jishi.shop import Shop

AT_ONCE = 500


async def spread(shop: Shop, handlers: Handlers) -> tuple[int, int]:
    """Make the jobs of the oldest new facts and give the numbers of facts and of jobs."""

    async def work(tx: Transaction) -> tuple[int, int]:
        taken = await tx.fetch(sql.TAKE_EVENTS, AT_ONCE)
        now = shop.clock.now()
        jobs: list[list[Value]] = []
        for row in sorted(taken, key=lambda row: str(row[0])):
            event = happened(row)
            payload = msgspec.json.encode(event).decode()
            jobs += [
                job_row(kind, key, payload, now) for kind, key in handlers.jobs_for(shop, event)
            ]
        await put_jobs(tx, shop, jobs)
        return len(taken), len(jobs)

    return await shop.database.atomically(work)


def happened(row: tuple[Value, ...]) -> Happened:
    """A fact from (id, name, subject, data, key, happened_at)."""
    members = zip(("id", "name", "subject", "data", "key", "at"), row, strict=True)
    fields: dict[str, object] = dict(members)
    fields["data"] = msgspec.json.decode(str(fields["data"]))
    return msgspec.convert(fields, Happened)

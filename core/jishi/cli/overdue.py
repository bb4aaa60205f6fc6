"""Work that should be done by now: events, jobs, orders whose time is over."""

from datetime import timedelta

from jishi.cli.diagnosis import Diagnosis, ok, problem
from jishi.events import backlog, dead_jobs
from jishi.shop import Shop

_LATE = timedelta(minutes=5)
"""How old what waits may be while everything is well."""
_OPEN = timedelta(minutes=15)
"""How long after its time an unpaid order may still be open: gateways are asked first."""
_OLDEST_EVENT = "SELECT min(happened_at) AS first_at FROM events_outbox WHERE state = 'new'"
_OLDEST_JOB = """
SELECT min(due_at) AS first_at FROM events_jobs WHERE state IN ('waiting', 'leased')
"""
_STILL_OPEN = """
SELECT id FROM orders_orders WHERE status = 'placed' AND expires_at <= $1
ORDER BY expires_at LIMIT 6
"""
_NOBODY = "See that a shop with its jobs is running, and what its log says."


async def overdue(shop: Shop) -> list[Diagnosis]:
    """What is late, and what was given up."""
    return [*await _waiting(shop), *await _dead(shop), *await _open(shop)]


async def _waiting(shop: Shop) -> list[Diagnosis]:
    now, behind = shop.clock.now(), await backlog(shop)
    found = []
    for subject, statement, count in (
        ("outbox", _OLDEST_EVENT, behind.events),
        ("jobs", _OLDEST_JOB, behind.due),
    ):
        ((first_at,),) = await shop.database.fetch(statement)
        age = timedelta() if first_at is None else now - first_at  # type: ignore[operator]
        if age > _LATE:
            said = f"{count} wait, the oldest for {age.total_seconds() / 60:.0f} minutes"
            found.append(problem(subject, said, _NOBODY))
        else:
            found.append(ok(subject, f"{count} wait, none for long"))
    return found


async def _dead(shop: Shop) -> list[Diagnosis]:
    dead = await dead_jobs(shop.database, limit=6)
    step = "Mend the cause, then POST /admin/events/dead/{id}/replay."
    found = [
        problem("dead letters", f"{each.kind} {each.key}, {each.tries} tries: {each.error}", step)
        for each in dead[:5]
    ]
    if len(dead) > 5:
        found.append(problem("dead letters", "and more", "GET /admin/events/dead lists all."))
    return found or [ok("dead letters", "none")]


async def _open(shop: Shop) -> list[Diagnosis]:
    late = await shop.database.fetch_as(str, _STILL_OPEN, shop.clock.now() - _OPEN)
    found = [
        problem(
            "open orders", f"{order} is unpaid, its time is over, and it keeps its goods", _NOBODY
        )
        for order in late[:5]
    ]
    if len(late) > 5:
        found.append(problem("open orders", "and more", _NOBODY))
    return found or [ok("open orders", "none is past its time")]

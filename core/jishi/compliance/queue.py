"""What waits for a person."""

from datetime import datetime

import msgspec

from jishi.compliance import sql
from jishi.compliance.structs import Finding, ReviewCase, ReviewPage, Subject, Verdict
from jishi.db import Reads
from jishi.problems import NotFound


class _Row(msgspec.Struct, frozen=True):
    id: str
    subject: str
    verdict: Verdict
    findings: str
    digest: str
    reason: str
    decided_by: str | None
    reviewed_at: datetime
    decided_at: datetime | None

    def case(self) -> ReviewCase:
        return ReviewCase(
            id=self.id,
            subject=msgspec.json.decode(self.subject, type=Subject),
            verdict=self.verdict,
            findings=msgspec.json.decode(self.findings, type=tuple[Finding, ...]),
            digest=self.digest,
            reason=self.reason,
            decided_by=self.decided_by,
            reviewed_at=self.reviewed_at,
            decided_at=self.decided_at,
        )


async def list_reviews(
    reader: Reads, verdict: Verdict, cursor: str | None, limit: int
) -> ReviewPage:
    """The reviews that stand so, the oldest first.

    Args:
        reader: The database.
        verdict: ``waiting`` is the queue.
        cursor: The ``next`` of the page before.
        limit: How many at most.
    """
    rows = await reader.fetch_as(_Row, sql.LIST, verdict, cursor or "", limit + 1)
    items = tuple(row.case() for row in rows[:limit])
    return ReviewPage(items=items, next=items[-1].id if len(rows) > limit else None)


async def load_case(reader: Reads, review_id: str) -> ReviewCase:
    """A review with all that a person needs to decide.

    Raises:
        NotFound: There is no such review.
    """
    row = await reader.one_as(_Row, sql.CASE, review_id)
    if row is None:
        raise NotFound("There is no such review.")
    return row.case()

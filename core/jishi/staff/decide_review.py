"""Somebody of the staff decides a review, and the audit log says who."""

from jishi.callers import Caller
from jishi.compliance import Decision, ReviewCase, decide
from jishi.db import Transaction
from jishi.shop import Shop
from jishi.staff.audit import record


async def decide_review(
    shop: Shop, caller: Caller, review_id: str, decision: Decision
) -> ReviewCase:
    """Approve or refuse what waits, or decide anew; ``subject.decided`` is told.

    Raises:
        NotFound: There is no such review.
        SubjectChanged: The content is not the one that was read.
    """

    async def work(tx: Transaction) -> ReviewCase:
        case = await decide(tx, shop, review_id, decision, caller.id or "")
        detail = {
            "kind": case.subject.kind,
            "subject": case.subject.id,
            "verdict": case.verdict,
            "reason": case.reason,
            "digest": case.digest,
        }
        await record(tx, shop, caller, "subject.decided", review_id, detail)
        return case

    return await shop.database.atomically(work)

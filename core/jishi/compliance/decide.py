"""A person decides what the findings left open, or decides anew."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from jishi.compliance import sql
from jishi.compliance.problems import SubjectChanged
from jishi.compliance.queue import load_case
from jishi.compliance.structs import ReviewCase
from jishi.compliance.tables import DecisionTable
from jishi.db import Transaction
from jishi.events import Happened, emit
from jishi.identifiers import new_id
from jishi.problems import NotFound
from jishi.shop import Shop


class Decision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person decides, and about which content.

    Attributes:
        verdict: ``approved`` or ``refused``.
        reason: Why, for the record and for the merchant.
        digest: The content that was read; another content is not decided.
    """

    verdict: Literal["approved", "refused"]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
    digest: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


async def decide(
    tx: Transaction, shop: Shop, review_id: str, decision: Decision, decided_by: str
) -> ReviewCase:
    """Write a decision down and tell ``subject.decided``.

    Args:
        tx: The caller's transaction, in which he also records who did it.
        shop: The shop.
        review_id: The review.
        decision: What was decided.
        decided_by: The staff id.

    Raises:
        NotFound: There is no such review.
        SubjectChanged: The content is another by now.
    """
    now = shop.clock.now()
    standing = await tx.one_as(str, sql.LOCK, review_id)
    if standing is None:
        raise NotFound("There is no such review.")
    if standing != decision.digest:
        raise SubjectChanged(
            "The subject changed after you read it.", next_step="Read it again, then decide."
        )
    row = (review_id, decision.verdict, decision.reason, decided_by, now)
    await tx.execute(sql.DECIDE, *row)
    case = await load_case(tx, review_id)
    await emit(tx, shop, [_decided(case, await _note(tx, case, now))])
    return case


async def _note(tx: Transaction, case: ReviewCase, now: datetime) -> str:
    decision_id = new_id()
    findings = msgspec.json.encode(case.findings).decode()
    about = ("id", "review_id", "digest", "findings")
    columns = (*about, "verdict", "reason", "decided_by", "decided_at")
    row = (decision_id, case.id, case.digest, findings)
    decided = (case.verdict, case.reason, case.decided_by, now)
    await tx.insert(DecisionTable, columns, [(*row, *decided)])
    return decision_id


def _decided(case: ReviewCase, decision_id: str) -> Happened:
    data: dict[str, object] = {
        "review": case.id,
        "kind": case.subject.kind,
        "id": case.subject.id,
        "verdict": case.verdict,
        "digest": case.digest,
    }
    return Happened(
        name="subject.decided",
        subject=case.subject.id,
        data=data,
        key=f"subject.decided:{decision_id}",
    )

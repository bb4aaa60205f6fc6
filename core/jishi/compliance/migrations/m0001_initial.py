"""Reviews and the history of their verdicts."""

from jishi.db import (
    BigInt,
    Table,
    Text,
    Timestamptz,
    check,
    create_index,
    create_table,
    immutable,
    references,
    unique,
)


class ReviewTable(Table, tablename="compliance_reviews"):
    """How each subject stands: one row per subject, about its present content."""

    id = Text(primary_key=True)
    kind = Text()
    subject_id = Text()
    title = Text()
    subject = Text()
    digest = Text()
    findings = Text()
    verdict = Text()
    failed = BigInt(default=0)
    reason = Text(default="")
    decided_by = Text(null=True, default=None)
    reviewed_at = Timestamptz()
    decided_at = Timestamptz(null=True, default=None)


class DecisionTable(Table, tablename="compliance_decisions"):
    """Every verdict there ever was, by plugins and by people; never changed."""

    id = Text(primary_key=True)
    review_id = Text()
    digest = Text()
    verdict = Text()
    findings = Text()
    reason = Text()
    decided_by = Text(null=True, default=None)
    decided_at = Timestamptz()


_VERDICTS = "verdict IN ('approved', 'waiting', 'refused')"

OPERATIONS = (
    create_table(
        ReviewTable,
        constraints=[
            unique("kind", "subject_id"),
            check(_VERDICTS, "compliance_reviews_verdict"),
        ],
    ),
    create_index("compliance_reviews_queue", "compliance_reviews", "verdict", "id"),
    create_table(
        DecisionTable,
        constraints=[
            references("review_id", "compliance_reviews"),
            check(_VERDICTS, "compliance_decisions_verdict"),
        ],
    ),
    create_index("compliance_decisions_review", "compliance_decisions", "review_id", "id"),
    immutable("compliance_decisions"),
)

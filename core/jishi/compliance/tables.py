"""Where reviews are kept."""

from jishi.db import BigInt, Table, Text, Timestamptz


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

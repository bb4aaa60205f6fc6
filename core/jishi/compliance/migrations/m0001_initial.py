"""Reviews and the history of their verdicts."""

from jishi.compliance.tables import DecisionTable, ReviewTable
from jishi.db import check, create_index, create_table, references, unique

_VERDICT = check("verdict IN ('approved', 'waiting', 'refused')")

OPERATIONS = (
    create_table(ReviewTable, constraints=[unique("kind", "subject_id"), _VERDICT]),
    create_table(
        DecisionTable,
        constraints=[references("review_id", "compliance_reviews", "id"), _VERDICT],
    ),
    create_index("compliance_reviews_queue", "compliance_reviews", "verdict", "id"),
    create_index("compliance_decisions_review", "compliance_decisions", "review_id"),
)

"""What compliance asks the database."""

STANDING = """
SELECT kind, subject_id, id, digest, verdict, findings, failed, reason, decided_by
FROM compliance_reviews WHERE kind = $1 AND subject_id = ANY($2)
"""

# A person's decision about the very same content outlives a repeated asking.
STORE = """
INSERT INTO compliance_reviews
    (id, kind, subject_id, title, subject, digest, findings, verdict, failed, reason, reviewed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', $10)
ON CONFLICT (kind, subject_id) DO UPDATE SET
    title = excluded.title, subject = excluded.subject, digest = excluded.digest,
    findings = excluded.findings, verdict = excluded.verdict, failed = excluded.failed,
    reason = '', decided_by = NULL, decided_at = NULL, reviewed_at = excluded.reviewed_at
WHERE compliance_reviews.decided_by IS NULL OR compliance_reviews.digest <> excluded.digest
"""

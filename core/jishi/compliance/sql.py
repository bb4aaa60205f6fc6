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

_CASE = """
SELECT id, subject, verdict, findings, digest, reason, decided_by, reviewed_at, decided_at
FROM compliance_reviews
"""
LIST = _CASE + "WHERE verdict = $1 AND id > $2 ORDER BY id LIMIT $3"
CASE = _CASE + "WHERE id = $1"

LOCK = "SELECT digest FROM compliance_reviews WHERE id = $1 FOR UPDATE"
DECIDE = """
UPDATE compliance_reviews
SET verdict = $2, reason = $3, decided_by = $4, decided_at = $5, failed = 0 WHERE id = $1
"""

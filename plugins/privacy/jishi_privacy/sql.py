"""The statements of privacy."""

CONSENTS = """
SELECT id, purpose, version, verdict, under_14, channel, store, actor, entered_at
FROM privacy_consents WHERE member = ANY($1) ORDER BY id
"""

_REQUEST = (
    "id, member, kind, state, progress, actor, detail, asked_at, due_at, ended_at, link_ends_at"
)
REQUESTS_OF = f"SELECT {_REQUEST} FROM privacy_requests WHERE member = ANY($1) ORDER BY id DESC"  # noqa: S608
REQUEST = f"SELECT {_REQUEST} FROM privacy_requests WHERE id = $1"  # noqa: S608
ALL_REQUESTS = f"SELECT {_REQUEST} FROM privacy_requests WHERE id < $1 ORDER BY id DESC LIMIT $2"  # noqa: S608
ASKED_SINCE = """
SELECT count(*) FROM privacy_requests
WHERE member = ANY($1) AND kind = 'export' AND asked_at > $2
"""

ASK = """
INSERT INTO privacy_requests
  (id, member, kind, state, progress, actor, detail, link, asked_at, due_at)
VALUES ($1, $2, $3, 'waiting', 0, $4, '', '', $5, $6)
"""
PROGRESS = "UPDATE privacy_requests SET progress = $2 WHERE id = $1 AND state = 'waiting'"
END = """
UPDATE privacy_requests SET state = $2, progress = $3, detail = $4, ended_at = $5
WHERE id = $1 AND state = 'waiting'
"""
LINK = """
UPDATE privacy_requests SET link = $2, link_ends_at = $3
WHERE id = $1 AND kind = 'export' AND state = 'done'
"""
LINKED = """
SELECT id FROM privacy_requests WHERE link = $1 AND link_ends_at > $2 AND state = 'done'
"""
PARTS = "SELECT id, data FROM privacy_parts WHERE request = $1 ORDER BY position"
DROP_PARTS = "DELETE FROM privacy_parts WHERE request = $1"
OLD = """
SELECT id FROM privacy_requests
WHERE kind = 'export' AND state = 'done' AND ended_at < $1 ORDER BY id LIMIT 100
"""
EXPIRE = """
UPDATE privacy_requests SET state = 'expired', link = '' WHERE id = $1 AND state = 'done'
"""

_LOOK = "id, staff, kind, subject, request_id, address, looked_at"
LOOKS = f"""
SELECT {_LOOK} FROM privacy_looks
WHERE id < $1 AND ($2 = '' OR subject = $2) AND ($3 = '' OR staff = $3)
ORDER BY id DESC LIMIT $4
"""  # noqa: S608
LOOKS_AT = f"SELECT {_LOOK} FROM privacy_looks WHERE subject = ANY($1) ORDER BY id DESC LIMIT 200"  # noqa: S608

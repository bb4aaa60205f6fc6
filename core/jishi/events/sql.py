"""The statements of events."""

PEEK = """
SELECT
  CASE WHEN EXISTS (SELECT 1 FROM events_outbox WHERE state = 'new') THEN 1 ELSE 0 END,
  CASE WHEN EXISTS (
    SELECT 1 FROM events_jobs WHERE state IN ('waiting', 'leased') AND due_at <= $1
  ) THEN 1 ELSE 0 END,
  CASE WHEN EXISTS (
    SELECT 1 FROM events_schedules WHERE due_at <= $1 AND name = ANY($2)
  ) THEN 1 ELSE 0 END
"""
"""What a runner would find; a read, so that an idle shop writes nothing."""

TAKE_EVENTS = """
WITH picked AS (
  SELECT id FROM events_outbox WHERE state = 'new' ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
)
UPDATE events_outbox SET state = 'told' WHERE id IN (SELECT id FROM picked)
RETURNING id, name, subject, data, key, happened_at
"""

CLAIM = """
WITH picked AS (
  SELECT id FROM events_jobs
  WHERE state IN ('waiting', 'leased') AND due_at <= $1 AND kind <> ALL($2)
  ORDER BY due_at, id LIMIT $3 FOR UPDATE SKIP LOCKED
)
UPDATE events_jobs
SET state = 'leased', due_at = $4, worker = $5, attempt = attempt + 1, tries = tries + 1
WHERE id IN (SELECT id FROM picked)
RETURNING id, key, kind, payload, attempt, tries
"""

CLAIM_BESIDE_QUEUE = CLAIM.replace("kind <> ALL($2)", "(state = 'leased' OR kind <> ALL($2))")
"""Beside a queue that hands out all these kinds: the others, and leases that ran out."""

CLAIM_ONE = """
UPDATE events_jobs
SET state = 'leased', due_at = $3, worker = $4, attempt = attempt + 1, tries = tries + 1
WHERE id = $1 AND (
  (state IN ('waiting', 'leased') AND due_at <= $2) OR (state = 'leased' AND worker LIKE 'queue %')
)
RETURNING id, key, kind, payload, attempt, tries
"""
"""A job the queue gave us; it knows from heartbeats that whoever had it from the queue died."""

WHEN = "SELECT due_at FROM events_jobs WHERE id = $1 AND state IN ('waiting', 'leased')"

LINE_UP = """
INSERT INTO events_pgqueuer (priority, entrypoint, payload, execute_after, dedupe_key, status)
SELECT 0, kind, convert_to(id, 'UTF8'), now() + (due_at - $2::timestamptz), id, 'queued'
FROM events_jobs WHERE id = ANY($1)
ON CONFLICT (dedupe_key) WHERE status IN ('queued', 'picked') AND dedupe_key IS NOT NULL DO NOTHING
"""
"""The queue counts from its database's clock, so it is told how long, not when."""

BRING_FORWARD = """
UPDATE events_pgqueuer SET execute_after = now()
WHERE status = 'queued' AND execute_after > now() AND dedupe_key IN (
  SELECT id FROM events_jobs WHERE state IN ('waiting', 'leased') AND due_at <= $1
)
"""

NOT_LINED_UP = """
SELECT id FROM events_jobs
WHERE state IN ('waiting', 'leased') AND due_at <= $1 AND NOT EXISTS (
  SELECT 1 FROM events_pgqueuer
  WHERE dedupe_key = events_jobs.id AND status IN ('queued', 'picked')
) ORDER BY due_at, id LIMIT 500
"""

SETTLE = """
UPDATE events_jobs SET state = $3, due_at = $4, error = $5, ended_at = $6, tries = tries - $7
WHERE id = $1 AND attempt = $2 AND state = 'leased'
"""
"""Only who holds the lease of this very attempt may."""

CLAIM_SCHEDULES = """
UPDATE events_schedules SET due_at = $1, runs = runs + 1
WHERE due_at <= $2 AND name = ANY($3) RETURNING name, runs
"""

SETTLE_SCHEDULE = """
UPDATE events_schedules SET due_at = $3, error = $4, ended_at = $5 WHERE name = $1 AND runs = $2
"""

DEAD = """
SELECT id, kind, key, payload, tries, error, ended_at FROM events_jobs
WHERE state = 'dead' AND id > $1 ORDER BY id LIMIT $2
"""

REPLAY = """
UPDATE events_jobs SET state = 'waiting', tries = 0, due_at = $2, ended_at = NULL
WHERE id = $1 AND state = 'dead'
"""

BACKLOG = """
SELECT
  (SELECT count(*) FROM events_outbox WHERE state = 'new'),
  (SELECT count(*) FROM events_jobs WHERE state IN ('waiting', 'leased')),
  (SELECT count(*) FROM events_jobs WHERE state IN ('waiting', 'leased') AND due_at <= $1),
  (SELECT count(*) FROM events_jobs WHERE state = 'dead')
"""

FINISHED = {
    "postgresql": "SELECT txid_snapshot_xmin(txid_current_snapshot())",
    "sqlite": "SELECT COALESCE(max(place), 0) + 1 FROM events_outbox",
}
"""Every transaction with a smaller place is over."""

FEED = """
SELECT place, id, name, subject, data, key, happened_at FROM events_outbox
WHERE place >= $1 ORDER BY place, id
"""

# The newest fact stays, so that places on SQLite never start again from below.
TIDY = (
    """
DELETE FROM events_outbox
WHERE state = 'told' AND happened_at < $1 AND place < (SELECT max(place) FROM events_outbox)
""",
    "DELETE FROM events_jobs WHERE state = 'done' AND ended_at < $1",
)

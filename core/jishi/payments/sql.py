"""The statements of payments."""

from functools import lru_cache

from jishi.db import values_list

_ATTEMPT = (
    "SELECT id, order_id, number, gateway, method, amount, currency, status, captured, refunded, "
    "merchant, app, transaction_id, parameters, payer, channel, started_at, expires_at, paid_at "
    "FROM payments_attempts "
)

ATTEMPT = _ATTEMPT + "WHERE id = $1"

ATTEMPT_BY_NUMBER = _ATTEMPT + "WHERE number = $1"

ATTEMPTS_BY_NUMBER = _ATTEMPT + "WHERE number = ANY($1)"

LOCK_ATTEMPTS_OF = _ATTEMPT + "WHERE order_id = ANY($1) ORDER BY id FOR UPDATE"

ATTEMPTS_OF = _ATTEMPT + "WHERE order_id = $1 ORDER BY id"

OTHER_TRANSACTION = """
SELECT number FROM payments_attempts WHERE gateway = $1 AND transaction_id = $2 AND id <> $3
"""

LOCK_ENDED = """
WITH locked AS (
  SELECT id, status, merchant FROM payments_attempts WHERE id = ANY($1) ORDER BY id FOR UPDATE
)
SELECT id FROM locked WHERE status = 'closed' AND merchant = ''
"""
"""Locks attempts and gives those that were given up before their gateway had answered."""


@lru_cache(16)
def started(rows: int) -> str:
    """Open at their gateways: (attempt, merchant, app, parameters, reference) per row.

    Gives the ids of those that were not paid, refused or closed there. One that was given up
    before its gateway had answered waits once more: it can be paid until it is closed there.
    """
    rows_of = values_list(rows, *["text"] * 5)
    return f"""
UPDATE payments_attempts AS a
SET status = 'waiting', merchant = d.merchant, app = d.app, parameters = d.parameters,
  reference = d.reference
FROM (
  WITH d(attempt, merchant, app, parameters, reference) AS (VALUES {rows_of})
  SELECT * FROM d
) AS d WHERE a.id = d.attempt AND (
  a.status IN ('new', 'unknown') OR (a.status = 'closed' AND a.merchant = '')
) RETURNING id
"""  # noqa: S608 made of placeholders


UNKNOWN = "UPDATE payments_attempts SET status = 'unknown' WHERE id = $1 AND status = 'new'"

REFUSED = """
UPDATE payments_attempts SET status = 'refused' WHERE id = $1 AND status IN ('new', 'unknown')
"""

ENDED = """
UPDATE payments_attempts SET status = $2
WHERE id = $1 AND status IN ('new', 'waiting', 'unknown')
"""

PAID = """
UPDATE payments_attempts SET status = 'paid', captured = amount, transaction_id = $2, paid_at = $3
WHERE id = $1 AND status <> 'paid'
"""


@lru_cache(16)
def paid(rows: int) -> str:
    """Attempts become paid: (attempt, transaction, paid_at) per row."""
    rows_of = values_list(rows, "text", "text", "timestamptz")
    return f"""
UPDATE payments_attempts AS a
SET status = 'paid', captured = a.amount, transaction_id = d.transaction_id, paid_at = d.paid_at
FROM (
  WITH d(attempt, transaction_id, paid_at) AS (VALUES {rows_of})
  SELECT * FROM d
) AS d WHERE a.id = d.attempt AND a.status <> 'paid'
"""  # noqa: S608 made of placeholders


ASKED = """
UPDATE payments_attempts SET asked_at = $2 WHERE id = $1 AND (asked_at IS NULL OR asked_at <= $3)
"""

GIVE_BACK = "UPDATE payments_attempts SET refunded = refunded + $2 WHERE id = $1"

_REFUND = (
    "SELECT id, order_id, attempt_id, gateway, number, kind, amount, currency, status, reason, "
    "actor, reference, problem, requested_at, settled_at FROM payments_refunds "
)

REFUND = _REFUND + "WHERE id = $1"

REFUND_BY_NUMBER = _REFUND + "WHERE number = $1"

REFUNDS_OF = _REFUND + "WHERE order_id = $1 ORDER BY id"

REFUNDS_REQUESTED = _REFUND + "WHERE request = $1 ORDER BY id"

REQUEST_DIGEST = "SELECT digest FROM payments_refunds WHERE request = $1 LIMIT 1"

REFUND_SENT = "UPDATE payments_refunds SET status = 'sent' WHERE id = $1 AND status = 'owed'"

REFUND_PROCESSING = """
UPDATE payments_refunds SET status = 'processing', reference = $2
WHERE id = $1 AND status IN ('owed', 'sent')
"""

REFUND_DONE = """
UPDATE payments_refunds SET status = 'refunded', reference = $2, settled_at = $3, problem = ''
WHERE id = $1 AND status <> 'refunded'
"""

REFUND_FAILED = """
UPDATE payments_refunds SET status = 'failed', problem = $2
WHERE id = $1 AND status NOT IN ('refunded', 'failed')
"""

REFUND_AGAIN = """
UPDATE payments_refunds SET status = 'owed', number = $2, problem = ''
WHERE id = $1 AND status = 'failed' AND number = $3
"""

ALERTS = """
SELECT id, kind, gateway, number, order_id, detail, raised_at FROM payments_alerts
WHERE id < $1 ORDER BY id DESC LIMIT $2
"""

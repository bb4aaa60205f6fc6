"""The statements of payments."""

_ATTEMPT = (
    "SELECT id, order_id, number, gateway, method, amount, currency, status, captured, refunded, "
    "merchant, app, transaction_id, parameters, payer, channel, started_at, expires_at, paid_at "
    "FROM payments_attempts "
)

ATTEMPT = _ATTEMPT + "WHERE id = $1"

ATTEMPT_BY_NUMBER = _ATTEMPT + "WHERE number = $1"

ATTEMPTS_OF = _ATTEMPT + "WHERE order_id = $1 ORDER BY id"

OTHER_TRANSACTION = """
SELECT number FROM payments_attempts WHERE gateway = $1 AND transaction_id = $2 AND id <> $3
"""

STARTED = """
UPDATE payments_attempts SET status = 'waiting', merchant = $2, app = $3, parameters = $4,
  reference = $5
WHERE id = $1 AND status IN ('new', 'unknown')
"""

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

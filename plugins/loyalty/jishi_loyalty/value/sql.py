"""The statements of stored value."""

_LOT = """
SELECT l.id, l.source, l.reference, l.paid, l.gift, l.used_before, l.spend_order, l.topped_at,
  h.holder, h.turn
FROM loyalty_value_lots l JOIN loyalty_value_holders h ON h.lot = l.id AND h.turn = (
  SELECT max(n.turn) FROM loyalty_value_holders n WHERE n.lot = l.id
)
"""

LOTS_OF = _LOT + "WHERE h.holder = $1 ORDER BY l.topped_at, l.id"

LOTS = _LOT + "WHERE l.id = ANY($1) ORDER BY l.topped_at, l.id"

CAME_WITH = """
SELECT h.lot FROM loyalty_value_holders h WHERE h.holder = $1 AND h.turn = (
  SELECT max(n.turn) - 1 FROM loyalty_value_holders n WHERE n.lot = h.lot
)
"""

PAYMENT = """
SELECT id, member, order_id, amount, refunded, currency, status, store, staff, paid_at
FROM loyalty_value_payments WHERE id = $1
"""

PAID_FOR = """
SELECT CAST(COALESCE(sum(amount - refunded), 0) AS BIGINT) FROM loyalty_value_payments
WHERE order_id = $1 AND status = 'paid'
"""

UNPROVED = """
SELECT CAST(COALESCE(sum(amount), 0) AS BIGINT) FROM loyalty_value_payments
WHERE member = $1 AND status = 'paid' AND proved = '' AND paid_at > $2 AND id <> $3
"""

TAKEN = """
SELECT lot, kind, amount FROM loyalty_value_parts WHERE payment = $1 AND refund = ''
ORDER BY place
"""

USED = """
SELECT CAST(COALESCE(sum(amount), 0) AS BIGINT) FROM loyalty_value_parts WHERE lot = $1
"""

GIVE_BACK = """
UPDATE loyalty_value_payments SET refunded = refunded + $2
WHERE id = $1 AND status = 'paid' AND refunded + $2 <= amount
"""

REFUND = "SELECT payment, amount FROM loyalty_value_refunds WHERE id = $1"

KEEP_MEMBER = """
INSERT INTO loyalty_value_members (member, password, failures, turns, locked_until_at)
VALUES ($1, '', 0, 0, NULL) ON CONFLICT DO NOTHING
"""

LOCK_MEMBER = "UPDATE loyalty_value_members SET turns = turns + 1 WHERE member = $1"

MEMBER = """
SELECT password, failures, locked_until_at FROM loyalty_value_members WHERE member = $1
"""

REPLACE = """
UPDATE loyalty_value_members SET password = $2, failures = 0, locked_until_at = NULL
WHERE member = $1
"""

COUNT_FAILURE = """
UPDATE loyalty_value_members SET failures = failures + 1
WHERE member = $1 AND (locked_until_at IS NULL OR locked_until_at <= $2)
"""

LOCK_OUT = """
UPDATE loyalty_value_members SET failures = 0, locked_until_at = $2
WHERE member = $1 AND failures >= $3
"""

WENT_WELL = "UPDATE loyalty_value_members SET failures = 0 WHERE member = $1"

USE_PROOF = """
UPDATE loyalty_value_proofs SET used_for = $1 WHERE used_for = '' AND id = (
  SELECT p.id FROM loyalty_value_proofs p
  WHERE p.member = $2 AND p.used_for = '' AND p.expires_at > $3 AND p.most >= $4
  ORDER BY p.expires_at LIMIT 1
)
"""

CODE = "SELECT used_for FROM loyalty_value_codes WHERE id = $1"

HANDED_OVER = "SELECT reference, member FROM loyalty_value_lots WHERE id = $1"

RETURN = """
SELECT id, lot, member, reason, amount, interest, principal, gift, means, status, returned_at
FROM loyalty_value_returns WHERE id = $1
"""

RETURNED = """
SELECT CAST(COALESCE(sum(amount), 0) AS BIGINT),
  CAST(COALESCE(sum(principal + gift), 0) AS BIGINT)
FROM loyalty_value_returns WHERE lot = $1
"""

SET_ASIDE = "SELECT id FROM loyalty_value_returns WHERE lot = $1 AND status = 'set_aside'"

RETURN_PAID = "UPDATE loyalty_value_returns SET status = 'paid' WHERE id = $1"

ORDER_REFUNDED = "SELECT refunded FROM orders_orders WHERE id = $1"

STATEMENT = """
SELECT entered_at, reason, reference,
  CAST(sum(CASE WHEN account LIKE $2 THEN amount ELSE 0 END) AS BIGINT),
  CAST(sum(amount) AS BIGINT)
FROM ledger_entries WHERE account = ANY($1) AND operation <> 'open'
GROUP BY entered_at, reason, reference ORDER BY entered_at DESC, reference DESC
"""

DAY = """
SELECT 'top_up', means, CAST(COALESCE(sum(paid), 0) AS BIGINT), count(*) FROM loyalty_value_lots
WHERE store = $1 AND topped_at >= $2 AND topped_at < $3 AND source = 'till' GROUP BY means
UNION ALL
SELECT 'gift', means, CAST(COALESCE(sum(gift), 0) AS BIGINT), count(*) FROM loyalty_value_lots
WHERE store = $1 AND topped_at >= $2 AND topped_at < $3 AND source = 'till' AND gift > 0
GROUP BY means
UNION ALL
SELECT 'payment', 'value', CAST(COALESCE(sum(amount), 0) AS BIGINT), count(*)
FROM loyalty_value_payments
WHERE store = $1 AND paid_at >= $2 AND paid_at < $3 AND status = 'paid'
UNION ALL
SELECT 'refund', 'value', CAST(COALESCE(sum(amount), 0) AS BIGINT), count(*)
FROM loyalty_value_refunds WHERE store = $1 AND refunded_at >= $2 AND refunded_at < $3
UNION ALL
SELECT 'paid_out', means, CAST(COALESCE(sum(amount + interest), 0) AS BIGINT), count(*)
FROM loyalty_value_returns WHERE store = $1 AND returned_at >= $2 AND returned_at < $3
GROUP BY means
"""

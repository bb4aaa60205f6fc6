"""The plugin's statements."""

STATE = "SELECT version FROM promotions_state"

MOVE = """
INSERT INTO promotions_state (id, version) VALUES ('rules', 1)
ON CONFLICT (id) DO UPDATE SET version = promotions_state.version + 1
"""

LIVE = """
SELECT c.id, v.number, v.rule FROM promotions_campaigns AS c
JOIN promotions_versions AS v ON v.campaign = c.id AND v.number = c.version
WHERE c.status = 'on' ORDER BY c.id
"""

COLLECTIONS = "SELECT id, products FROM promotions_collections"

ABOUT_COUPON = "c.id, c.code, c.campaign, c.uses, c.member, c.valid_from_at, c.expires_at"

_GOOD = """
FROM promotions_coupons AS c
LEFT JOIN ledger_accounts AS a ON a.id = 'promotions:coupon:' || c.id
WHERE c.state = 'open' AND (c.valid_from_at IS NULL OR c.valid_from_at <= $2)
  AND (c.expires_at IS NULL OR c.expires_at > $2)
  AND (a.id IS NULL OR a.balance - a.held - a.floor > 0)
"""

HELD = f"SELECT {ABOUT_COUPON} {_GOOD} AND c.member = $1 ORDER BY c.expires_at, c.id LIMIT 300"
"""Coupons of a member that are good at a moment and not used up."""

NAMED = f"SELECT {ABOUT_COUPON} {_GOOD} AND c.code = ANY($1) ORDER BY c.id"
"""Coupons by their codes."""

HAS_ORDERED = """
SELECT 1 FROM orders_orders WHERE owner = $1 AND status NOT IN ('cancelled', 'expired') LIMIT 1
"""

CAMPAIGN = """
SELECT id, title, trigger, status, version, started_by, started_at, stopped_by, stopped_at,
  stop_reason, made_by, created_at
FROM promotions_campaigns WHERE id = $1
"""

CAMPAIGNS = """
SELECT id, title, trigger, status, version, started_by, started_at, stopped_by, stopped_at,
  stop_reason, made_by, created_at
FROM promotions_campaigns WHERE id < $1 ORDER BY id DESC LIMIT $2
"""

ADD_CAMPAIGN = """
INSERT INTO promotions_campaigns (id, title, trigger, status, version, started_by, started_at,
  stopped_by, stopped_at, stop_reason, made_by, created_at)
VALUES ($1, $2, $3, 'draft', 1, '', NULL, '', NULL, '', $4, $5)
"""

ADD_VERSION = """
INSERT INTO promotions_versions (campaign, number, rule, made_by, made_at)
VALUES ($1, $2, $3, $4, $5)
"""

RULE = "SELECT rule FROM promotions_versions WHERE campaign = $1 AND number = $2"

NOTE = """
INSERT INTO promotions_timeline (id, campaign, step, actor, detail, happened_at)
VALUES ($1, $2, $3, $4, $5, $6)
"""

TIMELINE = """
SELECT step, actor, detail, happened_at FROM promotions_timeline
WHERE campaign = $1 ORDER BY id LIMIT 500
"""

SUPERSEDE = """
UPDATE promotions_campaigns SET version = $3, title = $4
WHERE id = $1 AND version = $2 AND status <> 'stopped'
"""

START = """
UPDATE promotions_campaigns SET status = 'on', started_by = $2, started_at = $3
WHERE id = $1 AND status = 'draft'
"""

STOP = """
UPDATE promotions_campaigns
SET status = 'stopped', stopped_by = $2, stopped_at = $3, stop_reason = $4
WHERE id = $1 AND status <> 'stopped'
"""

COUPON = """
SELECT id, code, campaign, uses, member, valid_from_at, expires_at, state
FROM promotions_coupons WHERE code = $1
"""

COUPON_OF_SOURCE = """
SELECT id, code, campaign, uses, member, valid_from_at, expires_at, state
FROM promotions_coupons WHERE source = $1
"""

TAKE_COUPON = """
UPDATE promotions_coupons SET member = $2, claimed_by = COALESCE(claimed_by, $2),
  claimed_at = COALESCE(claimed_at, $3), valid_from_at = $4, expires_at = $5
WHERE id = $1 AND state = 'open' AND COALESCE(member, '') = $6
"""
"""A coupon comes to a member, if it is still whose it was."""

_IN_WALLET = f"""
SELECT {ABOUT_COUPON}, COALESCE(a.balance - a.held - a.floor, c.uses), k.status, v.rule
FROM promotions_coupons AS c
JOIN promotions_campaigns AS k ON k.id = c.campaign
JOIN promotions_versions AS v ON v.campaign = c.campaign AND v.number = k.version
LEFT JOIN ledger_accounts AS a ON a.id = 'promotions:coupon:' || c.id
"""  # noqa: S608 our own columns

ONE_COUPON = f"{_IN_WALLET} WHERE c.id = $1"

WALLET = f"""{_IN_WALLET}
WHERE c.member = $1 AND c.state = 'open' AND c.id < $2 ORDER BY c.id DESC LIMIT $3
"""

BATCH_OF_SOURCE = """
SELECT id, campaign, size, note, created_at FROM promotions_batches WHERE source = $1
"""

CODES_ISSUED = "SELECT COUNT(*) FROM promotions_coupons WHERE batch = $1"

CODES = """
SELECT id, code FROM promotions_coupons WHERE batch = $1 AND id > $2 ORDER BY id LIMIT $3
"""

VOID_BATCH = """
UPDATE promotions_coupons SET state = 'void'
WHERE batch = $1 AND campaign = $2 AND state = 'open' AND member IS NULL
"""

MERGED = "UPDATE promotions_coupons SET member = $2 WHERE member = $1"

PARTED = "UPDATE promotions_coupons SET member = $2 WHERE member = $1 AND claimed_by = $2"

REDEEMED = """
SELECT campaign, coupon, amount, returned_at FROM promotions_redemptions
WHERE order_id = $1 ORDER BY campaign
"""

RETURNED = """
UPDATE promotions_redemptions SET returned_at = $3, return_reason = $4
WHERE order_id = $1 AND campaign = $2 AND returned_at IS NULL
"""

POSTED = """
SELECT key, account, amount FROM ledger_holds
WHERE key >= 'order:' || $1 || ':' AND key < 'order:' || $1 || ';'
  AND state = 'posted' AND account LIKE 'promotions:%'
UNION ALL
SELECT key, account, amount FROM ledger_holds
WHERE key >= 'again:order:' || $1 || ':' AND key < 'again:order:' || $1 || ';'
  AND state = 'posted' AND account LIKE 'promotions:%'
"""
"""What an order has used up for good: held and taken, or taken anew by a late payment."""

ORDER_RETURNED = """
UPDATE promotions_redemptions SET returned_at = $3, return_reason = $4
WHERE order_id = $1 AND campaign = $2 AND (returned_at IS NULL OR return_reason <> $4)
"""

TILL_NOTE = """
SELECT order_id, campaign, version, coupon, member, store, amount, actor, receipt, total,
  redeemed_at, returned_at, return_reason
FROM promotions_redemptions WHERE order_id = $1 AND kind = 'till'
"""

FIGURES = """
SELECT CAST(COUNT(*) AS BIGINT), CAST(COALESCE(SUM(r.amount), 0) AS BIGINT),
  CAST(COALESCE(SUM(
    CASE WHEN r.kind = 'order' THEN o.paid - o.refunded ELSE r.total - r.amount END
  ), 0) AS BIGINT),
  CAST(COUNT(DISTINCT r.member) AS BIGINT)
FROM promotions_redemptions AS r LEFT JOIN orders_orders AS o ON o.id = r.order_id
WHERE r.campaign = $1 AND (
  (r.kind = 'till' AND r.returned_at IS NULL)
  OR (o.paid_at IS NOT NULL AND o.status NOT IN ('cancelled', 'expired')
    AND (r.returned_at IS NULL OR r.return_reason = 'cancel'))
)
"""
"""Uses that count: at tills, and in orders that were paid; cost and revenue in fen.

An order that was over and came back to life by a late payment counts again."""

NEWCOMERS = """
SELECT CAST(COUNT(DISTINCT r.member) AS BIGINT)
FROM promotions_redemptions AS r JOIN orders_orders AS o ON o.id = r.order_id
WHERE r.campaign = $1 AND r.member IS NOT NULL AND o.paid_at IS NOT NULL
  AND o.status NOT IN ('cancelled', 'expired')
  AND (r.returned_at IS NULL OR r.return_reason = 'cancel')
  AND NOT EXISTS (
    SELECT 1 FROM orders_orders AS e WHERE e.owner = o.owner AND e.id < o.id
      AND e.paid_at IS NOT NULL
  )
"""
"""Members whose first paid order it was."""

COUPON_FIGURES = """
SELECT CAST(COUNT(*) AS BIGINT), CAST(COUNT(member) AS BIGINT),
  CAST(COUNT(DISTINCT member) AS BIGINT)
FROM promotions_coupons WHERE campaign = $1 AND state = 'open'
"""
"""Issued, claimed, and by how many."""

SHARERS = "SELECT CAST(COUNT(*) AS BIGINT) FROM promotions_shares WHERE campaign = $1"


AVAILABLE = "SELECT id, balance - held - floor FROM ledger_accounts WHERE id = ANY($1)"
"""What is left of accounts; those that nobody opened are missing."""

KEEP_COLLECTION = """
INSERT INTO promotions_collections (id, products, updated_at) VALUES ($1, $2, $3)
ON CONFLICT (id) DO UPDATE SET products = $2, updated_at = $3
"""

TAKEN_AT_DESK = "SELECT account, amount FROM ledger_entries WHERE key = ANY($1) ORDER BY account"
"""What a use at a till took."""

ENTERED = "SELECT key FROM ledger_entries WHERE key = ANY($1)"

ENDED = "SELECT status, total, refunded FROM orders_orders WHERE id = $1"

REDEEMED_RULES = """
SELECT campaign, coupon, version FROM promotions_redemptions WHERE order_id = $1 ORDER BY campaign
"""

ON = "SELECT id FROM promotions_campaigns WHERE status = 'on' ORDER BY id DESC LIMIT $1"

COUPON_USE = """
SELECT CAST(COUNT(CASE WHEN r.coupon IS NOT NULL THEN 1 END) AS BIGINT),
  CAST(COUNT(*) AS BIGINT)
FROM promotions_coupons AS c
LEFT JOIN (
  SELECT DISTINCT coupon FROM promotions_redemptions
  WHERE campaign = $1 AND returned_at IS NULL
) AS r ON r.coupon = c.id
WHERE c.campaign = $1 AND c.state = 'open' AND c.uses = 1
  AND (c.member IS NOT NULL OR r.coupon IS NOT NULL)
"""
"""Of the coupons for one use that are out with somebody: how many were used, and how many."""

SHARE = """
INSERT INTO promotions_shares (campaign, member, shared_at) VALUES ($1, $2, $3)
ON CONFLICT (campaign, member) DO NOTHING
"""

PAST_ORDERS = """
SELECT id, placed_at, member, channel, store, total, delivery_fee FROM orders_orders
WHERE placed_at >= $1 AND placed_at <= $2 AND status NOT IN ('cancelled', 'expired')
ORDER BY id DESC LIMIT $3
"""

PAST_LINES = """
SELECT order_id, sku, product, title, quantity, unit_price, total FROM orders_lines
WHERE order_id = ANY($1) ORDER BY order_id, position
"""

MEMBERS_ACCOUNTS = """
SELECT a.id, a.balance - a.held - a.floor, -a.floor FROM ledger_accounts AS a
WHERE a.id IN (
  SELECT 'promotions:' || r.campaign || ':member:' || m.id
  FROM promotions_redemptions AS r
  JOIN (SELECT DISTINCT member AS id FROM promotions_redemptions WHERE member = ANY($1)) AS m
    ON 1 = 1
  WHERE r.member = ANY($1)
)
"""
"""The accounts that count how often members used a campaign: what is left, and the limit."""

"""The statements of points."""

from jishi.membership import ids_in_sql

_HIS = ids_in_sql("$1")
"""All ids of a member ($1): his own, and those merged into him."""

_LOTS = """
SELECT l.id, l.member_id, l.root, l.source, l.reference, l.state, l.available_at, l.expires_at,
  l.opened_at, l.origin, l.lost, l.rounds, COALESCE(p.balance, 0), COALESCE(p.held, 0),
  COALESCE(w.balance, 0), COALESCE(d.balance, 0)
FROM loyalty_lots AS l
LEFT JOIN ledger_accounts AS p ON p.id = 'points:' || l.member_id || ':' || l.id
LEFT JOIN ledger_accounts AS w ON w.id = 'points_pending:' || l.member_id || ':' || l.id
LEFT JOIN ledger_accounts AS d ON d.id = 'points_debt:' || l.member_id || ':' || l.id
"""

LIVE_LOTS = f"""{_LOTS}
WHERE l.member_id = ANY($1) AND l.state <> 'ended'
  AND (p.balance > 0 OR w.balance > 0 OR d.balance > 0)
"""
"""Of members, with what the ledger says of them; empty ones left out."""

LOTS_OF_ROOTS = f"{_LOTS} WHERE l.root = ANY($1)"

ALL_LOTS = f"{_LOTS} WHERE l.member_id = ANY($1)"

THERE = """
SELECT root, state, expires_at, id FROM loyalty_lots
WHERE member_id = $1 AND root = ANY($2) AND state <> 'ended'
"""

ORIGINS = """
SELECT id FROM loyalty_lots WHERE member_id = $1 AND state <> 'ended' AND (
  origin = $2 OR origin IN (SELECT member_id FROM membership_aliases WHERE parent = $2)
)
"""
"""The lots of a member ($1) that another ($2), or somebody merged into that one, brought."""

ROOTS = "SELECT id, root FROM loyalty_lots WHERE id = ANY($1)"

COVERS = """
SELECT id, owing, paying, points FROM loyalty_covers
WHERE (member_id = $1 OR owing = ANY($2)) AND points > 0 ORDER BY covered_at, id
"""

UNCOVER = "UPDATE loyalty_covers SET points = points - $2 WHERE id = $1"

END_LOT = "UPDATE loyalty_lots SET state = 'ended' WHERE id = $1"

CHANGE_LOT = """
UPDATE loyalty_lots SET state = $2, expires_at = $3, lost = $4, rounds = $5 WHERE id = $1
"""

KEEP_MEMBER = """
INSERT INTO loyalty_members (id, tier, card_tier, birthday, seen_at)
VALUES ($1, '', '', '', $2) ON CONFLICT DO NOTHING
"""

LOCK_MEMBER = """
SELECT id, tier, tier_since_at, tier_until_at, card_tier, card_until_at, birthday
FROM loyalty_members WHERE id = $1 FOR UPDATE
"""

MEMBER = """
SELECT id, tier, tier_since_at, tier_until_at, card_tier, card_until_at, birthday
FROM loyalty_members WHERE id = $1
"""

SURVIVOR = "SELECT survivor FROM membership_aliases WHERE member_id = $1"

MEMBER_THERE = "SELECT id FROM membership_members WHERE id = $1"

ORDER = """
SELECT id, member_id, lot, lines, earned, taken_back, spent, given_back, fen, paid_at,
  completed_at
FROM loyalty_orders WHERE id = $1
"""

ORDERS_BEFORE = f"SELECT count(*) FROM loyalty_orders WHERE member_id IN {_HIS}"  # noqa: S608

CHANGE_ORDER = """
UPDATE loyalty_orders SET lines = $2, taken_back = $3, given_back = $4, fen = $5,
  completed_at = $6
WHERE id = $1
"""

# The claims of an offer are held under the order's name, and anew when a late payment comes.
SPENT = """
SELECT key, account, amount FROM ledger_holds
WHERE key >= $1 AND key < $2 AND state = 'posted'
UNION ALL
SELECT key, account, amount FROM ledger_holds
WHERE key >= $3 AND key < $4 AND state = 'posted'
"""

RIPEN = """
UPDATE loyalty_lots SET available_at = $2
WHERE root = $1 AND state = 'pending' AND available_at IS NULL
"""

WAITING = """
SELECT id FROM loyalty_lots
WHERE member_id = $1 AND root = $2 AND state = 'pending' AND available_at <= $3
"""

RIPE = """
SELECT id, member_id FROM loyalty_lots WHERE state = 'pending' AND available_at <= $1
ORDER BY available_at, id LIMIT $2
"""

OVER = """
SELECT id, member_id FROM loyalty_lots
WHERE state = 'open' AND expires_at <= $1 AND id > $2 ORDER BY id LIMIT $3
"""

SOON_OVER = """
SELECT l.member_id, l.id, l.expires_at, p.balance - p.held
FROM loyalty_lots AS l
JOIN ledger_accounts AS p ON p.id = 'points:' || l.member_id || ':' || l.id
WHERE l.state = 'open' AND l.warned_at IS NULL AND l.expires_at > $1 AND l.expires_at <= $2
  AND p.balance > p.held
ORDER BY l.member_id, l.id LIMIT $3
"""

WARNED = "UPDATE loyalty_lots SET warned_at = $2 WHERE id = ANY($1)"

OWING = """
SELECT DISTINCT l.member_id FROM loyalty_lots AS l
JOIN ledger_accounts AS d ON d.id = 'points_debt:' || l.member_id || ':' || l.id
WHERE d.kind = 'points_debt' AND d.balance > 0 AND l.member_id > $1 ORDER BY l.member_id LIMIT $2
"""

GIFT = "SELECT giver, receiver, points, note FROM loyalty_gifts WHERE id = $1"

GIVEN_SINCE = """
SELECT count(*), CAST(COALESCE(sum(points), 0) AS BIGINT) FROM loyalty_gifts
WHERE giver = $1 AND given_at >= $2
"""

EXCHANGE = "SELECT reward, points FROM loyalty_exchanges WHERE id = $1"

EXCHANGES_OF = f"""
SELECT count(*) FROM loyalty_exchanges WHERE member_id IN {_HIS} AND reward = $2
"""  # noqa: S608 our own columns

GRANT = "SELECT member_id, points, reason FROM loyalty_grants WHERE id = $1"

STATEMENT = """
SELECT id, account, operation, amount, reason, reference, key, entered_at FROM ledger_entries
WHERE account = ANY($1) AND id < $2 ORDER BY id DESC LIMIT $3
"""

SET_BIRTHDAY = "UPDATE loyalty_members SET birthday = $2 WHERE id = $1"

BORN = """
SELECT id, tier, tier_since_at, tier_until_at, card_tier, card_until_at, birthday
FROM loyalty_members AS k WHERE birthday = ANY($1) AND id > $2
  AND NOT EXISTS (SELECT 1 FROM membership_aliases AS a WHERE a.member_id = k.id)
ORDER BY id LIMIT $3
"""

_MEASURES = """
CAST(COALESCE(sum(o.fen), 0) AS BIGINT),
CAST(COALESCE(sum(CASE WHEN o.fen > 0 THEN 1 ELSE 0 END), 0) AS BIGINT),
CAST(COALESCE(sum(o.earned - o.taken_back), 0) AS BIGINT)
"""

MEASURE = f"""
SELECT {_MEASURES} FROM loyalty_orders AS o WHERE o.member_id IN {_HIS} AND o.paid_at >= $2
"""  # noqa: S608 our own columns

MEASURES = f"""
WITH m AS (
  SELECT id, tier, tier_since_at, tier_until_at FROM loyalty_members AS k
  WHERE id > $1
    AND NOT EXISTS (SELECT 1 FROM membership_aliases AS a WHERE a.member_id = k.id)
  ORDER BY id LIMIT $3
), ids AS (
  SELECT id AS owner, id FROM m
  UNION ALL
  SELECT a.survivor, a.member_id FROM membership_aliases AS a JOIN m ON m.id = a.survivor
)
SELECT m.id, m.tier, m.tier_since_at, m.tier_until_at, {_MEASURES}
FROM m JOIN ids ON ids.owner = m.id
LEFT JOIN loyalty_orders AS o ON o.member_id = ids.id AND o.paid_at >= $2
GROUP BY m.id, m.tier, m.tier_since_at, m.tier_until_at ORDER BY m.id
"""  # noqa: S608 our own columns

SET_TIER = """
UPDATE loyalty_members SET tier = $2, tier_since_at = $3, tier_until_at = $4 WHERE id = ANY($1)
"""

SET_CARD = "UPDATE loyalty_members SET card_tier = $2, card_until_at = $3 WHERE id = $1"

CARDS = f"""
SELECT id, tier, starts_at, ends_at FROM loyalty_cards WHERE member_id IN {_HIS}
"""  # noqa: S608 our own columns

CARD = "SELECT starts_at, ends_at FROM loyalty_cards WHERE id = $1"

END_CARD = "UPDATE loyalty_cards SET ends_at = $2 WHERE id = $1"

PRICES = "SELECT sku, amount FROM catalogue_prices WHERE sku = ANY($1) AND price_list = $2"

LEFT_BEHIND = """
SELECT DISTINCT l.member_id FROM loyalty_lots AS l
JOIN membership_aliases AS a ON a.member_id = l.member_id
JOIN ledger_accounts AS p ON p.id = 'points:' || l.member_id || ':' || l.id
WHERE l.state <> 'ended' AND p.balance > p.held LIMIT $1
"""
"""Members who were merged into others while something of theirs was held."""

EARNED_SINCE = """
SELECT channel, lines, paid_at, id FROM loyalty_orders WHERE paid_at >= $1 AND id > $2
ORDER BY id LIMIT $3
"""

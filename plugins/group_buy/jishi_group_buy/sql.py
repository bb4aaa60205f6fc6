"""The statements of group buying; the desk allows them on its own tables and on orders."""

CAMPAIGN_COLUMNS = (
    "id, title, text, rules, state, starts_at, ends_at, created_by, created_at, "
    "started_by, started_at, stopped_by, stopped_at, stopped_because"
)
CAMPAIGN = f"SELECT {CAMPAIGN_COLUMNS} FROM group_buy_campaigns WHERE id = $1"  # noqa: S608
CAMPAIGNS = (
    f"SELECT {CAMPAIGN_COLUMNS} FROM group_buy_campaigns "  # noqa: S608
    "WHERE id < $1 ORDER BY id DESC LIMIT $2"
)
RUNNING = (
    f"SELECT {CAMPAIGN_COLUMNS} FROM group_buy_campaigns "  # noqa: S608
    "WHERE state = 'running' AND starts_at <= $1 AND ends_at > $1 ORDER BY id LIMIT 200"
)
REWRITE = (
    "UPDATE group_buy_campaigns SET title = $2, text = $3, rules = $4, starts_at = $5, "
    "ends_at = $6 WHERE id = $1 AND state = 'draft'"
)
START = (
    "UPDATE group_buy_campaigns SET state = 'running', started_by = $2, started_at = $3 "
    "WHERE id = $1 AND state = 'draft'"
)
STOP = (
    "UPDATE group_buy_campaigns SET state = 'stopped', stopped_by = $2, stopped_at = $3, "
    "stopped_because = $4 WHERE id = $1 AND state = 'running'"
)
CUT_SHORT = (
    "UPDATE group_buy_teams SET ends_at = $2 WHERE campaign = $1 AND ends_at > $2 "
    "AND state IN ('opening', 'open')"
)

TEAM_COLUMNS = (
    "id, code, campaign, state, outcome, size, reach, opened_at, ends_at, decided_at, settled_at"
)
TEAM = f"SELECT {TEAM_COLUMNS} FROM group_buy_teams WHERE id = $1"  # noqa: S608
TEAM_BY_CODE = f"SELECT {TEAM_COLUMNS} FROM group_buy_teams WHERE code = $1"  # noqa: S608
CAMPAIGN_AND_TEAM = (
    f"SELECT c.{CAMPAIGN_COLUMNS.replace(', ', ', c.')}, "  # noqa: S608
    f"t.{TEAM_COLUMNS.replace(', ', ', t.')} FROM group_buy_teams t "
    "JOIN group_buy_campaigns c ON c.id = t.campaign WHERE t.code = $1"
)
TEAMS = (
    f"SELECT {TEAM_COLUMNS} FROM group_buy_teams "  # noqa: S608
    "WHERE campaign = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
)
GATHERING = (
    f"SELECT {TEAM_COLUMNS} FROM group_buy_teams "  # noqa: S608
    "WHERE campaign = $1 AND state = 'open' AND ends_at > $2 ORDER BY ends_at LIMIT $3"
)
DUE_TEAMS = (
    "SELECT id FROM group_buy_teams WHERE state IN ('opening', 'open') AND ends_at <= $1 "
    "ORDER BY ends_at LIMIT $2"
)
STUCK_SEATS = (
    "SELECT s.id FROM group_buy_seats s JOIN group_buy_teams t ON t.id = s.team "
    "WHERE s.state = 'owed' AND t.decided_at <= $1 ORDER BY s.id LIMIT $2"
)
LOCK_TEAM = "UPDATE group_buy_teams SET state = state WHERE id = $1"
"""Keeps everybody else off a team until the transaction ends, on either engine."""
TEAM_OPEN = "UPDATE group_buy_teams SET state = 'open' WHERE id = $1 AND state = 'opening'"
DECIDE = (
    "UPDATE group_buy_teams SET state = $2, outcome = $3, size = $4, reach = $5, "
    "decided_at = $6, settled_at = $7 WHERE id = $1"
)
TEAM_SETTLED = (
    "UPDATE group_buy_teams SET state = 'settled', settled_at = $2 "
    "WHERE id = $1 AND state = 'settling'"
)

SEAT_COLUMNS = (
    "id, team, campaign, order_id, member, newcomer, pieces, lines, state, due, refund, "
    "placed_at, paid_at"
)
SEAT = f"SELECT {SEAT_COLUMNS} FROM group_buy_seats WHERE id = $1"  # noqa: S608
SEAT_OF_ORDER = f"SELECT {SEAT_COLUMNS} FROM group_buy_seats WHERE order_id = $1"  # noqa: S608
SEATS = (
    f"SELECT {SEAT_COLUMNS} FROM group_buy_seats "  # noqa: S608
    "WHERE team = $1 ORDER BY placed_at, id"
)
SEAT_MOVED = (
    "UPDATE group_buy_seats SET state = $2, paid_at = $3, pieces = $4 WHERE id = $1 AND state = $5"
)
SEAT_OWED = "UPDATE group_buy_seats SET state = 'owed', due = $2, refund = $3 WHERE id = $1"
SEAT_FIXED = "UPDATE group_buy_seats SET due = $2, refund = $3 WHERE id = $1 AND state = 'owed'"
SEAT_SETTLED = (
    "UPDATE group_buy_seats SET state = 'settled', settled_at = $2 "
    "WHERE id = $1 AND state = 'owed'"
)
STILL_OWED = "SELECT count(*) FROM group_buy_seats WHERE team = $1 AND state = 'owed'"

ORDER_STATUS = "SELECT status, paid_at FROM orders_orders WHERE id = $1"
PIECES_LEFT = (
    "SELECT CAST(COALESCE(sum(quantity - refunded), 0) AS BIGINT) FROM orders_lines "
    "WHERE order_id = $1 AND sku = ANY($2)"
)
BOUGHT_BEFORE = "SELECT 1 FROM orders_orders WHERE member = $1 AND paid_at IS NOT NULL LIMIT 1"

NUMBERS = (
    "SELECT CAST(COALESCE(sum(CASE WHEN s.state <> 'gone' THEN 1 ELSE 0 END), 0) AS BIGINT), "
    "CAST(COALESCE(sum(CASE WHEN s.state IN ('paid', 'owed', 'settled') THEN 1 ELSE 0 END), 0) "
    "AS BIGINT), "
    "CAST(COALESCE(sum(CASE WHEN s.newcomer = 'yes' AND s.state IN ('paid', 'owed', 'settled') "
    "THEN 1 ELSE 0 END), 0) AS BIGINT), "
    "CAST(COALESCE(sum(CASE WHEN s.state <> 'gone' THEN o.paid ELSE 0 END), 0) AS BIGINT), "
    "CAST(COALESCE(sum(o.refunded), 0) AS BIGINT), "
    "CAST(COALESCE(sum(CASE WHEN s.state = 'settled' THEN s.refund ELSE 0 END), 0) AS BIGINT) "
    "FROM group_buy_seats s JOIN orders_orders o ON o.id = s.order_id WHERE s.campaign = $1"
)
OUTCOMES = (
    "SELECT state, outcome, count(*) FROM group_buy_teams WHERE campaign = $1 "
    "GROUP BY state, outcome ORDER BY state, outcome"
)

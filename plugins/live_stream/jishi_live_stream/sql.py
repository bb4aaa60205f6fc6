"""The statements of live streams."""

SESSION_COLUMNS = (
    "id, plan, state, created_by, opened_by, opened_at, ended_by, ended_at, ended_because"
)
DRAW_COLUMNS = (
    "id, session, plan, state, commitment, beacon, digest, entries, opened_by, opened_at, "
    "closed_at, claim_until_at"
)
WIN_COLUMNS = "w.draw, w.number, w.member, w.prize, w.title, w.state, d.claim_until_at"

SESSION = f"SELECT {SESSION_COLUMNS} FROM live_stream_sessions WHERE id = $1"  # noqa: S608
SESSIONS = (
    f"SELECT {SESSION_COLUMNS} FROM live_stream_sessions "  # noqa: S608
    "WHERE id < $1 ORDER BY id DESC LIMIT $2"
)
LATELY = (
    f"SELECT {SESSION_COLUMNS} FROM live_stream_sessions WHERE state = 'live' "  # noqa: S608
    "OR (state = 'ended' AND ended_at > $1) ORDER BY id DESC LIMIT 100"
)
OVER = "SELECT id FROM live_stream_sessions WHERE state = 'live' AND ends_at <= $1 LIMIT 100"
REPLAN = (
    "UPDATE live_stream_sessions SET plan = $2, ends_at = $3 WHERE id = $1 AND state = 'draft'"
)
OPENED = (
    "UPDATE live_stream_sessions SET state = 'live', opened_by = $2, opened_at = $3 "
    "WHERE id = $1 AND state = 'draft'"
)
ENDED = (
    "UPDATE live_stream_sessions SET state = 'ended', ended_by = $2, ended_at = $3, "
    "ended_because = $4 WHERE id = $1 AND state = 'live'"
)
EARNED = (
    "SELECT count(*), CAST(coalesce(sum(o.total), 0) AS BIGINT) FROM live_stream_orders l "
    "JOIN orders_orders o ON o.id = l.order_id "
    "WHERE l.session = $1 AND o.status NOT IN ('cancelled', 'expired')"
)
BOUGHT = (
    "SELECT count(*) FROM live_stream_orders l JOIN orders_orders o ON o.id = l.order_id "
    "WHERE l.session = $1 AND o.member = $2 AND o.status IN ('paid', 'fulfilling', 'completed')"
)
BUYERS = (
    "SELECT DISTINCT o.member FROM live_stream_orders l JOIN orders_orders o "
    "ON o.id = l.order_id WHERE l.session = $1 AND o.member IS NOT NULL "
    "AND o.status IN ('paid', 'fulfilling', 'completed')"
)
TAKEN = (
    "SELECT h.key, h.account, h.amount FROM ledger_holds h "
    "JOIN orders_orders o ON o.id = $1 AND o.status = 'cancelled' "
    "WHERE h.state = 'posted' AND h.account LIKE 'live_stream:%' AND ("
    "(h.key >= 'order:' || $1 || ':' AND h.key < 'order:' || $1 || ';') OR "
    "(h.key >= 'again:order:' || $1 || ':' AND h.key < 'again:order:' || $1 || ';')) "
    "ORDER BY h.key"
)

DRAW = f"SELECT {DRAW_COLUMNS} FROM live_stream_draws WHERE id = $1"  # noqa: S608
LOCK_DRAW = f"{DRAW} FOR UPDATE"
DRAWS = f"SELECT {DRAW_COLUMNS} FROM live_stream_draws WHERE session = $1 ORDER BY id"  # noqa: S608
DUE_DRAWS = (
    "SELECT id FROM live_stream_draws WHERE state = 'open' AND closes_at <= $1 "
    "ORDER BY closes_at LIMIT 100"
)
COUNTED = "UPDATE live_stream_draws SET entries = $2 WHERE id = $1"
BEACON = (
    "UPDATE live_stream_draws SET beacon = $2 WHERE id = $1 AND state = 'open' AND beacon = ''"
)
CLOSED = (
    "UPDATE live_stream_draws SET state = 'closed', digest = $2, closed_at = $3, "
    "claim_until_at = $4 WHERE id = $1 AND state = 'open'"
)
KNOWN_ENTRY = "SELECT number, ticket, text FROM live_stream_entries WHERE draw = $1 AND once = $2"
KNOWN_ENTRIES = "SELECT once FROM live_stream_entries WHERE draw = $1 AND once = ANY($2)"
BAGS = "SELECT count(*) FROM live_stream_entries WHERE draw = $1 AND member = $2"
ENTRIES = "SELECT number, ticket, text FROM live_stream_entries WHERE draw = $1 ORDER BY number"
MEMBERS = "SELECT number, member FROM live_stream_entries WHERE draw = $1 AND number = ANY($2)"
WINS_OF = (
    f"SELECT {WIN_COLUMNS} FROM live_stream_wins w JOIN live_stream_draws d ON d.id = w.draw "  # noqa: S608
    "WHERE w.member = $1 ORDER BY w.draw DESC, w.number LIMIT 200"
)
WIN = (
    f"SELECT {WIN_COLUMNS} FROM live_stream_wins w JOIN live_stream_draws d ON d.id = w.draw "  # noqa: S608
    "WHERE w.draw = $1 AND w.number = $2"
)
WINNERS = "SELECT number, prize FROM live_stream_wins WHERE draw = $1 ORDER BY decided_at, number"
ALL_WINS = (
    f"SELECT {WIN_COLUMNS} FROM live_stream_wins w JOIN live_stream_draws d ON d.id = w.draw "  # noqa: S608
    "WHERE w.draw = $1 ORDER BY w.prize, w.number"
)
TOPS = "SELECT count(*) FROM live_stream_wins WHERE draw = $1 AND member = $2 AND prize = 0"
ENDED_WIN = (
    "UPDATE live_stream_wins SET state = $3, ended_at = $4 "
    "WHERE draw = $1 AND number = $2 AND state = 'won'"
)
UNCLAIMED = (
    "SELECT w.draw, w.number, w.prize FROM live_stream_wins w "
    "JOIN live_stream_draws d ON d.id = w.draw "
    "WHERE w.state = 'won' AND d.state = 'closed' AND d.claim_until_at <= $1 "
    "ORDER BY w.draw, w.number LIMIT 500"
)

VISITS = (
    "SELECT id, session, store, slot, state, booked_at FROM live_stream_visits "
    "WHERE member = $1 ORDER BY id DESC LIMIT 50"
)
VISITS_OF = (
    "SELECT id, state FROM live_stream_visits "
    "WHERE session = $1 AND member = $2 AND why = $3 ORDER BY turn"
)
VISIT_BY_HASH = (
    "SELECT id, session, store, member, slot, state FROM live_stream_visits "
    "WHERE hash = $1 FOR UPDATE"
)
VISIT = (
    "SELECT id, session, store, member, slot, state FROM live_stream_visits "
    "WHERE id = $1 FOR UPDATE"
)
VISIT_ENDED = (
    "UPDATE live_stream_visits SET state = $2, ended_by = $3, ended_at = $4 "
    "WHERE id = $1 AND state = 'booked'"
)

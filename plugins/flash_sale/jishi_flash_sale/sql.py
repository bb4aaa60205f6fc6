"""The statements of flash sales."""

SALE_COLUMNS = (
    "id, title, state, starts_at, ends_at, items, queue, per_second, at_once, location, "
    "created_by, scheduled_by, scheduled_at, stopped_by, stopped_at, stopped_because"
)

SALE = f"SELECT {SALE_COLUMNS} FROM flash_sale_sales WHERE id = $1"  # noqa: S608
LOCK_SALE = f"{SALE} FOR UPDATE"
SALES = f"SELECT {SALE_COLUMNS} FROM flash_sale_sales WHERE id < $1 ORDER BY id DESC LIMIT $2"  # noqa: S608
SHOWN = (
    f"SELECT {SALE_COLUMNS} FROM flash_sale_sales "  # noqa: S608
    "WHERE state = 'scheduled' AND ends_at > $1 ORDER BY starts_at, id LIMIT 100"
)
OVER = (
    f"SELECT {SALE_COLUMNS} FROM flash_sale_sales "  # noqa: S608
    "WHERE state = 'scheduled' AND ends_at <= $1 ORDER BY ends_at LIMIT 100"
)
REPLACE = (
    "UPDATE flash_sale_sales SET title = $2, starts_at = $3, ends_at = $4, items = $5, "
    "queue = $6, per_second = $7, at_once = $8, location = $9, next_turn_at = $3 "
    "WHERE id = $1 AND state = 'draft'"
)
SCHEDULED = (
    "UPDATE flash_sale_sales SET state = 'scheduled', scheduled_by = $2, scheduled_at = $3 "
    "WHERE id = $1 AND state = 'draft'"
)
ENDED = (
    "UPDATE flash_sale_sales SET state = $2, stopped_by = $3, stopped_at = $4, "
    "stopped_because = $5 WHERE id = $1 AND state = 'scheduled'"
)
LOCK_QUEUE = "SELECT turns, next_turn_at FROM flash_sale_sales WHERE id = $1 FOR UPDATE"
QUEUE_MOVED = "UPDATE flash_sale_sales SET turns = $2, next_turn_at = $3 WHERE id = $1"
TURNS = "SELECT turns FROM flash_sale_sales WHERE id = $1"
TURN = "SELECT number, opens_at FROM flash_sale_turns WHERE id = $1"
NEW_TURN = "UPDATE flash_sale_turns SET number = $2, opens_at = $3 WHERE id = $1"
PURCHASES = (
    "SELECT sale, sku, member, quantity FROM flash_sale_purchases "
    "WHERE order_id = $1 AND state = 'ordered'"
)
ENDED_PURCHASES = (
    "SELECT sale, sku, member, quantity FROM flash_sale_purchases "
    "WHERE order_id = $1 AND state IN ('returned', 'shelved')"
)
STATE = "SELECT state FROM flash_sale_purchases WHERE order_id = $1 AND sku = $2"
LIVES = (
    "UPDATE flash_sale_purchases SET state = 'ordered' "
    "WHERE order_id = $1 AND sku = $2 AND state = $3"
)
CAME_BACK = (
    "UPDATE flash_sale_purchases SET state = $3 "
    "WHERE order_id = $1 AND sku = $2 AND state = 'ordered'"
)
ORDERED = (
    "SELECT sku, CAST(sum(quantity) AS BIGINT), CAST(sum(quantity * price) AS BIGINT) "
    "FROM flash_sale_purchases WHERE sale = $1 AND state = 'ordered' GROUP BY sku"
)
SHELVED = (
    "SELECT sku, CAST(sum(quantity) AS BIGINT) FROM flash_sale_purchases "
    "WHERE sale = $1 AND state = 'shelved' GROUP BY sku"
)
GIVEN_BACK = "SELECT account, -amount FROM ledger_entries WHERE key = ANY($1)"
ORDER = "SELECT status, paid_at FROM orders_orders WHERE id = $1"

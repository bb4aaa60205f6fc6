"""The statements of orders."""

from functools import lru_cache

from jishi.db import values_list
from jishi.membership import ids_in_sql, survivor_in_sql

# An order of somebody who turned out to be another is the other's.
_COLUMNS = (
    f"id, number, status, version, {survivor_in_sql('owner')}, {survivor_in_sql('member')}, "
    "channel, store, currency, total, paid, refunded, "
    "delivery_fee, delivery, address, contact, note, placed_at, expires_at, paid_at, "
    "completed_at, delivery_refunded, location, shipped_at"
)

ORDERS = f"SELECT {_COLUMNS} FROM orders_orders WHERE id = ANY($1)"  # noqa: S608 our own columns

LINES = """
SELECT order_id, id, sku, product, title, quantity, unit_price, total, shipped, refunded,
  refunded_amount, withdrawn
FROM orders_lines WHERE order_id = ANY($1) ORDER BY order_id, position
"""

PRODUCTS = "SELECT DISTINCT product FROM orders_lines WHERE order_id = ANY($1)"

PLACED_BEFORE = """
SELECT owner, placing_key, id, placing_digest FROM orders_orders
WHERE owner = ANY($1) AND placing_key = ANY($2)
UNION ALL SELECT a.survivor, o.placing_key, o.id, o.placing_digest
FROM membership_aliases AS a JOIN orders_orders AS o ON o.owner = a.member_id
WHERE a.survivor = ANY($1) AND o.placing_key = ANY($2)
"""

OWNED = (
    f"SELECT id FROM orders_orders WHERE owner IN {ids_in_sql('$1')} AND id < $2 "  # noqa: S608
    "ORDER BY id DESC LIMIT $3"
)
ABSORBED_OWNER = """
SELECT a.member_id FROM orders_orders AS o
JOIN membership_aliases AS a ON a.member_id = o.owner WHERE o.id = $1
"""

EXPLANATION = "SELECT explanation FROM orders_orders WHERE id = $1"

TIMELINE = """
SELECT step, actor, detail, entered_at FROM orders_timeline WHERE order_id = $1 ORDER BY id
"""

SHIPMENTS = """
SELECT id, order_id, carrier, tracking, lines, shipped_at FROM orders_shipments
WHERE order_id = $1 ORDER BY id
"""

SHIPMENT_BY_KEY = "SELECT digest FROM orders_shipments WHERE order_id = $1 AND key = $2"

LOCK = "SELECT version FROM orders_orders WHERE id = $1 FOR UPDATE"

APPLIED = "SELECT plugin, key FROM orders_effects WHERE order_id = $1 AND transition = $2"

CHANGE = """
UPDATE orders_orders SET status = $3, version = version + 1, paid = $4, refunded = $5,
  delivery_refunded = $6, paid_at = $7, shipped_at = $8, completed_at = $9
WHERE id = $1 AND version = $2
"""

CHANGE_LINE = """
UPDATE orders_lines SET shipped = $2, refunded = $3, refunded_amount = $4, withdrawn = $5
WHERE id = $1
"""

# The holds of an order all begin with its name, so this is one step in the index.
HOLDS = """
SELECT key, account, amount, state FROM ledger_holds WHERE key >= $1 AND key < $2 ORDER BY key
"""


@lru_cache(16)
def holds_of(orders: int) -> str:
    """The holds of some orders: (first key, key after the last) per order."""
    return f"""
WITH o(low, high) AS (VALUES {values_list(orders, "text", "text")})
SELECT h.key, h.account, h.amount, h.state FROM o
JOIN ledger_holds AS h ON h.key >= o.low AND h.key < o.high ORDER BY h.key
"""  # noqa: S608 made of placeholders


LOCK_SOME = "SELECT id, version FROM orders_orders WHERE id = ANY($1) ORDER BY id FOR UPDATE"


@lru_cache(16)
def pay(orders: int) -> str:
    """Orders become paid: (id, version, paid, paid_at) per order."""
    rows = values_list(orders, "text", "bigint", "bigint", "timestamptz")
    return f"""
UPDATE orders_orders AS o
SET status = 'paid', version = o.version + 1, paid = d.paid, paid_at = d.paid_at
FROM (
  WITH d(id, version, paid, paid_at) AS (VALUES {rows})
  SELECT * FROM d
) AS d WHERE o.id = d.id AND o.version = d.version AND o.status = 'placed'
"""  # noqa: S608 made of placeholders


EXPIRED = """
SELECT id FROM orders_orders WHERE status = 'placed' AND expires_at <= $1
  AND NOT EXISTS (SELECT 1 FROM events_jobs WHERE key = $2::text || orders_orders.id)
ORDER BY expires_at LIMIT $3
"""

ARRIVED = """
SELECT id, shipped_at FROM orders_orders
WHERE status = 'fulfilling' AND shipped_at <= $1 AND (shipped_at, id) > ($2, $3)
  AND NOT EXISTS (
    SELECT 1 FROM orders_lines
    WHERE order_id = orders_orders.id AND quantity > shipped + withdrawn
  )
ORDER BY shipped_at, id LIMIT $4
"""

ENDED = """
SELECT id FROM orders_orders
WHERE id = ANY($1) AND status IN ('paid', 'fulfilling', 'completed', 'cancelled', 'expired')
"""

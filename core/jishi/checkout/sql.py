"""The statements of carts, in one place because they are hot."""

from functools import lru_cache

from jishi.db import values_list
from jishi.membership import ids_in_sql, survivor_in_sql

# A cart of somebody who turned out to be another is the other's.
_CART = (
    f"id, {survivor_in_sql('owner')} AS owner, channel, store, status, version, address, "
    "delivery, codes, contact, note, extras, order_id, created_at, updated_at"
)

FIND_CART = f"SELECT {_CART} FROM checkout_carts WHERE id = $1"  # noqa: S608  constant text
FIND_OPEN = (
    f"SELECT {_CART} FROM checkout_carts "  # noqa: S608  constant text
    f"WHERE owner IN {ids_in_sql('$1')} AND channel = $2 AND status = 'open' "
    "ORDER BY id DESC LIMIT 1"
)
OPEN_CARTS = (
    f"SELECT id FROM checkout_carts WHERE owner IN {ids_in_sql('$1')} "  # noqa: S608
    "AND status = 'open' ORDER BY id"
)
LINES = "SELECT id, sku, quantity FROM checkout_lines WHERE cart_id = $1 ORDER BY id"

LINES_OF = (
    "SELECT cart_id, id, sku, quantity FROM checkout_lines WHERE cart_id = ANY($1) ORDER BY id"
)
LOCK_WHOLE = f"SELECT {_CART} FROM checkout_carts WHERE id = ANY($1) ORDER BY id FOR UPDATE"  # noqa: S608


@lru_cache(16)
def touch(rows: int) -> str:
    """Carts have changed: (cart, version, now) per row, under their locks."""
    return f"""
UPDATE checkout_carts AS c SET version = d.version, updated_at = d.updated_at
FROM (
  WITH d(id, version, updated_at) AS (VALUES {values_list(rows, "text", "bigint", "timestamptz")})
  SELECT * FROM d
) AS d WHERE c.id = d.id
"""  # noqa: S608 made of placeholders


SET_DETAILS = (
    "UPDATE checkout_carts SET address = $2, delivery = $3, codes = $4, contact = $5, note = $6, "
    "extras = $7 "
    "WHERE id = $1"
)
SET_LINE = "UPDATE checkout_lines SET quantity = $2 WHERE id = $1"
DROP_SOME_LINES = "DELETE FROM checkout_lines WHERE id = ANY($1)"
TOUCH = (
    "UPDATE checkout_carts SET version = version + 1, updated_at = $3 "  # noqa: S608
    f"WHERE id = $1 AND owner IN {ids_in_sql('$2')} AND status = 'open' RETURNING version"
)
MERGE_LINE = (
    "INSERT INTO checkout_lines (id, cart_id, sku, quantity) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (cart_id, sku) DO UPDATE SET quantity = "
    "CASE WHEN checkout_lines.quantity > excluded.quantity "
    "THEN checkout_lines.quantity ELSE excluded.quantity END"
)
MERGE_EXTRAS = (
    "UPDATE checkout_carts SET extras = "
    "(SELECT g.extras FROM checkout_carts AS g WHERE g.id = $2) "
    "WHERE id = $1 AND extras = '{}'"
)
LOCK_OPEN_OF = (
    f"SELECT id, channel FROM checkout_carts WHERE owner IN {ids_in_sql('$1')} "  # noqa: S608
    "AND status = 'open' "
    "ORDER BY id FOR UPDATE"
)
MARK_MERGED = (
    "UPDATE checkout_carts SET status = 'merged', version = version + 1, updated_at = $2 "
    "WHERE id = $1 AND status = 'open'"
)

LOCK_CARTS = (
    "SELECT id, status, version, order_id FROM checkout_carts "
    "WHERE id = ANY($1) ORDER BY id FOR UPDATE"
)


@lru_cache(16)
def close_carts(rows: int) -> str:
    """Carts become orders: (cart, order, now) per row."""
    return f"""
UPDATE checkout_carts AS c
SET status = 'placed', order_id = d.order_id, version = c.version + 1, updated_at = d.updated_at
FROM (
  WITH d(id, order_id, updated_at) AS (VALUES {values_list(rows, "text", "text", "timestamptz")})
  SELECT * FROM d
) AS d WHERE c.id = d.id AND c.status = 'open'
"""  # noqa: S608 made of placeholders


OLD_CARTS = "SELECT id FROM checkout_carts WHERE updated_at < $1 ORDER BY id LIMIT $2 FOR UPDATE"
DROP_LINES = "DELETE FROM checkout_lines WHERE cart_id = ANY($1)"
DROP_CARTS = "DELETE FROM checkout_carts WHERE id = ANY($1)"

"""The statements of carts, in one place because they are hot."""

_CART = (
    "id, owner, channel, store, status, version, address, delivery, codes, contact, note, "
    "order_id, created_at, updated_at"
)

FIND_CART = f"SELECT {_CART} FROM checkout_carts WHERE id = $1"  # noqa: S608  constant text
FIND_OPEN = (
    f"SELECT {_CART} FROM checkout_carts "  # noqa: S608  constant text
    "WHERE owner = $1 AND channel = $2 AND status = 'open' ORDER BY id DESC LIMIT 1"
)
OPEN_CARTS = "SELECT id FROM checkout_carts WHERE owner = $1 AND status = 'open' ORDER BY id"
LINES = "SELECT id, sku, quantity FROM checkout_lines WHERE cart_id = $1 ORDER BY id"

TOUCH = (
    "UPDATE checkout_carts SET version = version + 1, updated_at = $3 "
    "WHERE id = $1 AND owner = $2 AND status = 'open' RETURNING version"
)
TOUCH_EXPECTED = (
    "UPDATE checkout_carts SET version = version + 1, updated_at = $3 "
    "WHERE id = $1 AND owner = $2 AND status = 'open' AND version = $4 RETURNING version"
)
ADD_LINE = (
    "INSERT INTO checkout_lines (id, cart_id, sku, quantity) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (cart_id, sku) DO UPDATE "
    "SET quantity = checkout_lines.quantity + excluded.quantity RETURNING quantity"
)
MERGE_LINE = (
    "INSERT INTO checkout_lines (id, cart_id, sku, quantity) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (cart_id, sku) DO UPDATE SET quantity = "
    "CASE WHEN checkout_lines.quantity > excluded.quantity "
    "THEN checkout_lines.quantity ELSE excluded.quantity END"
)
SET_LINE = "UPDATE checkout_lines SET quantity = $3 WHERE cart_id = $1 AND id = $2"
DROP_LINE = "DELETE FROM checkout_lines WHERE cart_id = $1 AND id = $2"
COUNT_LINES = "SELECT count(*) FROM checkout_lines WHERE cart_id = $1"

LOCK_OPEN_OF = (
    "SELECT id, channel FROM checkout_carts WHERE owner = $1 AND status = 'open' "
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
CLOSE_CART = (
    "UPDATE checkout_carts SET status = 'placed', order_id = $2, version = version + 1, "
    "updated_at = $3 WHERE id = $1 AND status = 'open'"
)

OLD_CARTS = "SELECT id FROM checkout_carts WHERE updated_at < $1 ORDER BY id LIMIT $2 FOR UPDATE"
DROP_LINES = "DELETE FROM checkout_lines WHERE cart_id = ANY($1)"
DROP_CARTS = "DELETE FROM checkout_carts WHERE id = ANY($1)"

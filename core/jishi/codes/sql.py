"""The statements of codes."""

_CODE = "code, issuer, kind, sku, source, given_at"
_CONFLICT = "id, code, issuer, kind, has, wants, evidence, times, state, decided_by, seen_at"

SCAN = """
SELECT DISTINCT found.sku, found.kind, s.product, p.title, b.amount FROM (
  SELECT sku, kind FROM codes_codes WHERE code = ANY($1) AND issuer = ANY($2) AND kind <> 'plu'
  UNION SELECT code, 'sku' FROM catalogue_skus WHERE code = ANY($3)
  UNION SELECT code, 'gtin' FROM catalogue_skus WHERE barcode = ANY($4) AND barcode <> ''
) AS found
JOIN catalogue_skus s ON s.code = found.sku
JOIN catalogue_products p ON p.id = s.product
JOIN catalogue_prices b ON b.sku = s.code AND b.price_list = 'base'
ORDER BY found.sku, found.kind
"""
"""Everything that a scanned code may mean: a few look-ups by key."""

LABELLED = """
SELECT c.sku, c.kind, s.product, p.title, b.amount FROM codes_codes c
JOIN catalogue_skus s ON s.code = c.sku
JOIN catalogue_products p ON p.id = s.product
JOIN catalogue_prices b ON b.sku = s.code AND b.price_list = 'base'
WHERE c.code = ANY($1) AND c.issuer = ANY($2) AND c.kind = 'plu'
ORDER BY c.issuer DESC, c.sku
"""
"""The goods of a scale's number; the store's own scale before everybody's."""

OF_SKU = f"SELECT {_CODE} FROM codes_codes WHERE sku = $1 ORDER BY kind, code"  # noqa: S608
MEANS = "SELECT sku FROM codes_codes WHERE code = $1 AND issuer = $2 FOR UPDATE"
TAKE = "DELETE FROM codes_codes WHERE code = $1 AND issuer = $2 AND sku = $3"
MOVE = (
    "UPDATE codes_codes SET sku = $3, source = $4, given_at = $5 WHERE code = $1 AND issuer = $2"
)
SEEN_AGAIN = (
    "UPDATE codes_conflicts SET times = times + 1, evidence = $4, seen_at = $5, "
    "has = CASE WHEN state = 'open' THEN $6 ELSE has END "
    "WHERE code = $1 AND issuer = $2 AND wants = $3 RETURNING id, state"
)
CONFLICTS = (
    f"SELECT {_CONFLICT} FROM codes_conflicts "  # noqa: S608
    "WHERE state = 'open' AND id > $1 ORDER BY id LIMIT $2"
)
OPEN_CONFLICT = (
    f"SELECT {_CONFLICT} FROM codes_conflicts "  # noqa: S608
    "WHERE id = $1 AND state = 'open' FOR UPDATE"
)
DECIDE = "UPDATE codes_conflicts SET state = $2, decided_by = $3, seen_at = $4 WHERE id = $1"
KNOWN_SKU = "SELECT code FROM catalogue_skus WHERE code = $1"

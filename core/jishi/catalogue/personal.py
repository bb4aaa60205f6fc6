"""The catalogue is about goods."""

from jishi.personal import impersonal

PERSONAL = (
    impersonal("catalogue_version", "goods", key=("name",)),
    impersonal("catalogue_categories", "goods"),
    impersonal("catalogue_products", "goods"),
    impersonal("catalogue_skus", "goods", key=("code",)),
    impersonal("catalogue_prices", "goods", key=("sku", "price_list")),
    impersonal("catalogue_media", "goods", key=("product", "position")),
    impersonal("catalogue_publications", "goods", key=("channel", "product")),
    impersonal("catalogue_tokens", "goods", key=("token", "product", "weight")),
    impersonal("catalogue_stock_changes", "goods", key=("key",)),
)
"""Every table of the room."""

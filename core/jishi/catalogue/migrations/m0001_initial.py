"""The catalogue's first tables."""

from jishi.catalogue.tables import (
    CatalogueVersion,
    Category,
    Media,
    Price,
    Product,
    Publication,
    Sku,
    StockChange,
    Token,
)
from jishi.db import check, create_index, create_table, sql, unique

_BEGIN = "INSERT INTO catalogue_version (name, version) VALUES ('catalogue', 1)"

OPERATIONS = (
    create_table(CatalogueVersion),
    sql(sqlite=_BEGIN, postgresql=_BEGIN),
    create_table(Category, constraints=[unique("parent", "title")]),
    create_table(
        Product,
        constraints=[
            check("status IN ('draft', 'on_sale', 'off_sale')"),
            check("tax_rate BETWEEN 0 AND 10000"),
        ],
    ),
    create_index("catalogue_products_category", "catalogue_products", "category"),
    create_table(
        Sku,
        constraints=[
            check("status IN ('on_sale', 'off_sale')"),
            check("weight_g >= 0"),
            check("list_price >= 0"),
            check("max_per_order > 0"),
            check("max_per_member > 0"),
        ],
    ),
    create_index("catalogue_skus_product", "catalogue_skus", "product", "position"),
    create_index("catalogue_skus_barcode", "catalogue_skus", "barcode"),
    create_table(Price, constraints=[unique("sku", "price_list"), check("amount >= 0")]),
    create_table(Media, constraints=[unique("product", "position")]),
    create_table(Publication, constraints=[unique("channel", "product")]),
    create_index(
        "catalogue_publications_price", "catalogue_publications", "channel", "price", "product"
    ),
    create_index(
        "catalogue_publications_title", "catalogue_publications", "channel", "sort_key", "product"
    ),
    create_index(
        "catalogue_publications_category",
        "catalogue_publications",
        "channel",
        "category",
        "product",
    ),
    create_index("catalogue_publications_product", "catalogue_publications", "product"),
    create_table(Token),
    # Holds all that a search reads, so that the table itself is never looked at.
    create_index(
        "catalogue_tokens_token", "catalogue_tokens", "token", "product", "weight", unique="yes"
    ),
    create_index("catalogue_tokens_product", "catalogue_tokens", "product"),
    create_table(StockChange),
)

"""The catalogue's first tables."""

from jishi.db import (
    BigInt,
    Table,
    Text,
    Timestamptz,
    check,
    create_index,
    create_table,
    primary_key,
    sql,
    unique,
)


class _CatalogueVersion(Table, tablename="catalogue_version"):
    name = Text(primary_key=True)
    version = BigInt()


class _Category(Table, tablename="catalogue_categories"):
    id = Text(primary_key=True)
    parent = Text()
    handle = Text(unique=True)
    title = Text()
    position = BigInt()
    path = Text()
    translations = Text()


class _Product(Table, tablename="catalogue_products"):
    id = Text(primary_key=True)
    handle = Text(unique=True)
    title = Text()
    sort_key = Text()
    brief = Text()
    description = Text()
    category = Text()
    brand = Text()
    unit = Text()
    keywords = Text()
    attributes = Text()
    tax_rate = BigInt()
    status = Text()
    channels = Text()
    translations = Text()
    version = BigInt()
    created_at = Timestamptz()
    updated_at = Timestamptz()


class _Sku(Table, tablename="catalogue_skus"):
    code = Text(primary_key=True)
    product = Text()
    position = BigInt()
    options = Text()
    barcode = Text()
    weight_g = BigInt()
    list_price = BigInt(null=True)
    max_per_order = BigInt(null=True)
    max_per_member = BigInt(null=True)
    status = Text()


class _Price(Table, tablename="catalogue_prices"):
    sku = Text(primary_key=True)
    price_list = Text()
    amount = BigInt()
    currency = Text()


class _Media(Table, tablename="catalogue_media"):
    product = Text(primary_key=True)
    position = BigInt()
    address = Text()
    alt = Text()


class _Publication(Table, tablename="catalogue_publications"):
    channel = Text(primary_key=True)
    product = Text()
    category = Text()
    brand = Text()
    price_list = Text()
    price = BigInt()
    sort_key = Text()


class _Token(Table, tablename="catalogue_tokens"):
    token = Text(primary_key=True)
    product = Text()
    weight = BigInt()


class _StockChange(Table, tablename="catalogue_stock_changes"):
    key = Text(primary_key=True)
    digest = Text()
    answer = Text()
    entered_at = Timestamptz()


_BEGIN = "INSERT INTO catalogue_version (name, version) VALUES ('catalogue', 1)"

OPERATIONS = (
    create_table(_CatalogueVersion),
    sql(sqlite=_BEGIN, postgresql=_BEGIN),
    create_table(_Category, constraints=[unique("parent", "title")]),
    create_table(
        _Product,
        constraints=[
            check("status IN ('draft', 'on_sale', 'off_sale')", "catalogue_products_status"),
            check("tax_rate BETWEEN 0 AND 10000", "catalogue_products_tax_rate"),
        ],
    ),
    create_index("catalogue_products_category", "catalogue_products", "category"),
    create_table(
        _Sku,
        constraints=[
            check("status IN ('on_sale', 'off_sale')", "catalogue_skus_status"),
            check("weight_g >= 0", "catalogue_skus_weight_g"),
            check("list_price >= 0", "catalogue_skus_list_price"),
            check("max_per_order > 0", "catalogue_skus_max_per_order"),
            check("max_per_member > 0", "catalogue_skus_max_per_member"),
        ],
    ),
    create_index("catalogue_skus_product", "catalogue_skus", "product", "position"),
    create_index("catalogue_skus_barcode", "catalogue_skus", "barcode"),
    create_table(
        _Price,
        constraints=[
            primary_key("sku", "price_list"),
            check("amount >= 0", "catalogue_prices_amount"),
        ],
    ),
    create_table(_Media, constraints=[primary_key("product", "position")]),
    create_table(_Publication, constraints=[primary_key("channel", "product")]),
    create_index(
        "catalogue_publications_price", "catalogue_publications", "channel", "price", "product"
    ),
    create_index(
        "catalogue_publications_title", "catalogue_publications", "channel", "sort_key", "product"
    ),
    create_index(
        "catalogue_publications_category", "catalogue_publications", "channel", "category"
    ),
    create_index("catalogue_publications_product", "catalogue_publications", "product"),
    # The key holds all that a search reads, so that the table itself is never looked at.
    create_table(_Token, constraints=[primary_key("token", "product", "weight")]),
    create_index("catalogue_tokens_product", "catalogue_tokens", "product"),
    create_table(_StockChange),
)

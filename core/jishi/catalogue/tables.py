"""What the catalogue keeps."""

from jishi.db import BigInt, Table, Text, Timestamptz


class CatalogueVersion(Table, tablename="catalogue_version"):
    """One row, whose number grows with every change; caches of all processes look at it."""

    name = Text(primary_key=True)
    version = BigInt()


class Category(Table, tablename="catalogue_categories"):
    """A shelf; shelves stand inside each other."""

    id = Text(primary_key=True)
    parent = Text()
    """The id of the category around it; empty at the root, since null would not be unique."""
    handle = Text(unique=True)
    title = Text()
    position = BigInt()
    path = Text()
    """The ids from the root down to this one, each followed by a slash."""
    translations = Text()


class Product(Table, tablename="catalogue_products"):
    """What a shopper looks at."""

    id = Text(primary_key=True)
    handle = Text(unique=True)
    title = Text()
    sort_key = Text()
    brief = Text()
    description = Text()
    category = Text()
    """A category's id; empty for none."""
    brand = Text()
    unit = Text()
    keywords = Text()
    attributes = Text()
    tax_rate = BigInt()
    """Basis points."""
    status = Text()
    channels = Text()
    """JSON: the codes it is published in; ``["*"]`` is every channel, also later ones."""
    translations = Text()
    version = BigInt()
    created_at = Timestamptz()
    updated_at = Timestamptz()


class Sku(Table, tablename="catalogue_skus"):
    """What a shopper buys."""

    code = Text(primary_key=True)
    product = Text()
    position = BigInt()
    options = Text()
    barcode = Text()
    weight_g = BigInt()
    list_price = BigInt(null=True)
    """The struck-through price in fen."""
    max_per_order = BigInt(null=True)
    max_per_member = BigInt(null=True)
    status = Text()


class Price(Table, tablename="catalogue_prices"):
    """What one piece costs in one price list."""

    sku = Text(primary_key=True)
    price_list = Text()
    amount = BigInt()
    currency = Text()


class Media(Table, tablename="catalogue_media"):
    """A product's pictures in order; addresses only."""

    product = Text(primary_key=True)
    position = BigInt()
    address = Text()
    alt = Text()


class Publication(Table, tablename="catalogue_publications"):
    """A product on sale in a channel, with what lists filter and sort by."""

    channel = Text(primary_key=True)
    product = Text()
    category = Text()
    brand = Text()
    price_list = Text()
    price = BigInt()
    """The lowest price of its SKUs in the channel's price list, in fen."""
    sort_key = Text()


class Token(Table, tablename="catalogue_tokens"):
    """Which product answers to which word."""

    token = Text(primary_key=True)
    product = Text()
    weight = BigInt()


class StockChange(Table, tablename="catalogue_stock_changes"):
    """Which request changed a stock, so that a repeat is answered and not done again."""

    key = Text(primary_key=True)
    digest = Text()
    answer = Text()
    entered_at = Timestamptz()

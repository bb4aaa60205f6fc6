"""What flows through the catalogue: products, their SKUs, categories, what a cart needs."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

ProductStatus = Literal["draft", "on_sale", "off_sale"]
"""Not shown yet, for sale, withdrawn."""

SkuStatus = Literal["on_sale", "off_sale"]

Handle = Annotated[str, msgspec.Meta(pattern=r"^[\w.\-]+$", min_length=1, max_length=120)]
"""A name in an address: letters and digits of any script, hyphens, dots."""

Code = Annotated[str, msgspec.Meta(pattern=r"^[\w./+\-]+$", min_length=1, max_length=64)]
"""A SKU's code."""

Title = Annotated[str, msgspec.Meta(pattern=r"\S", max_length=200)]
Line = Annotated[str, msgspec.Meta(max_length=500)]
Word = Annotated[str, msgspec.Meta(max_length=100)]
LongText = Annotated[str, msgspec.Meta(max_length=50_000)]
Fen = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
Grams = Annotated[int, msgspec.Meta(ge=0, le=10**8)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=10**6)]
BasisPoints = Annotated[int, msgspec.Meta(ge=0, le=10_000)]
Address = Annotated[str, msgspec.Meta(pattern=r"^(https?://[^\s/]|/media/)\S*$", max_length=2000)]
"""Where a picture is: the web, or the build's own ``/media/`` folder; nothing that runs."""

Translations = dict[str, dict[str, str]]
"""Texts by language and field: ``{"en": {"title": "Tea"}}``."""


class Media(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A picture.

    Attributes:
        address: ``http://…``, ``https://…`` or ``/media/…``.
        alt: What it shows, for those who do not see it.
    """

    address: Address
    alt: Line = ""


class Sku(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is bought: one choice of a product's options.

    Attributes:
        code: The merchant's own code, unique in the shop.
        options: The choice, in order: ``{"颜色": "玛瑙红"}``.
        price: In the price list ``base``, in fen.
        list_price: The struck-through price in fen, or None.
        barcode: EAN or the merchant's own; may be empty.
        weight_g: Of one piece with its packing, in grams.
        max_per_order: Most pieces in one order, or None.
        max_per_member: Most pieces one member may ever buy, or None.
        status: Off sale keeps one SKU back while the others are sold.
    """

    code: Code
    options: dict[Word, Word] = {}
    price: Fen
    list_price: Fen | None = None
    barcode: Word = ""
    weight_g: Grams = 0
    max_per_order: Limit | None = None
    max_per_member: Limit | None = None
    status: SkuStatus = "on_sale"


class Listing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A product as a merchant writes it.

    Attributes:
        handle: Its name in addresses, unique in the shop.
        title: Its name.
        brief: One line below the name.
        description: The long text.
        category: A category's id, empty for none.
        brand: The brand's name or empty.
        unit: What is counted: 件, 罐.
        keywords: Further words that find it.
        attributes: Facts, in order: ``{"产地": "浙江"}``.
        media: Pictures in order.
        tax_rate: Value added tax in basis points (1300 = 13 %).
        channels: Where it is published; ``("*",)`` is everywhere.
        translations: Title, brief and description in other languages.
        skus: What can be bought of it, in order.
    """

    handle: Handle
    title: Title
    brief: Line = ""
    description: LongText = ""
    category: Word = ""
    brand: Word = ""
    unit: Word = ""
    keywords: Line = ""
    attributes: dict[Word, LongText] = {}
    media: Annotated[tuple[Media, ...], msgspec.Meta(max_length=50)] = ()
    tax_rate: BasisPoints = 1300
    channels: Annotated[tuple[Word, ...], msgspec.Meta(max_length=50)] = ("*",)
    translations: Translations = {}
    skus: Annotated[tuple[Sku, ...], msgspec.Meta(min_length=1, max_length=500)]


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """A product as it is kept.

    Attributes:
        id: The product's id.
        status: Draft, on sale or off sale.
        version: Grows with each change; a change names the version it is based on.
        listing: What the merchant wrote.
        created_at: UTC.
        updated_at: UTC.
    """

    id: str
    status: ProductStatus
    version: int
    listing: Listing
    created_at: datetime
    updated_at: datetime


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """A shelf of the shop.

    Attributes:
        id: The category's id.
        parent: The id of the category around it; empty at the root.
        handle: Its name in addresses.
        title: Its name.
        position: Its place among its siblings.
        path: Ids from the root down to this one.
        translations: The title in other languages.
    """

    id: str
    parent: str
    handle: str
    title: str
    position: int
    path: tuple[str, ...]
    translations: Translations = {}


class Sellable(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """All that carts and orders need to know about a SKU, in one channel.

    Attributes:
        sku: The SKU's code.
        product: The product's id.
        handle: The product's name in addresses.
        title: The product's title with the chosen options.
        price: In the channel's price list, in fen.
        list_price: The struck-through price in fen, or None.
        currency: ISO 4217.
        weight_g: Of one piece, in grams.
        category: Category ids, from the root down.
        brand: The brand's name or empty.
        tax_rate: Value added tax in basis points.
        status: ``on_sale`` only when product and SKU are, in this channel.
        max_per_order: Most pieces in one order, or None.
        max_per_member: Most pieces one member may ever buy, or None.
        unit: What is counted.
        image: The first picture's address or empty.
        options: The choice.
    """

    sku: str
    product: str
    handle: str
    title: str
    price: int
    list_price: int | None
    currency: str
    weight_g: int
    category: tuple[str, ...]
    brand: str
    tax_rate: int
    status: ProductStatus
    max_per_order: int | None
    max_per_member: int | None
    unit: str
    image: str
    options: dict[str, str]


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """What one piece of a SKU costs.

    Attributes:
        sku: The SKU's code.
        price_list: The list the amount stands in; ``base`` where the asked one has none.
        amount: In fen.
        currency: ISO 4217.
    """

    sku: str
    price_list: str
    amount: int
    currency: str

"""The catalogue: products, SKUs, categories, prices; searched, listed, imported, published."""

from jishi.catalogue.cards import Card
from jishi.catalogue.change_categories import (
    CategoryInput,
    create_category,
    remove_category,
    replace_category,
)
from jishi.catalogue.change_products import (
    Note,
    ProductChange,
    change_product,
    create_product,
    publish_product,
    replace_product,
    withdraw_product,
)
from jishi.catalogue.count_stock import Stock, Stocked, StockOrder, change_stock, stocks
from jishi.catalogue.csv_rows import BadRow
from jishi.catalogue.export_catalogue import export_catalogue
from jishi.catalogue.import_catalogue import import_catalogue
from jishi.catalogue.imported import HeldBack, Imported
from jishi.catalogue.judge import Judged
from jishi.catalogue.known_pages import has_page, known_page, page_headers
from jishi.catalogue.list_products import ProductPage, ProductQuery, Sort, list_products
from jishi.catalogue.load_products import load_product, load_products
from jishi.catalogue.memory import Page, touch
from jishi.catalogue.prices import prices
from jishi.catalogue.problems import (
    BadQuery,
    CategoryInUse,
    CategoryNotFound,
    NotEnoughStock,
    ProductChanged,
    ProductNotFound,
    SkuNotFound,
    TakenAlready,
)
from jishi.catalogue.publish import channels_of, refresh_publications
from jishi.catalogue.sellables import products_with, sellables
from jishi.catalogue.set_prices import NewPrice, set_prices
from jishi.catalogue.shelves import Shelves, load_shelves
from jishi.catalogue.show_product import (
    Brand,
    Crumb,
    Option,
    Shelf,
    ShownProduct,
    ShownSku,
    brands,
    category_tree,
    show_product,
)
from jishi.catalogue.structs import (
    Category,
    Listing,
    Media,
    Price,
    Product,
    ProductStatus,
    Sellable,
    Sku,
    SkuStatus,
)

__all__ = [
    "BadQuery",
    "BadRow",
    "Brand",
    "Card",
    "Category",
    "CategoryInUse",
    "CategoryInput",
    "CategoryNotFound",
    "Crumb",
    "HeldBack",
    "Imported",
    "Judged",
    "Listing",
    "Media",
    "NewPrice",
    "NotEnoughStock",
    "Note",
    "Option",
    "Page",
    "Price",
    "Product",
    "ProductChange",
    "ProductChanged",
    "ProductNotFound",
    "ProductPage",
    "ProductQuery",
    "ProductStatus",
    "Sellable",
    "Shelf",
    "Shelves",
    "ShownProduct",
    "ShownSku",
    "Sku",
    "SkuNotFound",
    "SkuStatus",
    "Sort",
    "Stock",
    "StockOrder",
    "Stocked",
    "TakenAlready",
    "brands",
    "category_tree",
    "change_product",
    "change_stock",
    "channels_of",
    "create_category",
    "create_product",
    "export_catalogue",
    "has_page",
    "import_catalogue",
    "known_page",
    "list_products",
    "load_product",
    "load_products",
    "load_shelves",
    "page_headers",
    "prices",
    "products_with",
    "publish_product",
    "refresh_publications",
    "remove_category",
    "replace_category",
    "replace_product",
    "sellables",
    "set_prices",
    "show_product",
    "stocks",
    "touch",
    "withdraw_product",
]

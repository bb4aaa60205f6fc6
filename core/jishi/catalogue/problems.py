"""What can go wrong in the catalogue.

```
NotFound
├── ProductNotFound     404
├── SkuNotFound         404
└── CategoryNotFound    404
Invalid
└── BadQuery            422  a list was asked for in a way that makes no sense
Clash
├── ProductChanged      409  somebody else changed the product meanwhile
├── TakenAlready        409  the handle, code or title belongs to another
├── CategoryInUse       409  products or categories stand in it
└── NotEnoughStock      409  a count would go below what customers hold
```
"""

from jishi.problems import Clash, Invalid, NotFound


class ProductNotFound(NotFound):
    """No such product, or not for sale here."""

    code = "product_not_found"
    title = "There is no such product here"


class SkuNotFound(NotFound):
    """No such SKU."""

    code = "sku_not_found"
    title = "There is no such SKU"


class CategoryNotFound(NotFound):
    """No such category."""

    code = "category_not_found"
    title = "There is no such category"


class BadQuery(Invalid):
    """A list was asked for in a way that makes no sense."""

    code = "bad_query"
    title = "The list cannot be made like that"


class ProductChanged(Clash):
    """Somebody else changed the product meanwhile."""

    code = "product_changed"
    title = "The product has changed since you read it"


class TakenAlready(Clash):
    """A handle, code or title that must be unique belongs to another."""

    code = "taken_already"
    title = "That name is taken"


class CategoryInUse(Clash):
    """Products or categories still stand in the category."""

    code = "category_in_use"
    title = "The category is not empty"


class NotEnoughStock(Clash):
    """A stock would go below zero or below what customers hold."""

    code = "not_enough_stock"
    title = "There are not that many pieces"

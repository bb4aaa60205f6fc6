"""Who acts in tests: a seller and shoppers."""

from collections.abc import Mapping
from typing import Any, Literal

import httpx

from jishi.catalogue import (
    Listing,
    Product,
    Sku,
    StockOrder,
    change_stock,
    create_product,
    load_product,
    publish_product,
)
from jishi.identifiers import new_id
from jishi.membership import new_guest
from jishi.orders import complete_order, pay_order, ship_order
from jishi.shop import Shop

Stage = Literal["placed", "paid", "fulfilling", "completed"]
"""How far an order has come."""

ADDRESS = {
    "name": "李雷",
    "phone": "13800138000",
    "region": "浙江省",
    "city": "杭州市",
    "district": "西湖区",
    "street": "文三路 1 号",
}
"""Where the tests' parcels go."""


class Seller:
    """Puts goods into a shop.

    Args:
        shop: The shop.
    """

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    async def product(
        self, handle: str, *, price: int = 1000, stock: int = 10, **listing: Any
    ) -> Product:
        """A product on sale, with one SKU of the same name.

        Args:
            handle: The product's handle; also the SKU's code.
            price: In fen.
            stock: Pieces on the shelf.
            listing: Whatever else a `Listing` has.
        """
        listing.setdefault("title", f"商品 {handle}")
        listing.setdefault("skus", (Sku(code=handle, price=price, weight_g=500),))
        made = await create_product(self.shop, Listing(handle=handle, **listing))
        await publish_product(self.shop, made.product.id)
        for sku in listing["skus"]:
            await self.stock(sku.code, stock)
        return await load_product(self.shop.database, made.product.id)

    async def stock(self, sku: str, pieces: int) -> None:
        """Count the shelf."""
        order = StockOrder(sku=sku, kind="count", quantity=pieces, reason="counted")
        await change_stock(self.shop, order, new_id(), "test")


class Shopper:
    """A guest who buys over HTTP.

    Args:
        http: Goes to the shop.
        shop: The same shop, for what shoppers cannot do themselves.
    """

    def __init__(self, http: httpx.AsyncClient, shop: Shop) -> None:
        self.http = http
        self.shop = shop
        guest = new_guest(shop)
        self.id = guest.id
        self.headers = {"authorization": f"Bearer {guest.token}"}

    def another(self) -> "Shopper":
        """Somebody else in the same shop."""
        return Shopper(self.http, self.shop)

    async def send(self, method: str, path: str, **request: Any) -> httpx.Response:
        """A request of this shopper's."""
        headers = {**self.headers, **request.pop("headers", {})}
        return await self.http.request(method, path, headers=headers, **request)

    async def place(
        self, pieces: Mapping[str, int], key: str | None = None, **order: Any
    ) -> httpx.Response:
        """Buy at once: SKU codes and how many of each."""
        lines = [{"sku": sku, "quantity": quantity} for sku, quantity in pieces.items()]
        body = {"lines": lines, "address": ADDRESS, **order}
        return await self.send(
            "POST", "/store/orders", json=body, headers={"idempotency-key": key or new_id()}
        )

    async def up_to(self, stage: Stage, pieces: Mapping[str, int]) -> dict[str, Any]:
        """An order of this shopper's that has come as far as ``stage``, as the store shows it."""
        answer = await self.place(pieces)
        assert answer.status_code == 201, answer.text
        order = answer.json()
        if stage in ("paid", "fulfilling", "completed"):
            await pay_order(self.shop, order["id"], order["total"], "test")
        if stage in ("fulfilling", "completed"):
            await ship_order(self.shop, order["id"], "test", new_id(), carrier="SF", tracking="1")
        if stage == "completed":
            await complete_order(self.shop, order["id"], "test")
        shown = await self.send("GET", f"/store/orders/{order['id']}")
        assert shown.status_code == 200, shown.text
        document: dict[str, Any] = shown.json()
        return document

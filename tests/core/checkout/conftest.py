"""A shop that can sell, its counter open, once on SQLite and once on PostgreSQL."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from jishi.callers import Caller
from jishi.catalogue import ProductChange, Sku, change_product, load_products
from jishi.checkout import Cart, Counter, PlaceOrder, WantedLine, add_line, open_cart, place_order
from jishi.config import Config
from jishi.fulfilment import Address
from jishi.identifiers import new_id
from jishi.ledger import balances, stock_account
from jishi.orders import Order
from jishi.plugins import Plugin
from jishi.shop import Shop
from jishi.testing.people import Seller
from jishi.web import open_shop

HANGZHOU = Address(
    name="王小明", phone="13800138000", region="浙江省", city="杭州市", street="文三路 1 号"
)


class Mall:
    """A shop, its counter, and a few words to fill and use it."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.counter = Counter(shop)

    def guest(self) -> Caller:
        return Caller(kind="guest", id=new_id())

    async def sells(self, code: str, price: int = 1000, stock: int = 10, **sku: int) -> str:
        """Put a product with one SKU on sale; gives the SKU's code."""
        one = Sku(code=code, price=price, weight_g=200, **sku)
        await Seller(self.shop).product(code.lower(), stock=stock, skus=(one,))
        return code

    async def limit(self, code: str, most: int) -> None:
        """Change how many pieces one customer may buy."""
        (product,) = await load_products(self.shop.database, "handle", [code.lower()])
        skus = tuple(
            msgspec.structs.replace(sku, max_per_member=most) for sku in product.listing.skus
        )
        change = ProductChange(version=product.version, skus=skus)
        await change_product(self.shop, product.id, change)

    async def cart(self, caller: Caller, *lines: tuple[str, int]) -> Cart:
        cart = await open_cart(self.shop, caller)
        for sku, quantity in lines:
            wanted = WantedLine(sku=sku, quantity=quantity)
            cart = await add_line(self.shop, caller.owner, caller.channel, cart.id, wanted, None)
        return cart

    async def order(self, caller: Caller, request: PlaceOrder, key: str | None = None) -> Order:
        order, _ = await place_order(self.shop, self.counter, caller, request, key or new_id())
        return order

    def now(self, *lines: tuple[str, int], **said: object) -> PlaceOrder:
        """A buy-now request to an address in Hangzhou."""
        wanted = tuple(WantedLine(sku=sku, quantity=quantity) for sku, quantity in lines)
        return PlaceOrder(lines=wanted, address=HANGZHOU, **said)  # type: ignore[arg-type]

    async def held(self, sku: str) -> int:
        account = stock_account(sku)
        return (await balances(self.shop.database, [account]))[account].held


@pytest.fixture
async def mall(shop: Shop) -> AsyncIterator[Mall]:
    mall = Mall(shop)
    await mall.counter.start()
    yield mall
    await mall.counter.stop()


@pytest.fixture
async def mall_with(shop: Shop, shop_config: Config):
    """Open another mall over the same rows, with further plugins."""
    opened: list[Mall] = []

    async def with_plugins(*plugins: type[Plugin]) -> Mall:
        named = {plugin.declaration.name: plugin for plugin in plugins}
        opened.append(Mall(await open_shop(shop_config, shop.clock, named)))
        await opened[-1].counter.start()
        return opened[-1]

    yield with_plugins
    for mall in opened:
        await mall.counter.stop()
        await mall.shop.database.stop()


@pytest.fixture
def hangzhou() -> Address:
    return HANGZHOU

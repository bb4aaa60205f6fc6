"""What every plugin that connects a till promises."""

from collections.abc import Mapping
from typing import NamedTuple

import httpx

from jishi.ledger import balances, stock_account
from jishi.shop import Shop
from jishi.testing.contracts.plugin import PluginContract
from jishi.testing.people import Seller, Shopper


class Sent(NamedTuple):
    """A message as the till sends it: path, headers by lower-case names, body."""

    path: str
    headers: Mapping[str, str]
    body: bytes


class TillContract(PluginContract):
    """What was sold at the till leaves the shelf once; nothing that happened is lost.

    A subclass says how its till reports a sale:

    ```
    def ticket(self, number: str, sold: Mapping[str, int]) -> Sent:
        ...  # path, headers and body, sealed as the till seals them
    ```
    """

    def ticket(self, number: str, sold: Mapping[str, int]) -> Sent:
        """A ticket as the till would send it.

        Args:
            number: The till's number of the sale.
            sold: Pieces by the code of the SKU.
        """
        raise NotImplementedError("a till contract says how its till reports a sale")

    async def test_a_ticket_takes_its_goods_off_the_shelf(
        self, shop: Shop, seller: Seller, client: httpx.AsyncClient
    ) -> None:
        """Sold in the store, gone online."""
        await seller.product("towel", stock=10)
        assert (await _send(client, self.ticket("T-1", {"towel": 3}))).is_success
        assert await _left(shop, "towel") == 7

    async def test_a_ticket_that_comes_again_takes_nothing_more(
        self, shop: Shop, seller: Seller, client: httpx.AsyncClient
    ) -> None:
        """The till repeats what it got no answer to."""
        await seller.product("towel", stock=10)
        for _ in range(3):
            assert (await _send(client, self.ticket("T-1", {"towel": 3}))).is_success
        assert await _left(shop, "towel") == 7

    async def test_a_forged_ticket_is_refused(
        self, shop: Shop, seller: Seller, client: httpx.AsyncClient
    ) -> None:
        """One changed byte, or no seal, and nothing moves."""
        await seller.product("towel", stock=10)
        sent = self.ticket("T-1", {"towel": 3})
        middle = len(sent.body) // 2
        changed = sent.body[:middle] + bytes([sent.body[middle] ^ 1]) + sent.body[middle + 1 :]
        kind = {"content-type": sent.headers.get("content-type", "application/json")}
        for forged in (sent._replace(body=changed), sent._replace(headers=kind)):
            answer = await _send(client, forged)
            assert 400 <= answer.status_code < 500, f"a forgery was answered {answer.status_code}"
        assert await _left(shop, "towel") == 10

    async def test_an_oversold_ticket_is_never_a_lost_sale(
        self, shop: Shop, seller: Seller, client: httpx.AsyncClient
    ) -> None:
        """The goods are out of the door: it is taken, and the stock stays at or above zero."""
        await seller.product("towel", stock=2)
        answer = await _send(client, self.ticket("T-1", {"towel": 3}))
        assert answer.is_success, f"a sale that happened was answered {answer.status_code}"
        assert await _left(shop, "towel") >= 0

    async def test_goods_nobody_knows_do_not_lose_the_others(
        self, shop: Shop, seller: Seller, client: httpx.AsyncClient
    ) -> None:
        """One unknown code on the ticket; the rest is taken off the shelf."""
        await seller.product("towel", stock=10)
        answer = await _send(client, self.ticket("T-1", {"nobody-knows": 1, "towel": 3}))
        assert answer.is_success, answer.text
        assert await _left(shop, "towel") == 7

    async def test_what_shoppers_hold_is_not_sold_twice(
        self, shop: Shop, seller: Seller, shopper: Shopper, client: httpx.AsyncClient
    ) -> None:
        """An order that waits for its payment keeps its goods."""
        await seller.product("towel", stock=3)
        await shopper.up_to("placed", {"towel": 2})
        await _send(client, self.ticket("T-1", {"towel": 3}))
        stock = (await balances(shop.database, [stock_account("towel")]))[stock_account("towel")]
        assert stock.available >= 0
        assert stock.held == 2


async def _send(client: httpx.AsyncClient, sent: Sent) -> httpx.Response:
    return await client.post(sent.path, content=sent.body, headers=dict(sent.headers))


async def _left(shop: Shop, sku: str) -> int:
    account = stock_account(sku)
    return (await balances(shop.database, [account]))[account].available

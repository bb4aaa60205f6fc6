"""One customer's walk over HTTP: search, cart, order, pay, receive, and some money back."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

from jishi.demo.processes import DemoFailed
from jishi.demo.structs import Say

ADDRESS = {
    "name": "王小明",
    "phone": "13800138000",
    "region": "浙江省",
    "city": "杭州市",
    "district": "西湖区",
    "street": "文三路 100 号 3 幢 201",
}


class Person:
    """Somebody who talks HTTP to the shop; every step is printed and must succeed.

    Args:
        client: Goes to the shop.
        say: Prints a step.
        headers: Sent with everything: ``{"Jishi-Store": "east"}``.
    """

    def __init__(
        self, client: httpx.Client, say: Say, headers: Mapping[str, str] | None = None
    ) -> None:
        self._client = client
        self._say = say
        self._headers = dict(headers or {})

    def call(
        self,
        title: str,
        method: str,
        path: str,
        *,
        body: Mapping[str, object] | None = None,
        tell: Callable[[Any], str] = lambda answer: "",
        key: str | None = None,
    ) -> Any:
        """One step.

        Raises:
            DemoFailed: The shop answered with an error; the problem is in the sentence.
        """
        headers = self._headers | ({"Idempotency-Key": key} if key is not None else {})
        answer = self._client.request(method, path, json=body, headers=headers)
        found = _must_succeed(answer, title)
        self._say(title, f"{method} {answer.request.url}", tell(found))
        return found

    def look(self, path: str) -> Any:
        """Look without a word.

        Raises:
            DemoFailed: The shop answered with an error.
        """
        return _must_succeed(self._client.get(path, headers=self._headers), "looking")

    def becomes(self, token: str) -> None:
        """Carry a token from here on."""
        self._headers["Authorization"] = f"Bearer {token}"

    def until(self, path: str, right: Callable[[Any], bool], seconds: float = 60) -> Any:
        """Look again and again until it is as expected.

        Raises:
            DemoFailed: It did not become so in time.
        """
        found: Any = None
        for _ in _moments(seconds):
            found = self._client.get(path, headers=self._headers).json()
            if right(found):
                return found
        raise DemoFailed(f"{path} did not become as expected within {seconds:.0f} s: {found}")


def _must_succeed(answer: httpx.Response, title: str) -> Any:
    if not answer.is_success:
        asked = f"{answer.request.method} {answer.request.url.path}"
        raise DemoFailed(f"{title}: {asked} answered {answer.status_code} {answer.text}")
    return answer.json() if answer.content else None


def _moments(seconds: float) -> Iterator[None]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(0.2)


def fill_a_cart(shopper: Person) -> dict[str, Any]:
    """Search, look, fill a cart and say where to; gives the cart."""
    page = shopper.call(
        "搜索 search", "GET", "/store/products?q=茶&in_stock=yes&limit=3", tell=_titles
    )
    skus = [_first_sku(shopper, item["handle"]) for item in page["items"][:2]]
    opened = shopper.call("开购物车 cart", "POST", "/store/carts", tell=lambda a: a["cart"]["id"])
    shopper.becomes(opened["token"])
    cart = opened["cart"]
    for sku, quantity in zip(skus, (2, 1), strict=False):
        cart = shopper.call(
            "加入购物车 add",
            "POST",
            f"/store/carts/{cart['id']}/lines",
            body={"sku": sku, "quantity": quantity},
            tell=lambda a: f"{len(a['lines'])} 行 lines, version {a['version']}",
        )
    cart = shopper.call(
        "填地址 address", "PATCH", f"/store/carts/{cart['id']}", body={"address": ADDRESS}
    )
    shopper.call("看价格 quote", "GET", f"/store/carts/{cart['id']}/quote?explain=1", tell=_price)
    return dict(cart)


def _titles(page: Any) -> str:
    return " / ".join(item["title"] for item in page["items"])


def _first_sku(shopper: Person, handle: str) -> str:
    product = shopper.call(
        "看商品 product", "GET", f"/store/products/{handle}", tell=lambda a: str(a["title"])
    )
    return str(next(sku["sku"] for sku in product["skus"] if sku["available"] >= 2))


def _price(quote: Any) -> str:
    story = ", ".join(each["reason"] for each in quote["adjustments"])
    return f"{yuan(quote['total'])} ({story})"


def yuan(fen: int) -> str:
    """An amount of fen as people read it: ``-¥2.05``."""
    sign = "-" if fen < 0 else ""
    return f"{sign}¥{abs(fen) // 100}.{abs(fen) % 100:02d}"

"""A visitor without JavaScript: follows links, fills in forms, presses buttons."""

from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

from jishi.catalogue import CategoryInput, Media, Sku, create_category

VOID = frozenset({"input", "img", "meta", "link", "br", "hr"})
INLINE = frozenset({"span", "small", "strong", "b", "s"})


class Element:
    def __init__(self, tag: str, attrs: dict[str, str], parent: "Element | None") -> None:
        self.tag, self.attrs, self.parent = tag, attrs, parent
        self.parts: list[Element | str] = []

    def all(self, *tags: str) -> "list[Element]":
        found = [self] if self.tag in tags or not tags else []
        children = [part for part in self.parts if isinstance(part, Element)]
        return found + [one for child in children for one in child.all(*tags)]

    @property
    def text(self) -> str:
        """Everything that can be read, its spaces joined."""
        said = (part if isinstance(part, str) else part._said for part in self.parts)
        return " ".join("".join(said).split())

    @property
    def _said(self) -> str:
        said = "".join(part if isinstance(part, str) else part._said for part in self.parts)
        return said if self.tag in INLINE else f" {said} "

    def __getitem__(self, name: str) -> str:
        return self.attrs[name]


class Document(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.root = self.here = Element("root", {}, None)
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs}, self.here)
        self.here.parts.append(made)
        if tag not in VOID:
            self.here = made

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self.here.tag == tag and self.here.parent:
            self.here = self.here.parent

    def handle_data(self, data: str) -> None:
        if self.here.tag not in ("script", "style"):
            self.here.parts.append(data)


class Visitor:
    """Somebody at a browser without JavaScript."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.answer: httpx.Response
        self.root = Element("root", {}, None)

    async def open(self, address: str, **sent: Any) -> "Visitor":
        return self._take(await self.http.get(address, follow_redirects=True, **sent))

    async def follow(self, text: str) -> "Visitor":
        link = next(one for one in self.root.all("a") if text in one.text)
        return await self.open(self._absolute(link["href"]))

    async def press(self, text: str, **fields: str) -> "Visitor":
        """Fill in the form of a button and press it."""
        button = self._button(text)
        form = button
        while form.tag != "form":
            form = form.parent
        values = {**_fields(form), **fields}
        if "name" in button.attrs:
            values[button["name"]] = button.attrs.get("value", "")
        action = self._absolute(button.attrs.get("formaction") or form["action"])
        method = button.attrs.get("formmethod") or form.attrs.get("method", "get")
        if method == "get":
            return await self.open(action, params=values)
        headers = {"origin": "http://shop.test", "sec-fetch-site": "same-origin"}
        sent = await self.http.post(action, data=values, headers=headers, follow_redirects=True)
        return self._take(sent)

    @property
    def text(self) -> str:
        return self.root.text

    @property
    def path(self) -> str:
        return self.answer.url.path

    def _button(self, text: str) -> Element:
        buttons = self.root.all("button")
        found = [one for one in buttons if text in (one.text, one.attrs.get("aria-label"))]
        assert found, f"no button {text!r} among {[one.text for one in buttons]}"
        return found[0]

    def _absolute(self, href: str) -> str:
        return urljoin(str(self.answer.url), href)

    def _take(self, answer: httpx.Response) -> "Visitor":
        self.answer = answer
        self.root = Document(answer.text).root
        return self


def _fields(form: Element) -> dict[str, str]:
    values: dict[str, str] = {}
    for one in form.all("input", "textarea", "select"):
        name, kind = one.attrs.get("name"), one.attrs.get("type", "text")
        if not name or (kind in ("radio", "checkbox") and "checked" not in one.attrs):
            continue
        if one.tag == "select":
            chosen = [each for each in one.all("option") if "selected" in each.attrs]
            values[name] = (chosen or one.all("option"))[0].attrs.get("value", "")
        else:
            values[name] = one.text if one.tag == "textarea" else one.attrs.get("value", "")
    return values


@pytest.fixture
def shop_tables(shop_tables: dict[str, Any]) -> dict[str, Any]:
    on = {"web": {"storefront": "on"}, "plugins": {"enabled": ["printed_codes"]}}
    return shop_tables | on


@pytest.fixture
def visitor(client: httpx.AsyncClient) -> Visitor:
    return Visitor(client)


@pytest.fixture
async def goods(seller: Any) -> None:
    """A little shop: a category, a product with options, a plain one, one that is sold out."""
    tea = await create_category(seller.shop, CategoryInput(handle="tea", title="茶"))
    sizes = tuple(
        Sku(code=f"longjing-{size}", options={"规格": f"{size} 克"}, price=price, weight_g=size)
        for size, price in ((50, 6800), (100, 12800))
    )
    await seller.product(
        "longjing",
        title="龙井绿茶",
        category=tea.id,
        skus=sizes,
        stock=20,
        media=(Media(address="/media/longjing.png", alt="一杯龙井"),),
        attributes={"产地": "浙江"},
        translations={"en": {"title": "Longjing tea", "brief": "First flush"}},
    )
    await seller.product("cup", title="白瓷杯", category=tea.id, price=3900, stock=5)
    await seller.product("pot", title="紫砂壶", category=tea.id, price=39900, stock=0)

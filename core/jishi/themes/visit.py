"""One visit of a page: who comes, in which language, what is answered."""

from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
from litestar import Request, Response
from litestar.datastructures import Cookie

from jishi.callers import Caller, caller_of
from jishi.checkout import current_cart
from jishi.membership import new_guest
from jishi.problems import NotFound
from jishi.shop import Shop
from jishi.themes.storefront import Storefront, storefront_of

AnyRequest = Request[Any, Any, Any]
Page = Response[str]

LANGUAGE_COOKIE = "jishi_lang"
_A_MONTH = 30 * 24 * 3600
_A_YEAR = 365 * 24 * 3600
_HEADERS = {"Vary": "Cookie, Accept-Language", "Cache-Control": "no-cache"}


class NoPages(NotFound):
    """A shop without a theme has an API and no pages."""

    code = "no_pages"


class Visit:
    """What a page's handler needs.

    Args:
        request: The browser's request.

    Raises:
        NoPages: The shop has no theme.
    """

    def __init__(self, request: AnyRequest) -> None:
        self.request = request
        self.shop: Shop = request.app.state.shop
        self.storefront = _storefront(self.shop)
        self.caller = caller_of(request)
        self._cookies: list[Cookie] = []
        self.language = self._language()

    @property
    def query(self) -> dict[str, str]:
        """The address's parameters; of several with one name the last."""
        return {name: str(value) for name, value in self.request.query_params.items()}

    def shopper(self) -> Caller:
        """Who shops; somebody unknown becomes a guest with a cookie of his own."""
        if self.caller.kind not in ("guest", "member"):
            guest = new_guest(self.shop)
            self.be(guest.token)
            self.caller = msgspec.structs.replace(
                self.caller, kind="guest", id=guest.id, scopes=frozenset()
            )
        return self.caller

    def be(self, token: str) -> None:
        """Have the browser carry a token from here on; an empty one makes it forget."""
        self._keep(self.token_cookie, token, _A_MONTH if token else 0)

    @property
    def token_cookie(self) -> str:
        """The cookie's name; over plain http browsers refuse the ``__Host-`` one."""
        return "__Host-jishi" if self._is_https else "jishi"

    @property
    def _is_https(self) -> bool:
        return self.shop.config.shop.base_url.startswith("https://")

    def _keep(self, name: str, value: str, seconds: int) -> None:
        cookie = Cookie(
            key=name,
            value=value,
            path="/",
            max_age=seconds,
            httponly=True,
            secure=self._is_https,
            samesite="lax",
        )
        self._cookies.append(cookie)

    def _language(self) -> str:
        words = self.storefront.words
        if chosen := words.match(self.query.get("lang", "")[:20]):
            self._keep(LANGUAGE_COOKIE, chosen, _A_YEAR)
            return chosen
        kept = words.match(self.request.cookies.get(LANGUAGE_COOKIE, "")[:20])
        return (
            kept or words.accepted(self.request.headers.get("accept-language", "")) or words.first
        )

    async def show(self, template: str, /, status: int = 200, **values: object) -> Page:
        """A page.

        Args:
            template: The template's name.
            status: The HTTP status.
            values: What the template shows, besides what every page knows.
        """
        count = 0
        if self.caller.kind in ("guest", "member"):
            cart = await current_cart(self.shop, self.caller)
            count = sum(line.quantity for line in cart.lines) if cart else 0
        common = {
            "path": self.request.url.path,
            "query": {name: text for name, text in self.query.items() if name != "lang"},
            "channel": self.caller.channel,
            "is_member": self.caller.kind == "member",
            "cart_count": count,
            "request_id": self.caller.request_id,
            "nonce": self.request.scope.get("jishi.nonce", ""),
        }
        return self.show_plainly(template, status, {**common, **values})

    def show_plainly(self, template: str, status: int, values: dict[str, object]) -> Page:
        """A page from these values alone; reads nothing, so it works in a shop that is ill."""
        text = self.storefront.render(template, self.language, values)
        return Response(
            text,
            status_code=status,
            media_type="text/html",  # Litestar adds the charset
            headers=_HEADERS,
            cookies=self._cookies,
        )

    def go(self, path: str) -> Page:
        """Send the browser on with GET, so that going back repeats nothing."""
        location = quote(path, safe="/?&=#%+.:-_~")
        return Response("", status_code=303, headers={"Location": location}, cookies=self._cookies)

    def came_from(self) -> str:
        """The page of this shop that the visitor comes from, or the home page."""
        parts = urlsplit(self.request.headers.get("referer", ""))
        if parts.netloc and parts.netloc == self.request.headers.get("host"):
            return local_path(f"{parts.path}?{parts.query}" if parts.query else parts.path)
        return "/"


def local_path(text: str) -> str:
    """The path if it lies in this shop, else the home page: nobody is sent to other sites."""
    safe = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable()
    return text if safe and "\\" not in text and len(text) < 500 else "/"


def _storefront(shop: Shop) -> Storefront:
    found = storefront_of(shop)
    if found is None:
        raise NoPages("This shop has no pages.", next_step="Its API is at /store.")
    return found

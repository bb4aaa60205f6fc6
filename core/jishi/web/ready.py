"""Answers that are known before anybody is asked: pages of the catalogue from memory.

What a page depends on names it (`jishi.catalogue.known_page`), and everything that a request must
pass has been passed before: limits, tokens, channel and store. Only the router and what comes
after it is left out, so the answer is the very one that would come from there.
"""

import re

from litestar.types import HTTPScope

from jishi.callers import Caller
from jishi.catalogue import Page, has_page, known_page, page_headers
from jishi.shop import Shop
from jishi.web.headers import DATA_GUARDS, Header, Https

_READS = frozenset({"GET", "HEAD"})
_HOST = re.compile(rb"[0-9A-Za-z._:\[\]-]*")
_JSON: Header = (b"content-type", b"application/json")


class Ready:
    """Knows what can be answered at once.

    Args:
        shop: The shop.
        https: Whether its public address is https.
    """

    def __init__(self, shop: Shop, https: Https) -> None:
        self._shop = shop
        self._guards = DATA_GUARDS[https]

    def page_for(
        self, scope: HTTPScope, headers: dict[bytes, bytes], caller: Caller
    ) -> Page | None:
        """The page that answers a request; None when the router has to be asked.

        It is asked for requests of other sites' pages, which need its CORS headers, and of
        strange hosts, which it refuses.
        """
        if scope["method"] not in _READS or b"origin" in headers:
            return None
        page = known_page(
            self._shop,
            caller,
            scope["path"],
            scope["query_string"],
            headers.get(b"accept-language", b""),
        )
        return page if page and _HOST.fullmatch(headers.get(b"host", b"")) else None

    def answer(self, page: Page, known: bytes, request_id: str) -> tuple[int, list[Header], bytes]:
        """Status, headers and body.

        Args:
            page: What is answered.
            known: The request's ``If-None-Match``.
            request_id: Names the request.
        """
        named = (b"x-request-id", request_id.encode("ascii"))
        own = page_headers(page)
        if known and has_page(page, known):
            return 304, [*own, *self._guards, named], b""
        length = (b"content-length", page.length)
        return 200, [*own, _JSON, length, *self._guards, named], page.body

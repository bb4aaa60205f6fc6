"""Which page a request is for, and how a page that is known already is answered."""

from functools import lru_cache

from jishi.callers import Caller
from jishi.catalogue.memory import Key, Page, memory_of
from jishi.shop import Shop


def known_page(
    shop: Shop, caller: Caller, path: str, query: bytes, languages: bytes
) -> Page | None:
    """The page that `answer_page` would answer with, if it is known and fresh.

    Whoever asks this way saves the way through the router. None means only: go that way.

    Args:
        shop: The shop.
        caller: Who asks; his channel and store count, he himself does not.
        path: The address's path.
        query: The address's query.
        languages: The header ``Accept-Language``.
    """
    locale = spoken(languages.decode("latin-1"), shop)
    return memory_of(shop.database).known(key_of(path, query, caller, locale))


def page_headers(page: Page) -> list[tuple[bytes, bytes]]:
    """The headers of a page's answer."""
    return [
        (b"etag", page.etag),
        (b"cache-control", b"no-cache"),
        (b"vary", b"Accept-Language, Jishi-Channel, Jishi-Store"),
    ]


def has_page(page: Page, known: bytes) -> bool:
    """Whether whoever sends this ``If-None-Match`` has the page already."""
    return known == b"*" or page.etag in known


def key_of(path: str, query: bytes, caller: Caller, locale: str) -> Key:
    """Everything that a page depends on."""
    return path, query.decode("latin-1"), caller.channel, caller.store or "", locale


def spoken(accepted: str, shop: Shop) -> str:
    """The language of a request with this ``Accept-Language``."""
    return _locale(accepted, shop.config.shop.locale)


@lru_cache(maxsize=1024)
def _locale(accepted: str, default: str) -> str:
    """The language that comes first; weights are not looked at, browsers sort by them."""
    first = accepted.partition(",")[0].partition(";")[0].strip()
    return language(first) if first and first != "*" else language(default)


def language(tag: str) -> str:
    """The language of a tag: ``en`` of ``en-GB``."""
    return tag.partition("-")[0].lower()[:8]

"""Ready answers: encoded once, kept, and sent again until something in them changes."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args, get_origin
from urllib.parse import parse_qsl

import msgspec
from litestar import Request
from litestar.openapi.spec import OpenAPIType, Operation, Parameter, Schema
from litestar.response.base import ASGIResponse

from jishi.callers import Caller, caller_of
from jishi.catalogue.known_pages import has_page, key_of, language, page_headers, spoken
from jishi.catalogue.list_products import ProductQuery
from jishi.catalogue.memory import Page, memory_of
from jishi.catalogue.problems import BadQuery
from jishi.config import did_you_mean
from jishi.shop import Shop

LOCATION = "main"
"""Where stock is counted that can be ordered."""

Built = Coroutine[Any, Any, tuple[object, frozenset[str]]]
Q = TypeVar("Q", bound=msgspec.Struct)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks for a page, as far as the page depends on it; never on the person.

    Attributes:
        shop: The shop.
        channel: The sales channel.
        locale: The language: ``zh``, ``en``.
        query: The address's query without the language.
    """

    shop: Shop
    channel: str
    locale: str
    query: dict[str, str]


async def answer_page(
    request: Request[Any, Any, Any], build: Callable[[Asked], Built]
) -> ASGIResponse:
    """The page for a request, from memory or built now.

    Args:
        request: Its path, query, language and channel name the page.
        build: Makes the page's content, and names the products whose stock shows in it.
    """
    shop: Shop = request.app.state.shop
    scope = request.scope
    caller: Caller = caller_of(request)
    query: bytes = scope["query_string"]
    locale = spoken(request.headers.get("accept-language", ""), shop)
    key = key_of(scope["path"], query, caller, locale)

    async def read() -> tuple[bytes, frozenset[str]]:
        asked = _asked(shop, caller.channel, locale, query)
        content, products = await build(asked)
        return msgspec.json.encode(content), products

    route = scope.get("path_template", "")
    page = await memory_of(shop.database).page(key, read, route)
    return _answer(page, request.headers.get("if-none-match", ""))


def query_as(kind: type[Q], query: Mapping[str, str]) -> Q:
    """The query of an address as a struct.

    Raises:
        BadQuery: A parameter is unknown or has a value that makes no sense.
    """
    known = kind.__struct_fields__
    for name in query:
        if name not in known:
            raise BadQuery(
                f"There is no parameter {name[:40]!r}{did_you_mean(name, known)}.",
                field=name[:40],
                next_step=f"One of: {', '.join(known)}." if known else "Leave it out.",
            )
    try:
        found = msgspec.convert(dict(query), kind, strict=False)
    except msgspec.ValidationError as error:
        said, _, place = str(error).partition(" - at `$.")
        field = place.rstrip("`")
        raise BadQuery(f"{said}.", field=field or None, next_step=_choices(kind, field)) from None
    for name in query:
        if getattr(found, name) is None:  # that is how the word null is read
            raise BadQuery(f"Expected a value, found {query[name]!r}.", field=name)
    return found


def _choices(kind: type[msgspec.Struct], field: str) -> str | None:
    """What may stand in a field of a few words; None where anything may."""
    wanted = next((each.type for each in msgspec.structs.fields(kind) if each.name == field), None)
    literals = [each for each in (wanted, *get_args(wanted)) if get_origin(each) is Literal]
    words = [str(word) for each in literals for word in get_args(each)]
    return f"One of: {', '.join(words)}." if words else None


def _asked(shop: Shop, channel: str, locale: str, query: bytes) -> Asked:
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    given = dict(pairs)
    if len(given) != len(pairs):
        raise BadQuery("A parameter is given twice.", next_step="Give each once.")
    locale = given.pop("locale", locale)
    if not 2 <= len(locale) <= 20:
        raise BadQuery("Expected a language like zh-CN or en.", field="locale")
    return Asked(shop=shop, channel=channel, locale=language(locale), query=given)


def _answer(page: Page, known: str) -> ASGIResponse:
    headers = {name.decode(): value.decode() for name, value in page_headers(page)}
    if has_page(page, known.encode("latin-1", "replace")):
        return ASGIResponse(status_code=304, headers=headers)
    return ASGIResponse(body=page.body, headers=headers, media_type="application/json")


def _parameter(name: str, kind: OpenAPIType, said: str) -> Parameter:
    return Parameter(name=name, param_in="query", description=said, schema=Schema(type=kind))


_SAID = {
    "q": "Words; a product answers to all of them.",
    "category": "A category's handle; shelves inside it count too.",
    "brand": "A brand's name.",
    "min_price": "The lowest price in fen.",
    "max_price": "The highest price in fen.",
    "in_stock": "`yes` leaves out what cannot be had now.",
    "sort": "`relevance`, `newest`, `price`, `-price` or `title`.",
    "cursor": "`next` of the page before.",
    "limit": "Most products of a page, 1 to 100.",
}
_NUMBERS = ("min_price", "max_price", "limit")
_LOCALE = _parameter("locale", OpenAPIType.STRING, "The language, instead of Accept-Language.")


@dataclass
class PageOperation(Operation):
    """Describes a page that depends on the language alone."""

    def __post_init__(self) -> None:
        """Add what the handler reads from the address by itself, which keeps it fast."""
        self.parameters = [*(self.parameters or ()), _LOCALE]


@dataclass
class ListOperation(Operation):
    """Describes the list of products."""

    def __post_init__(self) -> None:
        """Add what the handler reads from the address by itself, which keeps it fast."""
        own = [
            _parameter(
                name,
                OpenAPIType.INTEGER if name in _NUMBERS else OpenAPIType.STRING,
                _SAID[name],
            )
            for name in ProductQuery.__struct_fields__
        ]
        self.parameters = [*(self.parameters or ()), *own, _LOCALE]

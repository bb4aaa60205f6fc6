"""What a request may not be, decided before anybody reads it."""

import asyncio
import re
import time

from litestar.types import HTTPScope, Receive, ReceiveMessage

from jishi.problems import Invalid, Problem
from jishi.web.settings import BODY_BYTES, JSON_DEPTH

QUERY_BYTES = 8_192
PARAMETERS = 100
PATH_BYTES = 2_048

PART_SECONDS = 8
"""So long may a client say nothing in the middle of a body."""

BODY_SECONDS = 120
"""So long may a whole body take."""

API = ("store", "admin", "pos", "notify", "health", "metrics", "openapi.json", "docs", "media")
"""First parts of addresses that are no pages; cookies count nowhere below them."""

_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

# An unfinished string counts to the end; possessive, so that no body makes it look twice.
_STRINGS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_ROUND = bytes.maketrans(b"[{]}", b"(())")
_NO_MARKS = bytes(set(range(256)) - set(b"[{]}"))
_TOO_MANY = b"(" * (JSON_DEPTH + 1)


class Malformed(Problem):
    """The request itself cannot be read."""

    code = "malformed_request"
    status = 400
    title = "The request cannot be read"


class AddressTooLong(Problem):
    """The address or its query is longer than any we give out."""

    code = "address_too_long"
    status = 414
    title = "The address is too long"


class BodyTooLarge(Problem):
    """More than a request may carry."""

    code = "body_too_large"
    status = 413
    title = "The body is too large"

    def __init__(self) -> None:
        super().__init__(
            f"A body may have {BODY_BYTES:,} bytes.",
            next_step="Send less at once, in several requests.",
        )


class BodyTooSlow(Problem):
    """The body does not arrive."""

    code = "body_too_slow"
    status = 408
    title = "The body did not arrive in time"

    def __init__(self) -> None:
        super().__init__(
            f"Nothing arrived for {PART_SECONDS} seconds, or not all of it in {BODY_SECONDS}.",
            next_step="Send the request again, over a better connection.",
        )


class WrongMediaType(Problem):
    """The body is not written as this address wants it."""

    code = "wrong_media_type"
    status = 415
    title = "This kind of body is not read here"


def check_address(scope: HTTPScope) -> None:
    """Refuse addresses that are too long, have too many parameters or are no text.

    Raises:
        AddressTooLong: The path or the query.
        Malformed: Too many parameters, an empty part of the path, or bytes that are not UTF-8.
    """
    query = scope["query_string"]
    raw = scope.get("raw_path") or scope["path"].encode("utf-8", "surrogateescape")
    if len(query) > QUERY_BYTES or len(raw) > PATH_BYTES:
        raise AddressTooLong(
            f"A path may have {PATH_BYTES} bytes and a query {QUERY_BYTES}.",
            next_step="Put long values into the body of a POST.",
        )
    if query.count(b"&") >= PARAMETERS:
        raise Malformed(f"An address may have {PARAMETERS} parameters.")
    if "//" in scope["path"]:  # a router that drops one would pass by what looks at paths
        raise Malformed("An address cannot contain two slashes one after the other.")
    if "\x00" in scope["path"] or b"%00" in query:
        raise Malformed("An address cannot contain the character NUL.")
    try:
        scope["path"].encode()
    except UnicodeEncodeError:
        raise Malformed("The path is not UTF-8.") from None


def check_media_type(scope: HTTPScope, headers: dict[bytes, bytes], place: str) -> None:
    """Refuse bodies that a browser's form could send to an API, and what nobody reads.

    Args:
        scope: The request.
        headers: Its headers, lower case.
        place: The first part of the path.

    Raises:
        WrongMediaType: The body is not JSON where JSON is wanted.
    """
    if scope["method"] not in _UNSAFE or not has_body(headers):
        return
    if place == "notify" or (place not in API and scope["path"].startswith(f"/{place}/notify/")):
        return  # what gateways and plugins' platforms send, as they like; each checks signatures
    content_type = headers.get(b"content-type", b"").decode("latin-1")
    if is_json(content_type):
        return
    media_type = _media_type(content_type)
    if media_type == "text/csv" and place == "admin" and "import" in scope["path"]:
        return
    if is_form(headers) and place not in API:
        return
    raise WrongMediaType(
        f"Expected application/json, found {media_type[:60] or 'no Content-Type'!r}.",
        field="Content-Type",
        next_step="Send JSON with Content-Type: application/json.",
    )


def check_length(headers: dict[bytes, bytes]) -> None:
    """Refuse a body whose announced length is too much.

    Raises:
        BodyTooLarge: It is.
        Malformed: The length is no number.
    """
    announced = headers.get(b"content-length", b"0")
    if not announced.isdigit():
        raise Malformed("Content-Length is not a number.", field="Content-Length")
    if len(announced) > 12 or int(announced) > BODY_BYTES:
        raise BodyTooLarge


def counted(receive: Receive) -> Receive:
    """A ``receive`` that stops reading when more arrives than may, or too slowly.

    Raises:
        BodyTooLarge: From the call that reads one byte too many.
        BodyTooSlow: Nothing came for a while, or it takes altogether too long.
    """
    arrived, begun, whole = 0, time.monotonic(), False

    async def count() -> ReceiveMessage:
        nonlocal arrived, whole
        if whole:  # what comes now is the end of the connection, whenever that is
            return await receive()
        patience = min(PART_SECONDS, begun + BODY_SECONDS - time.monotonic())
        try:
            async with asyncio.timeout(patience):
                message = await receive()
        except TimeoutError:
            raise BodyTooSlow from None
        if message["type"] == "http.request":
            arrived += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if arrived > BODY_BYTES:
                raise BodyTooLarge
        return message

    return count


def check_depth(body: bytes) -> None:
    """Refuse JSON that is nested deeper than anything we read, before it is decoded.

    The time is linear in the body's length, whatever stands in it.

    Raises:
        TooDeep: It is.
    """
    if body.count(b"[") + body.count(b"{") <= JSON_DEPTH:
        return
    marks = _STRINGS.sub(b"", body).translate(_ROUND, _NO_MARKS)
    for _ in range(JSON_DEPTH):  # each turn takes the innermost level away
        if b"()" not in marks or _TOO_MANY in marks:
            break
        marks = marks.replace(b"()", b"")
    if b"()" in marks or marks.count(b"(") > JSON_DEPTH:
        raise TooDeep(f"JSON may be nested {JSON_DEPTH} levels deep.")


class TooDeep(Invalid):
    """Lists in lists in lists."""

    code = "json_too_deep"
    status = 400
    title = "The JSON is nested too deeply"


def is_form(headers: dict[bytes, bytes]) -> bool:
    """Whether the body is one that a plain form sends."""
    return _media_type(headers.get(b"content-type", b"").decode("latin-1")) in _FORMS


def is_json(content_type: str) -> bool:
    """Whether a body with this ``Content-Type`` is JSON, however it is written."""
    return _media_type(content_type) == "application/json"


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def has_body(headers: dict[bytes, bytes]) -> bool:
    """Whether a body comes with a request."""
    return headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers

"""Reads JSON bodies straight into the struct that the handler wants, and nothing else."""

import re
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import InternalServerException
from litestar.handlers import HTTPRouteHandler
from litestar.types import Empty, Receive

from jishi.web.doors import check_door
from jishi.web.limits import Malformed, check_depth, is_json
from jishi.web.wording import say_decode, say_validation

_NUL = rb"\u0000"
_ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*+\\u0000")
"""NUL as JSON writes it; no database keeps it in a text. A backslash before it is only a text."""

_decoders: dict[int, tuple[HTTPRouteHandler, msgspec.json.Decoder[Any]]] = {}


class JsonRequest(Request[Any, Any, Any]):
    """A request whose body is decoded strictly: a number is no text, 1.0 is no whole number.

    Litestar decodes a body without its type and bends it afterwards ("3" becomes 3); shops do
    better not to guess. Decoding with the type is faster, too.
    """

    async def body(self) -> bytes:
        """The body; JSON only if it is nested no deeper than anything we read.

        Raises:
            TooDeep: The JSON is nested too deeply.
        """
        if self._body is Empty:
            if self._connection_state.body is Empty:
                self._connection_state.body = await _whole(self.receive)
            self._body = self._connection_state.body
        body = self._body
        if is_json(self.headers.get("content-type", "")):
            check_depth(body)
        return body

    async def json(self) -> Any:
        """The body as the handler's ``data``.

        Raises:
            Unauthenticated: The sender may not come in; what he sent is not looked at.
            Malformed: It is not JSON.
            Invalid: It is JSON, but not what the handler wants; the field says where.
        """
        if self._connection_state.json is not Empty:
            return self._connection_state.json
        check_door(self.scope)
        decoder = _decoder(self.scope["route_handler"])
        body = await self.body() or b"null"
        if _NUL in body and _ESCAPED_NUL.search(body):
            raise Malformed("A text cannot contain the character NUL.", next_step="Leave it out.")
        try:
            found = decoder.decode(body)
        except msgspec.ValidationError as error:
            raise say_validation(str(error), decoder.type) from None
        except (msgspec.DecodeError, RecursionError) as error:
            raise say_decode(error) from None
        self._connection_state.json = found
        return found


async def _whole(receive: Receive) -> bytes:
    """A body whose length is watched by whoever receives it."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise InternalServerException("client disconnected prematurely")
        piece = message.get("body", b"")
        assert isinstance(piece, bytes)  # noqa: S101  # the server's own word
        parts.append(piece)
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def _decoder(handler: Any) -> msgspec.json.Decoder[Any]:
    known = _decoders.get(id(handler))
    if known is None or known[0] is not handler:
        data = handler.parsed_fn_signature.parameters.get("data")
        wanted = data.raw if data is not None else Any
        known = (handler, msgspec.json.Decoder(wanted))
        _decoders[id(handler)] = known
    return known[1]

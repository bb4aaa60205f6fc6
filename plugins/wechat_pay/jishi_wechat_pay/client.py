"""Asks WeChat Pay and believes only signed answers."""

import msgspec

from jishi.clock import Clock
from jishi_wechat_pay.connection import Connection, Reply
from jishi_wechat_pay.problems import (
    ErrorDetail,
    NotThere,
    NotTrusted,
    OutcomeUnknown,
    Refused,
    Throttled,
)
from jishi_wechat_pay.signature import Verifier


class ErrorBody(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a refusal."""

    code: str = ""
    message: str = ""
    detail: ErrorDetail | None = None


_decode_error = msgspec.json.Decoder(ErrorBody).decode


def refusal_in(reply: Reply) -> Refused | OutcomeUnknown:
    """Read an answer that is not a success.

    Refusals are not signed, so nothing but the fact of the refusal may be taken from them. A
    server error, and "accepted, ask again" (202), leave open whether the call had its effect.
    """
    try:
        error = _decode_error(reply.body) if reply.body else ErrorBody()
    except msgspec.DecodeError:
        error = ErrorBody(message=reply.body[:200].decode(errors="replace"))
    if not 400 <= reply.status < 500:
        return OutcomeUnknown(f"WeChat Pay answered {reply.status} {error.code}: {error.message}")
    kinds = {404: NotThere, 429: Throttled}
    kind = kinds.get(reply.status, Refused)
    return kind(reply.status, error.code, error.message, error.detail)


class Client:
    """A merchant's line to WeChat Pay."""

    def __init__(self, connection: Connection, verifier: Verifier, clock: Clock) -> None:
        self._connection = connection
        self._verifier = verifier
        self._clock = clock

    async def get(self, target: str) -> bytes:
        """Ask a question; gives the verified body. Raises as `post`."""
        return await self._verified(await self._connection.send("GET", target))

    async def post(self, target: str, message: msgspec.Struct) -> bytes:
        """Give an order; gives the verified body, empty when WeChat answers 204.

        Raises:
            Refused: WeChat said no; nothing happened.
            OutcomeUnknown: No answer, or none that can be trusted; query before deciding.
        """
        body = msgspec.json.encode(message)
        return await self._verified(await self._connection.send("POST", target, body))

    async def _verified(self, reply: Reply) -> bytes:
        if reply.status not in (200, 204):
            raise refusal_in(reply)
        try:
            await self._verifier.verify(reply.headers, reply.body, self._clock.now())
        except NotTrusted as error:
            raise OutcomeUnknown(f"the answer is not signed by WeChat Pay: {error}") from error
        return reply.body

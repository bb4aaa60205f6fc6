"""The line to WeChat: carries requests, reads ``errcode``, keeps tokens out of logs."""

import logging
import re
from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from jishi.egress import Reach, open_client
from jishi_wechat_miniprogram.problems import NotReached, OutcomeUnknown, refusal

T = TypeVar("T")

LARGEST = 4_000_000
"""Bytes of an answer; the largest mini-program code has about 1 MB."""

_HIDDEN = re.compile(r"\?[^\s\"']*")


class _Failed(msgspec.Struct, frozen=True):
    errcode: int = 0
    errmsg: str = ""


class WithoutQuery(logging.Filter):
    """WeChat wants tokens and secrets in addresses; a log line gets the address without them."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite a line that names an address with a query."""
        text = record.getMessage()
        if "access_token=" in text or "secret=" in text:
            record.msg, record.args = _HIDDEN.sub("?***", text), ()
        return True


WITHOUT_QUERY = WithoutQuery()


class Connection:
    """Talks with one of WeChat's hosts.

    Args:
        host: Such as ``https://api.weixin.qq.com``.
        http: The client; by default one that reaches this host alone. Closed by `close`.
    """

    def __init__(self, host: str, http: httpx.AsyncClient | None = None) -> None:
        self._host = host
        self._http = http
        logging.getLogger("httpx").addFilter(WITHOUT_QUERY)

    async def close(self) -> None:
        """Let go of the connections."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def get(self, path: str, query: Mapping[str, str], kind: type[T]) -> T:
        """Ask with a GET. Raises as `post`."""
        return _read(await self._send("GET", path, query, b""), kind)

    async def post(
        self, path: str, message: object, kind: type[T], query: Mapping[str, str] | None = None
    ) -> T:
        """Send JSON and read JSON.

        Raises:
            Refused: WeChat said no; HTTP 200 with an ``errcode`` is how it does.
            NotReached: The request never left.
            OutcomeUnknown: No answer, or none that makes sense.
        """
        body = msgspec.json.encode(message)
        return _read(await self._send("POST", path, query or {}, body), kind)

    async def post_for_image(
        self, path: str, message: object, query: Mapping[str, str]
    ) -> tuple[bytes, str]:
        """Send JSON and get an image with its media type; an error comes as JSON instead."""
        answer = await self._send("POST", path, query, msgspec.json.encode(message))
        media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not media_type.startswith("image/"):
            _read(answer, _Failed)
            raise OutcomeUnknown("WeChat answered with neither an image nor an error")
        return answer.content, media_type

    async def _send(
        self, method: str, path: str, query: Mapping[str, str], body: bytes
    ) -> httpx.Response:
        http = self._http = self._http or open_client(self._reach())
        headers = {"content-type": "application/json"} if body else {}
        try:
            answer = await http.request(
                method, self._host + path, params=dict(query), content=body, headers=headers
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotReached(f"WeChat cannot be reached: {type(error).__name__}") from None
        except httpx.HTTPError as error:
            # Without the address: it carries a token or a secret.
            raise OutcomeUnknown(f"no answer from WeChat: {type(error).__name__}") from None
        if answer.status_code != 200:
            raise OutcomeUnknown(f"WeChat answered with HTTP {answer.status_code}")
        return answer

    def _reach(self) -> Reach:
        # Plain http is for a simulator on this machine; everywhere else it is refused.
        inside = ("127.0.0.0/8", "::1/128") if self._host.startswith("http:") else ()
        host = urlsplit(self._host).hostname or ""
        return Reach(hosts=(host,), inside=inside, answer_bytes=LARGEST, seconds=6.0)


def _read(answer: httpx.Response, kind: type[T]) -> T:
    try:
        failed = msgspec.json.decode(answer.content, type=_Failed)
        if failed.errcode:
            raise refusal(failed.errcode, failed.errmsg)
        return msgspec.json.decode(answer.content, type=kind)
    except msgspec.MsgspecError:
        raise OutcomeUnknown("WeChat's answer cannot be read") from None

"""The line to one remote plugin: signed, kept open between calls, closed with the shop."""

import asyncio
import time
from datetime import UTC, datetime

import httpx
import msgspec

from jishi import __version__
from jishi.egress import open_client
from jishi.remote.settings import RemoteSettings
from jishi.remote.signature import key_of, sign


class RemoteFailed(Exception):
    """A remote plugin did not answer, or not in a way that can be used."""


class Line:
    """Sends messages to one address.

    Args:
        settings: Where to, and how they are signed.
    """

    def __init__(self, settings: RemoteSettings) -> None:
        self._address = settings.remote
        self._reach = settings.reach()
        self._key = key_of(settings.secret)
        self._client: httpx.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def send(self, kind: str, data: dict[str, object], message_id: str) -> httpx.Response:
        """Send a message and give the answer, whose status is 2xx and whose body is read.

        Args:
            kind: The hook's name.
            data: The hook's arguments, plain.
            message_id: The same whenever the same event is sent again.

        Raises:
            RemoteFailed: There is none.
        """
        # The machine's own time: the other side compares it with its own.
        now = int(time.time())
        at = datetime.fromtimestamp(now, UTC)
        body = msgspec.json.encode({"type": kind, "timestamp": at, "data": data})
        headers = {
            **sign(self._key, message_id, now, body),
            "content-type": "application/json",
            "accept": "application/json",
            "user-agent": f"jishi/{__version__}",
        }
        answer = await self._posted(body, headers)
        if answer.is_redirect:
            raise RemoteFailed(f"answered {answer.status_code}; redirects are not followed")
        if not answer.is_success:
            raise RemoteFailed(f"answered {answer.status_code}")
        return answer

    async def close(self) -> None:
        """Hang up."""
        client, self._client = self._client, None
        if client is not None and self._loop is asyncio.get_running_loop():
            await client.aclose()

    async def _posted(self, body: bytes, headers: dict[str, str]) -> httpx.Response:
        try:
            try:
                return await self._open().post(self._address, content=body, headers=headers)
            except httpx.RemoteProtocolError:
                # The other side hung up a line that was kept open; the id is the same.
                return await self._open().post(self._address, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise RemoteFailed(f"{type(error).__name__}: {error}") from error

    def _open(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            self._client, self._loop = open_client(self._reach), loop
        return self._client

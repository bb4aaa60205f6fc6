"""The least HTTP client that can drive flows: one kept-alive connection, one request at a time."""

import asyncio
import re
from typing import cast

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class WireBroken(Exception):
    """The connection was closed, or the answer is not one this client can read."""


class Wire(asyncio.Protocol):
    """One connection to a server.

    Args:
        host: The name in the ``Host`` header.
    """

    def __init__(self, host: str) -> None:
        self._host = host
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._arrived = bytearray()

    @classmethod
    async def open(cls, host: str, port: int) -> "Wire":
        """Connect."""
        loop = asyncio.get_running_loop()
        _, wire = await loop.create_connection(lambda: cls(f"{host}:{port}"), host, port)
        return wire

    async def ask(
        self, method: str, path: str, body: bytes = b"", headers: str = ""
    ) -> tuple[int, bytes]:
        """Send a request and wait; gives status and body.

        Args:
            method: Such as ``POST``.
            path: With its query.
            body: JSON unless ``headers`` say otherwise.
            headers: Further lines, each with its CRLF.

        Raises:
            WireBroken: There is no answer.
        """
        if self._transport is None or self._transport.is_closing():
            raise WireBroken("the connection is closed")
        if body and "ontent-" not in headers:
            headers += "Content-Type: application/json\r\n"
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._host}\r\n{headers}"
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        return await self._answer

    def close(self) -> None:
        """Hang up."""
        if self._transport:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write."""
        # uvloop's transports are no asyncio.Transport by birth, only by what they can.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Give the answer to whoever waits, once it is whole."""
        self._arrived += data
        end = self._arrived.find(b"\r\n\r\n")
        if end < 0 or self._answer is None or self._answer.done():
            return
        head = bytes(self._arrived[:end])
        found = _LENGTH.search(head)
        if found is None and head[9:12] != b"204":
            self._answer.set_exception(WireBroken(f"no Content-Length: {head[:200]!r}"))
            return
        whole = end + 4 + (int(found[1]) if found else 0)
        if len(self._arrived) >= whole:
            body = bytes(self._arrived[end + 4 : whole])
            del self._arrived[:whole]
            self._answer.set_result((int(head[9:12]), body))

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits."""
        if self._answer and not self._answer.done():
            self._answer.set_exception(WireBroken("the server hung up"))

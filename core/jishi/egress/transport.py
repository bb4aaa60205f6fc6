"""The one way out: a name is resolved once, every address checked, the checked one called."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from types import TracebackType

import httpx

from jishi.egress.addresses import Address, read_address
from jishi.egress.reach import AnswerTooLarge, Reach, Refused

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives the addresses of a host and port, the best first."""

_CONNECT = 3.0
"""Seconds for one address to answer."""

_PACKED = 64
"""How much less of a packed answer is read: unpacked it may be a thousand times as large."""

_HOSTS = 100
"""Hosts whose connections are kept; the oldest goes first."""


async def ask_system(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, as the system's resolver knows them."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


class Gate(httpx.AsyncBaseTransport):
    """Lets requests out to where they may go.

    The address that was checked is the one that is called, so a name that answers differently
    the next time (DNS rebinding) changes nothing. Host header and certificate are the name's.

    Args:
        reach: How far.
        resolve: Asks for a name's addresses.
    """

    def __init__(self, reach: Reach, resolve: Resolve = ask_system) -> None:
        self._reach = reach
        self._resolve = resolve
        self._ways: dict[tuple[str, str, int], httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request.

        Raises:
            Refused: It may not go there; nothing was sent.
            httpx.TransportError: It went out and did not come back well.
        """
        url = self._reach.check_url(request.url)
        end = asyncio.get_running_loop().time() + self._reach.seconds
        try:
            async with asyncio.timeout_at(end):
                addresses = await self._addresses(url)
                answer = await self._call(request, url, addresses)
        except TimeoutError:
            raise httpx.ReadTimeout(f"No answer in {self._reach.seconds:g} s.") from None
        return await self._measured(answer, end)

    async def aclose(self) -> None:
        """Close every connection."""
        while self._ways:
            _, way = self._ways.popitem()
            await way.aclose()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """Close every connection."""
        await self.aclose()

    async def _addresses(self, url: httpx.URL) -> list[Address]:
        """The addresses of the host, all of them checked: one bad one spoils the name."""
        host = url.raw_host.decode("ascii").strip("[]")
        try:
            texts = await self._resolve(host, _port(url))
            found = [read_address(text) for text in texts]
        except (OSError, UnicodeError, ValueError) as error:
            raise Refused(f"{host} has no address: {error}") from None
        if not found:
            raise Refused(f"{host} has no address.")
        for address in found:
            self._reach.check_address(url, address)
        return list(dict.fromkeys(found))

    async def _call(
        self, request: httpx.Request, url: httpx.URL, addresses: Sequence[Address]
    ) -> httpx.Response:
        way = await self._way(url)
        lost: httpx.TransportError | None = None
        for address in addresses:
            try:
                return await way.handle_async_request(_addressed(request, url, address))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                lost = error  # nothing was sent; the next address may answer
        raise lost or httpx.ConnectError(f"{url.host} does not answer.")

    async def _way(self, url: httpx.URL) -> httpx.AsyncHTTPTransport:
        """Connections of one host: none is lent to another host at the same address."""
        key = (url.scheme, url.host, _port(url))
        known = self._ways.pop(key, None) or httpx.AsyncHTTPTransport(trust_env=False)
        self._ways[key] = known
        if len(self._ways) > _HOSTS:
            await self._ways.pop(next(iter(self._ways))).aclose()
        return known

    async def _measured(self, answer: httpx.Response, end: float) -> httpx.Response:
        most = self._reach.answer_bytes
        if answer.headers.get("content-encoding", "identity").lower() != "identity":
            most //= _PACKED  # nobody asked for that, but some servers do not listen
        announced = answer.headers.get("content-length", "0")
        if not announced.isdigit() or int(announced) > most:
            await answer.aclose()
            raise AnswerTooLarge(f"The answer has {announced[:20]} bytes; {most} are read.")
        stream = _Measured(answer.stream, most, end)
        return httpx.Response(
            answer.status_code, headers=answer.headers, stream=stream, extensions=answer.extensions
        )


class _Measured(httpx.AsyncByteStream):
    """A body that ends when it is too long or too late."""

    def __init__(
        self, body: httpx.SyncByteStream | httpx.AsyncByteStream, most: int, end: float
    ) -> None:
        if not isinstance(body, httpx.AsyncByteStream):
            raise TypeError("a body of the asynchronous client was expected")
        self._body = body
        self._most = most
        self._end = end

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self._most
        parts = aiter(self._body)
        while True:
            try:
                async with asyncio.timeout_at(self._end):
                    part = await anext(parts, None)
            except TimeoutError:
                raise httpx.ReadTimeout("The answer came too slowly.") from None
            if part is None:
                return
            left -= len(part)
            if left < 0:
                raise AnswerTooLarge(f"The answer has more than {self._most} bytes.")
            yield part

    async def aclose(self) -> None:
        await self._body.aclose()


def _addressed(request: httpx.Request, url: httpx.URL, address: Address) -> httpx.Request:
    """The same request, to an address; the name stays in Host and in the TLS handshake."""
    name = url.raw_host.decode("ascii").strip("[]")
    extensions = {**request.extensions, "sni_hostname": name}
    timeout = dict(extensions.get("timeout") or {})
    timeout["connect"] = min(timeout.get("connect") or _CONNECT, _CONNECT)
    headers = request.headers.copy()
    headers["host"] = url.netloc.decode("ascii")  # one address serves many names; only this one
    return httpx.Request(
        request.method,
        url.copy_with(host=str(address)),
        headers=headers,
        stream=request.stream,
        extensions={**extensions, "timeout": timeout},
    )


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)

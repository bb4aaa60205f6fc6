"""A TCP proxy in front of PostgreSQL that breaks as networks and servers do.

```
with FaultProxy(url) as proxy:
    database = Database.open(proxy.url)
    proxy.turn("black_hole")   # nobody answers, nobody hangs up
    proxy.turn("pass")         # what was held back flows on
    proxy.lose_every = 100     # of 100 COMMITs the server did, one answer never arrives
```

It runs on a thread of its own, so that it goes on whatever the shop's event loop is doing.
"""

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from types import TracebackType
from typing import Literal
from urllib.parse import parse_qs, urlsplit

Mode = Literal["pass", "black_hole", "reset"]
"""``black_hole``: bytes are held back, connections stay; ``reset``: every connection is cut."""

_COMMITTED = b"C\0\0\0\x0bCOMMIT\0"
"""CommandComplete of a COMMIT: the message's type, its length of 11, the tag."""


class FaultProxy:
    """Stands between a shop and its PostgreSQL.

    Args:
        url: The server's database, over TCP or a local socket.

    Attributes:
        url: The same database by way of the proxy.
        delay: Seconds that every piece of data waits, in each direction.
        lose_every: Of so many COMMITs one is done and its answer lost; 0 loses none.
        commits: COMMITs the server has confirmed.
        lost: Those of them whose answer never arrived.
    """

    def __init__(self, url: str) -> None:
        self._target = url
        self.url = ""
        self.delay = 0.0
        self.lose_every = 0
        self.commits = 0
        self.lost = 0
        self._mode: Mode = "pass"
        self._pairs: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._flowing = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def connections(self) -> int:
        """Connections that are open now."""
        return len(self._pairs)

    def turn(self, mode: Mode) -> None:
        """Behave like this from now on, for old and new connections."""
        self._on_loop(self._turn(mode))

    def __enter__(self) -> "FaultProxy":
        self._thread.start()
        port = self._on_loop(self._listen())
        parts = urlsplit(self._target)
        user = parts.username or "postgres"
        secret = f":{parts.password}" if parts.password else ""
        self.url = f"postgresql://{user}{secret}@127.0.0.1:{port}{parts.path}?sslmode=disable"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._on_loop(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _on_loop(self, work: Coroutine[object, object, int]) -> int:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _listen(self) -> int:
        self._flowing.set()
        self._server = await asyncio.start_server(self._meet, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _turn(self, mode: Mode) -> int:
        self._mode = mode
        if mode == "black_hole":
            self._flowing.clear()
        else:
            self._flowing.set()
        if mode == "reset":
            for pair in list(self._pairs):
                _cut(pair)
        return 0

    async def _end(self) -> int:
        self._server.close()
        for pair in list(self._pairs):
            _cut(pair)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        return 0

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with suppress(OSError, asyncio.CancelledError):
            await self._flowing.wait()
            if self._mode == "reset":
                writer.transport.abort()
                return
            try:
                far_reader, far_writer = await self._connect()
            except OSError:  # nobody there: neither are we
                writer.transport.abort()
                return
            pair = (writer, far_writer)
            self._pairs.add(pair)
            try:
                await asyncio.gather(
                    self._questions(reader, far_writer), self._answers(far_reader, pair)
                )
            finally:
                self._pairs.discard(pair)
                _cut(pair)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        parts = urlsplit(self._target)
        hosts = parse_qs(parts.query).get("host")
        port = parts.port or int(parse_qs(parts.query).get("port", ["5432"])[0])
        if hosts:
            return await asyncio.open_unix_connection(f"{hosts[0]}/.s.PGSQL.{port}")
        return await asyncio.open_connection(parts.hostname, port)

    async def _questions(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            await self._pass_on(data, sink)
        sink.close()

    async def _answers(
        self,
        source: asyncio.StreamReader,
        pair: tuple[asyncio.StreamWriter, asyncio.StreamWriter],
    ) -> None:
        """Pass whole messages on, so that the one of a COMMIT is seen wherever it is cut."""
        left = b""
        while data := await source.read(65536):
            left += data
            end = _whole(left)
            if self._loses(left[:end]):
                _cut(pair)
                return
            await self._pass_on(left[:end], pair[0])
            left = left[end:]
        pair[0].close()

    def _loses(self, answers: bytes) -> bool:
        if _COMMITTED not in answers:
            return False
        self.commits += 1
        if not self.lose_every or self.commits % self.lose_every:
            return False
        self.lost += 1
        return True

    async def _pass_on(self, data: bytes, sink: asyncio.StreamWriter) -> None:
        await self._flowing.wait()
        if self.delay:
            await asyncio.sleep(self.delay)
        sink.write(data)
        await sink.drain()


def _whole(data: bytes) -> int:
    """How many bytes of the beginning are whole messages: a letter, a length, so many bytes."""
    at = 0
    while at + 5 <= len(data):
        end = at + 1 + int.from_bytes(data[at + 1 : at + 5], "big")
        if end > len(data):
            break
        at = end
    return at


def _cut(pair: tuple[asyncio.StreamWriter, asyncio.StreamWriter]) -> None:
    for writer in pair:
        writer.transport.abort()

"""Clients that only want to be in the way: the others hardly notice."""

import asyncio
import resource
import time
from contextlib import asynccontextmanager, suppress

import httpx
import pytest

from jishi.testing.patience import no_slower

SLOW = 1_000
GROWTH = 100_000_000
"""Bytes that a process may grow by, whatever is thrown at it."""

pytestmark = [pytest.mark.slow, pytest.mark.bar("B29")]


@pytest.fixture(autouse=True)
def enough_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 4096:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))


@pytest.fixture
async def member(build, fleet):
    await build.sells(tea=10)
    (member,) = await fleet.serving(1)
    return member


async def times_of(http: httpx.AsyncClient, address: str, count: int = 200) -> float:
    """Seconds within which 95 of 100 well-behaved requests are answered."""
    took = []
    for _ in range(count):
        began = time.perf_counter()
        answer = await http.get(f"{address}/store/products")
        took.append(time.perf_counter() - began)
        assert answer.status_code == 200
    return sorted(took)[int(count * 0.95)]


@asynccontextmanager
async def slow_ones(port: int, count: int, me: dict[str, str]):
    """So many connections that say a letter now and then and never come to the point."""
    lines = [await asyncio.open_connection("127.0.0.1", port) for _ in range(count)]
    for place, (_, writer) in enumerate(lines):
        if place % 2:
            writer.write(b"GET /store/products HTTP/1.1\r\nhost: x\r\nx-slow: ")
        else:
            writer.write(
                b"POST /store/orders HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                b"idempotency-key: slow-%d-and-rude\r\nauthorization: %s\r\n"
                b"content-length: 1000000\r\n\r\n{" % (place, me["authorization"].encode())
            )

    async def trickle():
        while True:  # a letter of each head; the bodies stay where they are
            await asyncio.sleep(1)
            for _, writer in lines[1::2]:
                with suppress(ConnectionError):
                    writer.write(b"a")

    trickling = asyncio.create_task(trickle())
    try:
        yield lines
    finally:
        trickling.cancel()
        for _, writer in lines:
            writer.close()


@pytest.mark.measured
async def test_a_thousand_slow_connections_leave_the_others_their_speed_and_are_cut_off(
    member, guests
):
    (me,) = await guests(1)
    async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
        await times_of(http, member.address)
        before, calm = member.resident(), await times_of(http, member.address)
        async with slow_ones(member.port, SLOW, me) as lines:
            await asyncio.sleep(0.5)
            beset = min([await times_of(http, member.address) for _ in range(3)])
            grown = member.resident() - before
            ends = await asyncio.gather(*(asyncio.wait_for(r.read(9), 90) for r, _ in lines))
        calm = max(calm, await times_of(http, member.address))  # others may have begun to work
    assert grown < GROWTH
    assert set(ends[1::2]) == {b""}  # in the middle of a head: hung up
    assert set(ends[::2]) == {b"HTTP/1.1 "}  # in the middle of a body: told
    no_slower(beset, 2 * calm + 0.005)


async def raw(port: int, request: bytes) -> bytes:
    """The first line of the answer to these bytes; nothing where the line was cut."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with suppress(ConnectionError):
        writer.write(request)
        await writer.drain()
    try:
        return (await asyncio.wait_for(reader.read(200), 60)).split(b"\r\n")[0]
    except ConnectionError:
        return b""
    finally:
        writer.transport.abort()


def post(body: bytes, length: int | None = None) -> bytes:
    head = (
        "POST /store/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body) if length is None else length}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body


def get(query: bytes, more: bytes = b"") -> bytes:
    line = b"GET /store/products?" + query + b" HTTP/1.1\r\nhost: x\r\n"
    return line + more + b"connection: close\r\n\r\n"


def chunked(parts: int) -> bytes:
    part = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    return (
        b"POST /store/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        b"transfer-encoding: chunked\r\nconnection: close\r\n\r\n" + part * parts + b"0\r\n\r\n"
    )


HUGE = {
    "a body of 11 MB": (post(b"x" * 11_000_000), {b"413"}),
    "a body of 11 MB in pieces": (chunked(180), {b"413"}),
    "JSON nested 100,000 deep": (post(b"[" * 100_000), {b"400"}),
    "objects nested 100,000 deep": (post(b'{"a":' * 100_000), {b"400"}),
    "a hundred thousand parameters": (get(b"a=1&" * 100_000), {b"414", b"431"}),
    "a million parameters": (get(b"a=1&" * 1_000_000), {b"414", b"431"}),
    "ten thousand short parameters": (get(b"&" * 8_000), {b"400"}),
    "a header of a megabyte": (get(b"", b"x: " + b"a" * 1_000_000 + b"\r\n"), {b"431"}),
}


async def test_what_is_too_much_is_refused_and_leaves_nothing_behind(member):
    await asyncio.gather(*(raw(member.port, post(b"{}")) for _ in range(20)))
    before = member.resident()
    for what, (request, allowed) in HUGE.items():
        for _ in range(3):
            said = await raw(member.port, request)
            status = said.split(b" ")[1] if said else b""
            assert status in allowed | {b""}, f"{what}: {said!r}"
    assert member.resident() - before < GROWTH
    async with httpx.AsyncClient(timeout=5, trust_env=False) as http:
        assert (await http.get(f"{member.address}/store/products")).status_code == 200

"""What goes out goes where it may, and to nobody's house."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_address

import httpx
import pytest

from jishi.egress import AnswerTooLarge, Reach, Refused, is_public, open_client

LOOPBACK = Reach(inside=("127.0.0.0/8",), seconds=5)
PUBLIC = "93.184.215.14"
ALLOWED = "127.0.0.2"
"""Nobody listens there."""

PRIVATE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:10.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::10.0.0.1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:a9fe:a9fe::1",
    "3fff::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
ODD_LOOPBACKS = [
    "http://127.0.0.1:{port}/",
    "https://127.0.0.1:{port}/",
    "https://localhost:{port}/",
    "https://2130706433:{port}/",
    "https://0x7f000001:{port}/",
    "https://0x7f.1:{port}/",
    "https://0177.0.0.1:{port}/",
    "https://127.1:{port}/",
    "https://0:{port}/",
    "https://0.0.0.0:{port}/",
    "https://[::1]:{port}/",
    "https://[::]:{port}/",
    "https://[::ffff:127.0.0.1]:{port}/",
    "https://[::ffff:7f00:1]:{port}/",
    "https://[64:ff9b::7f00:1]:{port}/",
    "https://127.0.0.1.:{port}/",
    "https://user:secret@127.0.0.1:{port}/",
    "https://api.example.com@127.0.0.1:{port}/",
    "https://127.0.0.1:{port}#@api.example.com/",
    "https://127.0.0.1:{port}\\@api.example.com/",
    "https://①②⑦.⓪.⓪.①:{port}/",
    "https://127。0。0。1:{port}/",
    "ftp://127.0.0.1:{port}/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/_x",
    "unix:///var/run/docker.sock",
    "//127.0.0.1:{port}/",
    "https://",
    "",
]

_called: list[object] = []
_watching: list[bool] = []


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect" and _watching:
        _called.append(arguments[1])


sys.addaudithook(_watch)  # it stays for the process; it notes only while a test watches


@pytest.fixture
def called() -> Iterator[list[object]]:
    """Give every address that a socket of this process is connected to meanwhile."""
    _called.clear()
    _watching.append(True)
    yield _called
    _watching.clear()


class Listener:
    """Somebody on this machine who answers every request.

    Args:
        answer: The bytes he answers with.
    """

    def __init__(self, answer: bytes = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok") -> None:
        self.answer = answer
        self.heard: list[bytes] = []
        self.port = 0
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(self.answer)
        with suppress(ConnectionError):
            await writer.drain()
            writer.close()
            await writer.wait_closed()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["Listener"]:
        async with await asyncio.start_server(self._noted, "127.0.0.1", 0) as server:
            self.port = server.sockets[0].getsockname()[1]
            yield self
        if self._serving:  # before Python 3.12 a server does not wait for them
            await asyncio.wait(self._serving, timeout=1)

    async def _noted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._serving.add(asyncio.current_task())
        await self._serve(reader, writer)


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    """Give a listener that should be left alone."""
    async with Listener().listening() as listening:
        yield listening


def answers(*turns: Sequence[str]):
    """A resolver that gives one answer after the other, the last for ever."""
    left = list(turns)

    async def resolve(host: str, port: int) -> Sequence[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return resolve


async def refused(url: str, reach: Reach = Reach(seconds=5), resolve=None) -> str:  # noqa: B008
    ways = {"resolve": resolve} if resolve else {}
    async with open_client(reach, **ways) as http:
        with pytest.raises((Refused, httpx.UnsupportedProtocol, httpx.InvalidURL)) as told:
            await http.get(url)
    return str(told.value)


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_of_somebodys_house_is_none_of_the_internets(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", [PUBLIC, "1.1.1.1", "100.128.0.1", "2606:4700::1111", "64:ff9b::1.1.1.1"]
)
def test_an_address_of_the_internet_is_one(address):
    assert is_public(ip_address(address))


@pytest.mark.bar("B27")
@pytest.mark.parametrize("address", PRIVATE)
async def test_a_name_that_leads_inside_is_never_called(address, called):
    told = await refused("https://hooks.example.com/", resolve=answers([address]))
    assert "not on the open internet" in told
    assert called == []


@pytest.mark.bar("B27")
async def test_one_private_address_among_public_ones_spoils_the_name(called):
    await refused("https://hooks.example.com/", resolve=answers([PUBLIC, "10.0.0.1"]))
    assert called == []


@pytest.mark.bar("B27")
@pytest.mark.parametrize("odd", ODD_LOOPBACKS)
async def test_however_this_machine_is_written_nobody_on_it_is_called(odd, listener, called):
    await refused(odd.format(port=listener.port))
    assert (called, listener.heard) == ([], [])


@pytest.mark.bar("B27")
async def test_a_name_that_moves_inside_after_the_look_is_called_where_it_was(listener, called):
    rebinding = answers([ALLOWED], ["127.0.0.1"])
    async with open_client(Reach(inside=(ALLOWED,)), rebinding) as http:
        with pytest.raises(httpx.ConnectError):
            await http.get(f"http://hooks.example.com:{listener.port}/")
    assert {address[0] for address in called} == {ALLOWED}
    assert listener.heard == []


async def test_the_watch_notices_a_client_that_looks_twice(listener, called):
    """The control: a client without the gate goes where the second answer leads."""
    async with httpx.AsyncClient(trust_env=False) as http:
        await http.get(listener.address)
    assert called[-1][0] == "127.0.0.1"
    assert len(listener.heard) == 1


@pytest.mark.bar("B27")
async def test_a_name_that_moves_inside_between_two_requests_is_refused_the_second_time(called):
    rebinding = answers([ALLOWED], ["127.0.0.1"])
    async with open_client(Reach(inside=(ALLOWED,)), rebinding) as http:
        with pytest.raises(httpx.ConnectError):
            await http.get("http://hooks.example.com:9/")
        called.clear()
        with pytest.raises(Refused):
            await http.get("http://hooks.example.com:9/")
    assert called == []


@pytest.mark.bar("B27")
@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_a_redirect_is_an_answer_and_no_way_on(code, listener):
    moved = f"HTTP/1.1 {code} Moved\r\nlocation: {listener.address}\r\ncontent-length: 0\r\n\r\n"
    async with (
        Listener(moved.encode()).listening() as mover,
        open_client(LOOPBACK) as http,
    ):
        answer = await http.get(mover.address)
    assert answer.status_code == code
    assert listener.heard == []


@pytest.mark.bar("B27")
async def test_a_redirect_that_is_followed_all_the_same_meets_the_gate_again(listener):
    away = b"HTTP/1.1 302 Moved\r\nlocation: http://10.0.0.1/\r\ncontent-length: 0\r\n\r\n"
    async with Listener(away).listening() as mover, open_client(LOOPBACK) as http:
        with pytest.raises(Refused):
            await http.get(mover.address, follow_redirects=True)


async def test_a_network_that_the_merchant_names_is_called_by_plain_http(listener):
    async with open_client(LOOPBACK, answers(["127.0.0.1"])) as http:
        answer = await http.get(f"http://till.example.com:{listener.port}/x")
    assert answer.text == "ok"
    assert f"host: till.example.com:{listener.port}".encode() in listener.heard[0].lower()


async def test_no_other_name_is_called_at_the_same_address(listener):
    """A server of many names, a CDN for one, would go by this header alone."""
    reach = Reach(hosts=("till.example.com",), inside=LOOPBACK.inside)
    async with open_client(reach, answers(["127.0.0.1"])) as http:
        url = f"http://till.example.com:{listener.port}/x"
        await http.get(url, headers={"Host": "other.example.com"})
    (head,) = listener.heard
    assert f"host: till.example.com:{listener.port}".encode() in head.lower()
    assert b"other.example.com" not in head


async def test_plain_http_never_crosses_the_internet():
    told = await refused("http://hooks.example.com/", LOOPBACK, answers([PUBLIC]))
    assert "expected https" in told


@pytest.mark.parametrize(
    ("host", "declared"),
    [
        ("evil.example", "api.example.com"),
        ("api.example.com.evil.example", "api.example.com"),
        ("evilapi.example.com", "api.example.com"),
        ("example.com", "*.example.com"),
        ("evilexample.com", "*.example.com"),
    ],
)
async def test_a_host_that_was_not_declared_is_not_called(host, declared, called):
    reach = Reach(hosts=(declared,), seconds=1)
    told = await refused(f"https://{host}/", reach, answers([PUBLIC]))
    assert "not among the hosts" in told
    assert called == []


@pytest.mark.parametrize("declared", ["127.0.0.1", "*.0.0.1"])
async def test_a_declared_host_is_called(declared, listener):
    reach = Reach(hosts=(declared,), inside=("127.0.0.1",))
    async with open_client(reach) as http:
        assert (await http.get(listener.address)).is_success


def test_a_declared_host_is_found_in_any_case_and_with_a_last_dot():
    reach = Reach(hosts=("API.example.com",))
    assert reach.check_url("https://api.Example.com./x").host == "api.example.com."


ENDLESS = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5_000
ANNOUNCED = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n"
PACKED = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n" + b"x" * 100


@pytest.mark.parametrize("sent", [ENDLESS, ANNOUNCED, PACKED])
async def test_an_answer_that_is_too_large_is_not_read(sent):
    reach = Reach(inside=("127.0.0.1",), answer_bytes=1_000)
    async with Listener(sent).listening() as talker, open_client(reach) as http:
        with pytest.raises(AnswerTooLarge):
            await http.get(talker.address)


async def test_an_answer_that_never_ends_ends_for_us():
    class Dripping(Listener):
        async def _serve(self, reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            try:
                while True:
                    writer.write(b".")
                    await writer.drain()
                    await asyncio.sleep(0.02)
            except ConnectionError:
                writer.close()

    reach = Reach(inside=("127.0.0.1",), seconds=0.2)
    async with Dripping().listening() as talker, open_client(reach) as http:
        with pytest.raises(httpx.ReadTimeout):
            await http.get(talker.address)


async def test_a_proxy_of_the_environment_is_not_asked(listener, monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    async with open_client(LOOPBACK) as http:
        assert (await http.get(listener.address)).is_success


async def test_the_certificate_is_asked_for_by_name():
    class Curious(Listener):
        async def _serve(self, reader, writer):
            self.heard.append(await reader.read(2_000))  # the ClientHello
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async with (
        Curious().listening() as server,
        open_client(LOOPBACK, answers(["127.0.0.1"])) as http,
    ):
        with pytest.raises(httpx.ConnectError):
            await http.get(f"https://hooks.example.com:{server.port}/")
    assert b"hooks.example.com" in server.heard[0]


async def test_connections_of_one_name_are_not_lent_to_another(listener):
    async with open_client(LOOPBACK, answers(["127.0.0.1"])) as http:
        for name in ("a.example.com", "b.example.com"):
            await http.get(f"http://{name}:{listener.port}/")
        assert len(http._transport._ways) == 2

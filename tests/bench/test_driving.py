import asyncio
import shutil
import sys
from pathlib import Path

import pytest
from bench import load
from bench.checkout import drive
from bench.driver import Plan
from bench.figures import BenchFailed
from bench.load import Shot, fire
from bench.processes import free_port, running
from bench.wire import Wire, WireBroken

ROOT = Path(__file__).parents[2]
needs_wrk = pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """Give the bare handler with a list, a product and an answer to posts."""
    folder = tmp_path_factory.mktemp("bare")
    for name in ("list", "detail", "answer"):
        (folder / f"{name}.json").write_bytes(b'{"it":"is %s"}' % name.encode())
    port = free_port()
    environment = {"BENCH_PORT": str(port), "BENCH_WORKERS": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "bench.bare"]
    with running(
        command, folder=folder, name="bare", environment=environment, port=port
    ) as server:
        yield server


@needs_wrk
def test_wrk_tells_rate_latency_and_the_servers_processor_time(bare):
    found = fire(Shot(bare, 8, 1, "/list"))
    assert found.requests > 100
    assert found.rate == pytest.approx(found.requests / found.seconds)
    assert 0 < found.p50 <= found.p99 <= found.worst
    assert 1 < found.cost < 5_000


@needs_wrk
def test_a_run_with_refusals_is_no_figure(bare):
    with pytest.raises(BenchFailed, match="were refused"):
        fire(Shot(bare, 2, 1, "/nowhere"))


@needs_wrk
def test_prepared_requests_are_posted_once_each_and_running_out_is_told(bare, tmp_path):
    stem = tmp_path / "prepared"
    for thread in range(load.threads_for(2)):
        Path(f"{stem}.{thread}").write_text('/answer\ttoken\t{"a":1}\n' * 3)
    with pytest.raises(BenchFailed, match="prepared ones ran out"):
        fire(Shot(bare, 2, 1, "", ("post.lua", str(stem))))


def test_customers_walk_eight_steps_and_every_walk_is_timed(bare):
    plan = Plan(
        shop=bare.address, flows=4, warm_up=0.1, seconds=0.5, skus=("A", "B"), way="nothing"
    )
    run = drive(plan, bare)
    assert run.rate > 1
    assert all(len(walk) == 9 for walk in run.walks)
    assert all(walk[0] == pytest.approx(sum(walk[1:]), abs=0.1) for walk in run.walks)


def test_customers_who_are_refused_are_no_figure(bare):
    plan = Plan(shop=bare.address, flows=2, warm_up=0, seconds=0.3, skus=("A", "B"), way="till")
    with pytest.raises(BenchFailed, match="POST /store/carts answered 40"):
        drive(plan, bare)


async def serve(*pieces):
    """A server that answers every request with these pieces, one after the other."""

    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


async def test_an_answer_in_pieces_is_read_whole():
    server, port = await serve(
        b"HTTP/1.1 20", b"1 Created\r\nContent-Length: 4\r\n", b"\r\nab", b"cd"
    )
    async with server:
        wire = await Wire.open("127.0.0.1", port)
        assert await wire.ask("GET", "/") == (201, b"abcd")
        wire.close()


async def test_a_server_that_hangs_up_in_the_middle_is_told():
    server, port = await serve(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
    async with server:
        wire = await Wire.open("127.0.0.1", port)
        with pytest.raises(WireBroken):
            await wire.ask("GET", "/")

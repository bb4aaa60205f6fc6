"""``jishi serve``: it answers, it stops when told, and nobody under way is left alone."""

import concurrent.futures
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from jishi.testing.patience import in_time

pytestmark = pytest.mark.slow


class Server:
    """A served build."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process = process
        self.address = address

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(server: Server) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            if httpx.get(f"{server.address}/health/ready", trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    pytest.fail(f"the server did not come up: {server.process.communicate(timeout=10)}")


@pytest.fixture
def serve(tmp_path) -> Iterator[Callable[..., Server]]:
    running: list[Server] = []

    def start(build, *arguments: str) -> Server:
        port = free_port()
        with (tmp_path / "log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "jishi.cli", "serve", "--port", str(port), *arguments],
                cwd=build.folder,
                env=build.environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        running.append(Server(process, f"http://127.0.0.1:{port}"))
        wait_for(running[-1])
        return running[-1]

    yield start
    for server in running:
        if server.process.poll() is None:
            server.process.kill()
        server.process.communicate()


def test_an_empty_database_is_upgraded_and_served(build, serve, tmp_path):
    server = serve(build, "--upgrade")
    shop = httpx.get(f"{server.address}/store/shop", trust_env=False)
    assert shop.json()["name"] == "小店"
    assert server.stop() == 0
    assert server.address in server.process.stdout.read()
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    (line,) = [each for each in lines if each.get("route") == "/store/shop"]
    assert line["status"] == 200


def test_two_shops_do_not_share_a_port(build, serve):
    server = serve(build, "--upgrade")
    port = server.address.rpartition(":")[2]
    second = build.spawn("serve", "--port", port)
    assert second.returncode == 2
    assert second.stderr.splitlines() == [
        f"jishi: Something listens on 127.0.0.1:{port} already. "
        "Stop it, or serve elsewhere with `jishi serve --port …`."
    ]
    assert second.stdout == ""
    assert httpx.get(f"{server.address}/health/ready", trust_env=False).is_success
    build.write('[plugins]\nenabled = ["loyalti"]\n')  # what is wrong in the build comes first
    assert "'loyalti'" in build.spawn("serve", "--port", port).stderr
    assert server.stop() == 0


def test_what_cannot_be_served_announces_no_address(plain_build):
    said = plain_build.spawn("serve", "--port", str(free_port()))
    assert said.returncode == 2
    assert "jishi db upgrade" in said.stderr
    assert said.stdout == ""


def buy(address: str, key: str) -> httpx.Response:
    with httpx.Client(base_url=address, trust_env=False, timeout=30) as http:
        token = http.post("/store/sessions").json()["token"]
        body = {
            "lines": [{"sku": "TEA", "quantity": 1}],
            "address": {
                "name": "李雷",
                "phone": "13800138000",
                "region": "浙江省",
                "city": "杭州市",
                "street": "文三路 1 号",
            },
        }
        headers = {"authorization": f"Bearer {token}", "idempotency-key": key}
        return http.post("/store/orders", json=body, headers=headers)


@pytest.mark.measured
def test_stopping_under_load_loses_no_acknowledged_order(ready_build, serve):
    ready_build.folder.joinpath("goods.csv").write_text(
        "handle,title,sku,price_yuan,stock\ntea,绿茶,TEA,9.90,5000\n", "utf-8"
    )
    assert ready_build.told("import", "goods.csv")["new"] == 1
    server = serve(ready_build)
    acknowledged, broken = [], []

    def keep_buying(who: int) -> None:
        for number in range(1000):
            try:
                answer = buy(server.address, f"key-{who}-{number}-{os.getpid()}")
            except (httpx.TransportError, json.JSONDecodeError, KeyError):
                return
            (acknowledged if answer.status_code == 201 else broken).append(answer)

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        buyers = [pool.submit(keep_buying, who) for who in range(6)]
        deadline = time.monotonic() + 60
        while len(acknowledged) < 20 and time.monotonic() < deadline:
            time.sleep(0.02)
        with in_time(12):
            assert server.stop() == 0
        concurrent.futures.wait(buyers)
    assert len(acknowledged) >= 20
    assert {answer.status_code for answer in broken} <= {503}
    after = serve(ready_build)
    check = ready_build.told("ledger", "check")
    assert (check["code"], check["status"]) == (0, "right")
    for answer in acknowledged[-10:]:
        order = httpx.get(
            f"{after.address}/store/orders/{answer.json()['id']}",
            headers={"authorization": answer.request.headers["authorization"]},
            trust_env=False,
        )
        assert order.status_code == 200
    assert after.stop() == 0

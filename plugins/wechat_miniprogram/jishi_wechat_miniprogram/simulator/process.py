"""Runs the simulator as a process of its own, for demos and tests."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import msgspec


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """A simulator that answers.

    Attributes:
        address: Where, such as ``http://127.0.0.1:8710``.
        process: The process.
    """

    address: str
    process: subprocess.Popen[bytes]


@contextmanager
def running_simulator(*, port: int = 0, patience: float = 60.0) -> Iterator[Running]:
    """Start a simulator and end it afterwards.

    Args:
        port: Where it listens; 0 takes a free one.
        patience: Seconds it may take to start.

    Raises:
        TimeoutError: It does not answer in time.
    """
    port = port or _free_port()
    command = [sys.executable, "-m", "jishi_wechat_miniprogram.simulator", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(process, address, patience)
        yield Running(address=address, process=process)
    finally:
        process.terminate()
        process.wait()


def _wait(process: subprocess.Popen[bytes], address: str, patience: float) -> None:
    deadline = time.monotonic() + patience
    with httpx.Client(trust_env=False) as http:
        while time.monotonic() < deadline and process.poll() is None:
            try:
                if http.get(f"{address}/_control/health").is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
    raise TimeoutError(f"the simulator at {address} does not answer")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

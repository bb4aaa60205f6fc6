"""Runs the simulator as a process of its own, for demos and tests."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec

from jishi_wechat_pay.simulator.keys import MerchantFile


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """A simulator that answers.

    Attributes:
        address: Where, such as ``http://127.0.0.1:8700``.
        keys: The folder with the keys that a shop needs.
        merchant: The numbers that a shop needs.
        process: The process.
    """

    address: str
    keys: Path
    merchant: MerchantFile
    process: subprocess.Popen[bytes]

    @property
    def settings(self) -> dict[str, object]:
        """What a shop writes in ``[plugins.wechat_pay]`` to use this simulator."""
        return {
            "mchid": self.merchant.mchid,
            "appid": self.merchant.appids[0],
            "serial_no": self.merchant.serial_no,
            "private_key": {"file": str(self.keys / "merchant_key.pem")},
            "api_v3_key": {"file": str(self.keys / "api_v3_key.txt")},
            "public_key_id": self.merchant.public_key_id,
            "public_key": str(self.keys / "platform_public_key.pem"),
            "hosts": [self.address],
        }


@contextmanager
def running_simulator(
    keys: Path,
    *,
    port: int = 0,
    speed: float = 1.0,
    merchant: str = "1900000109",
    journal: Path | None = None,
    patience: float = 60.0,
) -> Iterator[Running]:
    """Start a simulator and end it afterwards.

    Args:
        keys: The folder of its keys; made when empty.
        port: Where it listens; 0 takes a free one.
        speed: Divides WeChat's waiting times.
        merchant: The merchant's number.
        journal: A file for its journal.
        patience: Seconds it may take to start.

    Raises:
        TimeoutError: It does not answer in time.
    """
    port = port or _free_port()
    command = [sys.executable, "-m", "jishi_wechat_pay.simulator", "--port", str(port)]
    command += ["--keys", str(keys), "--speed", str(speed), "--merchant", merchant]
    command += ["--journal", str(journal)] if journal else []
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(process, address, patience)
        told = msgspec.json.decode((keys / "merchant.json").read_bytes(), type=MerchantFile)
        yield Running(address=address, keys=keys, merchant=told, process=process)
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

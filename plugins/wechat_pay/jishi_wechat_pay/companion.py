"""The plugin's part in ``jishi demo``: a simulated WeChat Pay beside the shop."""

import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from jishi.clock import SystemClock
from jishi.demo import Companion
from jishi_wechat_pay.simulator.keys import keep_keys

MERCHANT = "1900000109"
APPID = "wxd678efh567hg6787"


def companion(folder: Path) -> Companion:
    """A simulator for a build; the same folder gives the same keys and port.

    Args:
        folder: The build's folder; keys and port are kept in ``secrets/wechat_pay``.
    """
    keys = folder / "secrets" / "wechat_pay"
    merchant = keep_keys(keys, MERCHANT, [APPID], SystemClock().now()).merchant
    port = _kept_port(keys / "port")
    address = f"http://127.0.0.1:{port}"
    settings: dict[str, object] = {
        "mchid": merchant.mchid,
        "appid": merchant.appids[0],
        "serial_no": merchant.serial_no,
        "private_key": {"file": "secrets/wechat_pay/merchant_key.pem"},
        "api_v3_key": {"file": "secrets/wechat_pay/api_v3_key.txt"},
        "public_key_id": merchant.public_key_id,
        "public_key": "secrets/wechat_pay/platform_public_key.pem",
        "hosts": [address],
    }
    start = (sys.executable, "-m", "jishi_wechat_pay.simulator", "--merchant", MERCHANT)
    return Companion(
        settings=settings,
        title="微信支付模拟器 simulated WeChat Pay",
        command=(*start, "--appid", APPID, "--port", str(port), "--keys", str(keys)),
        address=address,
        approve=lambda parameters: _approve(address, parameters),
    )


def _approve(address: str, parameters: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Where and what a person's "confirm" sends after scanning a native code."""
    code = parameters["code_url"].rpartition("pr=")[2]
    return f"{address}/pay/{code}", {"decision": "confirm"}


def _kept_port(file: Path) -> int:
    """A port that was free when the build was made."""
    if not file.exists():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            file.write_text(f"{probe.getsockname()[1]}\n", "utf-8")
    return int(file.read_text("utf-8"))

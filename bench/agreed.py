"""What customers, the gateway and prepared requests agree on; imports nothing of the shop."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

import msgspec

GATEWAY = "bench_till"
METHOD = "scan"
SIGNATURE = "bench-signature"
"""The header of a notice."""

ADDRESS = {
    "name": "李雷",
    "phone": "13800138000",
    "region": "浙江省",
    "city": "杭州市",
    "district": "西湖区",
    "street": "文三路 1 号",
}
"""Where everything is delivered."""

_SECRET = b"for measuring only"


class Paid(msgspec.Struct):
    """A notice: the shop's number of the attempt, and what was paid in fen."""

    attempt: str
    amount: int
    paid_at: datetime


def sign(body: bytes) -> str:
    """The signature that a notice carries."""
    return hmac.new(_SECRET, body, hashlib.sha256).hexdigest()


def notice_of(parameters: Mapping[str, str], paid_at: datetime) -> bytes:
    """The notice that a started payment was paid."""
    return msgspec.json.encode(Paid(parameters["number"], int(parameters["amount"]), paid_at))

"""How a message proves who sent it: WeChat Pay API v3 signatures, ours and theirs.

Both directions sign lines that each end with a line feed, with RSA PKCS#1 v1.5 over SHA-256,
written in base64 (https://pay.weixin.qq.com/doc/v3/merchant/4012365336 for requests,
4013053420 for answers and notices). What is signed are the bytes on the wire, so callers
serialise once and hand the same bytes to the signature and to the connection.
"""

import base64
import binascii
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from jishi_wechat_pay.problems import (
    SignatureMissing,
    SignatureProbe,
    SignatureStale,
    SignatureWrong,
)

SCHEME = "WECHATPAY2-SHA256-RSA2048"
"""The only signature scheme of API v3; leads the Authorization header."""

WINDOW = timedelta(seconds=300)
"""How far a timestamp may be from now; from here on the message is refused."""

PROBE_PREFIX = "WECHATPAY/SIGNTEST/"
"""Begins the signature of messages with which WeChat tests whether merchants verify."""


def request_message(method: str, target: str, timestamp: str, nonce: str, body: bytes) -> bytes:
    """What a merchant signs: the request in five lines.

    Args:
        method: In capitals.
        target: Path and query exactly as on the wire.
        timestamp: Seconds since 1970.
        nonce: Random characters.
        body: The bytes sent; none for GET.
    """
    return f"{method}\n{target}\n{timestamp}\n{nonce}\n".encode() + body + b"\n"


def answer_message(timestamp: str, nonce: str, body: bytes) -> bytes:
    """What WeChat signs in answers and notices: timestamp, nonce and the raw body."""
    return f"{timestamp}\n{nonce}\n".encode() + body + b"\n"


def sign(message: bytes, key: RSAPrivateKey) -> str:
    """Sign a message and write the signature in base64."""
    return base64.b64encode(key.sign(message, PKCS1v15(), SHA256())).decode()


def is_signed(message: bytes, signature: str, key: RSAPublicKey) -> bool:
    """Whether this signature (base64) of this message was made with the key's other half."""
    try:
        key.verify(base64.b64decode(signature, validate=True), message, PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def new_nonce() -> str:
    """32 random characters, never used before."""
    return secrets.token_hex(16).upper()


def read_private_key(pem: str) -> RSAPrivateKey:
    """Read a merchant's API private key (PEM).

    Raises:
        ValueError: It is not an RSA private key.
    """
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("an RSA private key is needed")
    return key


def read_public_key(pem: str) -> RSAPublicKey:
    """Read a WeChat Pay public key (PEM).

    Raises:
        ValueError: It is not an RSA public key.
    """
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, RSAPublicKey):
        raise ValueError("an RSA public key is needed")
    return key


class Signer(msgspec.Struct, frozen=True, kw_only=True):
    """A merchant's signing hand: merchant number, certificate serial, private key."""

    mchid: str
    serial_no: str
    private_key: RSAPrivateKey

    def authorization(
        self, method: str, target: str, body: bytes, *, at: datetime, nonce: str | None = None
    ) -> str:
        """The Authorization header for one request, over exactly the bytes that are sent."""
        nonce = nonce or new_nonce()
        timestamp = str(int(at.timestamp()))
        signature = sign(request_message(method, target, timestamp, nonce, body), self.private_key)
        return (
            f'{SCHEME} mchid="{self.mchid}",nonce_str="{nonce}",signature="{signature}",'
            f'timestamp="{timestamp}",serial_no="{self.serial_no}"'
        )


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """The signature headers of an answer or a notice."""

    timestamp: str
    nonce: str
    signature: str
    serial: str


def read_stamp(headers: Mapping[str, str]) -> Stamp:
    """Take the signature headers, whatever their case.

    Raises:
        SignatureMissing: One is absent or empty, or the scheme is not ours.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    # Answers do not always carry the scheme; when it is there it must be the one we check.
    if lower.get("wechatpay-signature-type", SCHEME) != SCHEME:
        raise SignatureMissing(f"the signature scheme must be {SCHEME}")
    found = {name: lower.get(f"wechatpay-{name}", "") for name in Stamp.__struct_fields__}
    missing = [name for name, value in found.items() if not value]
    if missing:
        raise SignatureMissing(f"the header Wechatpay-{missing[0].capitalize()} is missing")
    return Stamp(**found)


class KeyRing(Protocol):
    """The keys of WeChat that a merchant trusts."""

    async def key_for(self, serial: str) -> RSAPublicKey:
        """The key with this serial.

        Raises:
            SerialUnknown: No such key is trusted.
        """


class Verifier:
    """Decides whether an answer or a notice was signed by WeChat, and just now."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    async def verify(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Stamp:
        """Check the stamp on a body and give it back.

        The cheap checks come first, so that a forged message never makes us fetch certificates.

        Raises:
            NotTrusted: With the reason as its subclass.
        """
        stamp = read_stamp(headers)
        _check_time(stamp, now)
        if stamp.signature.startswith(PROBE_PREFIX):
            raise SignatureProbe("this is a probe, signed wrongly on purpose")
        key = await self._keys.key_for(stamp.serial)
        message = answer_message(stamp.timestamp, stamp.nonce, body)
        if not is_signed(message, stamp.signature, key):
            raise SignatureWrong("the signature does not fit the message")
        return stamp


def _check_time(stamp: Stamp, now: datetime) -> None:
    if not (stamp.timestamp.isascii() and stamp.timestamp.isdigit()):
        raise SignatureMissing("Wechatpay-Timestamp must be seconds since 1970")
    # Compared as numbers: a timestamp may be too large to be a date.
    distance = abs(now.timestamp() - int(stamp.timestamp[:20]))
    if distance >= WINDOW.total_seconds():
        raise SignatureStale("the timestamp is five minutes or more away from now")

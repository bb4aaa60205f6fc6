"""Seals access tokens for the database: whoever reads a backup cannot speak as the shop."""

import base64
import binascii
import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from jishi.config import Secret

_PURPOSE = b"wechat_miniprogram access token"
_NONCE = 12


class Seal:
    """AES-256-GCM under a key of its own, derived from the shop's secret.

    Args:
        secret: The shop's.
    """

    def __init__(self, secret: Secret) -> None:
        key = hashlib.blake2b(_PURPOSE, key=secret.reveal().encode()[:64], digest_size=32)
        self._box = AESGCM(key.digest())

    def close(self, text: str, app: str) -> str:
        """Seal a text for one app."""
        nonce = secrets.token_bytes(_NONCE)
        return base64.b64encode(
            nonce + self._box.encrypt(nonce, text.encode(), app.encode())
        ).decode()

    def open(self, sealed: str, app: str) -> str:
        """The text, or "" when it was sealed under another secret."""
        try:
            raw = base64.b64decode(sealed, validate=True)
            return self._box.decrypt(raw[:_NONCE], raw[_NONCE:], app.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError):
            return ""

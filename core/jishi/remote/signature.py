"""Signs what is sent as Standard Webhooks want it (https://www.standardwebhooks.com)."""

import base64
import binascii
import hashlib
import hmac

from jishi.config import Secret

PREFIX = "whsec_"
FEWEST = 16
"""Bytes that a key must have."""


def key_of(secret: Secret) -> bytes:
    """The key that a secret stands for: ``whsec_`` and base64, or the text itself.

    Raises:
        ValueError: It is no base64, or too short.
    """
    text = secret.reveal()
    if not text.startswith(PREFIX):
        key = text.encode()
    else:
        try:
            key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            raise ValueError("secret: after whsec_ comes base64, and this is none") from None
    if len(key) < FEWEST:
        raise ValueError(f"secret: expected at least {FEWEST} bytes")
    return key


def sign(key: bytes, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers that go with a message.

    Args:
        key: Known to both sides.
        message_id: The same whenever the same message is sent again.
        timestamp: Seconds since the epoch.
        body: What is sent.
    """
    signed = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": "v1," + base64.b64encode(signed.digest()).decode(),
    }

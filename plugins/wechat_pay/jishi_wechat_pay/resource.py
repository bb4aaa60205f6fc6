"""The sealed part of notices and certificates: AES-GCM under the merchant's API v3 key.

Nonce and associated data are text used as it is; the ciphertext is base64 of the encrypted bytes
followed by the 16-byte tag (https://pay.weixin.qq.com/doc/v3/merchant/4012071382).
"""

import base64
import binascii

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from jishi_wechat_pay.problems import Unreadable

ALGORITHM = "AEAD_AES_256_GCM"
KEY_BYTES = 32
"""The length of an API v3 key; the settings hold merchants to it."""


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """A sealed text."""

    ciphertext: str
    nonce: str
    algorithm: str = ALGORITHM
    associated_data: str | None = None
    original_type: str | None = None


def open_resource(resource: Resource, key: bytes) -> bytes:
    """Decrypt a sealed text and prove that nobody changed it.

    Raises:
        Unreadable: Another algorithm, another key, or the text was changed.
    """
    if resource.algorithm != ALGORITHM:
        raise Unreadable(f"the resource is sealed with {resource.algorithm!r}, not {ALGORITHM}")
    try:
        ciphertext = base64.b64decode(resource.ciphertext, validate=True)
        associated = (resource.associated_data or "").encode()
        return AESGCM(key).decrypt(resource.nonce.encode(), ciphertext, associated)
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise Unreadable("the resource cannot be opened with this API v3 key") from error


def seal_resource(
    plaintext: bytes, key: bytes, *, nonce: str, associated_data: str, original_type: str | None
) -> Resource:
    """Encrypt a text as WeChat does; for the simulator."""
    ciphertext = AESGCM(key).encrypt(nonce.encode(), plaintext, associated_data.encode())
    return Resource(
        ciphertext=base64.b64encode(ciphertext).decode(),
        nonce=nonce,
        associated_data=associated_data,
        original_type=original_type,
    )

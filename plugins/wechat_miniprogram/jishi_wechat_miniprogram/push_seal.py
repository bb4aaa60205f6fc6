"""The seal of WeChat's message push: signatures and the envelope of compat and safe mode.

Source: WeChat's documentation for mini programs, 指南/基础能力/服务端能力/消息推送. The key is the
EncodingAESKey read as base64 with a ``=`` behind it; AES-256-CBC, the key's first 16 bytes are the
IV, PKCS#7 padding to 32; inside stand 16 random bytes, the message's length (4 bytes, big endian),
the message and the AppID.
"""

import base64
import binascii
import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from jishi_wechat_miniprogram.problems import NotTrusted

_BLOCK = 32
_HEAD = 20
"""Bytes before the message: random ones and its length."""


def signature(token: str, *parts: str) -> str:
    """SHA-1 over the token and the other parts, sorted and joined."""
    joined = "".join(sorted((token, *parts)))
    return hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest()


def is_signed(given: str, token: str, *parts: str) -> bool:
    """Whether a signature fits; compared in constant time."""
    return hmac.compare_digest(signature(token, *parts).encode(), given.encode())


def open_envelope(encrypt: str, aes_key: str, appid: str) -> bytes:
    """The message in an envelope.

    Args:
        encrypt: The envelope, base64.
        aes_key: The EncodingAESKey.
        appid: For whom it must be.

    Raises:
        NotTrusted: It was not sealed with this key, or for another app.
    """
    try:
        sealed = base64.b64decode(encrypt, validate=True)
    except binascii.Error:
        raise NotTrusted("the envelope is not base64") from None
    if not sealed or len(sealed) % 16:
        raise NotTrusted("the envelope is cut off")
    opener = _cipher(aes_key).decryptor()
    opened = opener.update(sealed) + opener.finalize()
    padding = opened[-1]
    if not 1 <= padding <= _BLOCK or opened[-padding:] != bytes([padding]) * padding:
        raise NotTrusted("the envelope was sealed with another key")
    opened = opened[:-padding]
    length = int.from_bytes(opened[16:_HEAD], "big")
    message, receiver = opened[_HEAD : _HEAD + length], opened[_HEAD + length :]
    if len(message) != length or receiver != appid.encode():
        raise NotTrusted("the envelope is for another app")
    return message


def close_envelope(message: bytes, aes_key: str, appid: str, random: bytes = b"") -> str:
    """Seal a message as WeChat does.

    Args:
        message: What is said.
        aes_key: The EncodingAESKey.
        appid: For whom.
        random: 16 bytes; new ones unless given.
    """
    opened = (random or secrets.token_bytes(16)) + len(message).to_bytes(4, "big")
    opened += message + appid.encode()
    padding = _BLOCK - len(opened) % _BLOCK
    closer = _cipher(aes_key).encryptor()
    sealed = closer.update(opened + bytes([padding]) * padding) + closer.finalize()
    return base64.b64encode(sealed).decode()


def _cipher(aes_key: str) -> Cipher[modes.CBC]:
    key = base64.b64decode(aes_key + "=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))

"""One-time codes (TOTP, RFC 6238) and recovery codes: made, kept and compared; no rows here."""

import base64
import hmac
import secrets
from datetime import datetime

import pyotp
from cryptography.fernet import Fernet

from jishi.shop import Shop

SECONDS = 30
"""How long a code is shown."""

RECOVERY_CODES = 10
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
_LENGTH = 12


def new_seed() -> str:
    """A secret for an authenticator, in base 32: 160 random bits."""
    return pyotp.random_base32()


def address_of(shop: Shop, seed: str, email: str) -> str:
    """The ``otpauth://`` address that authenticators read from a QR code."""
    return pyotp.TOTP(seed).provisioning_uri(name=email, issuer_name=shop.config.shop.name)


def step_of(seed: str, code: str, now: datetime) -> int | None:
    """Which half minute a code belongs to: this one, the one before or after; None for no other.

    A clock that is half a minute off is common; whoever keeps the step refuses it a second time.
    """
    codes, present, found = pyotp.TOTP(seed), int(now.timestamp()) // SECONDS, None
    for step in (present - 1, present, present + 1):
        if hmac.compare_digest(codes.at(step * SECONDS), code):
            found = step
    return found


def seal(shop: Shop, seed: str) -> str:
    """The secret as it is kept: useless without the shop's own."""
    return _sealer(shop).encrypt(seed.encode()).decode()


def unseal(shop: Shop, kept: str) -> str:
    """The secret of what `seal` gave."""
    return _sealer(shop).decrypt(kept.encode()).decode()


def new_recovery_codes() -> list[str]:
    """Codes for a day without the telephone; each works once."""
    letters = [
        "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)) for _ in range(RECOVERY_CODES)
    ]
    return ["-".join((one[:4], one[4:8], one[8:])) for one in letters]


def recovery_digest(shop: Shop, code: str) -> str:
    """What is kept of a recovery code, however it was typed."""
    typed = code.upper().replace("-", "").replace(" ", "")
    return hmac.digest(_key(shop, b"recovery code"), typed.encode(), "sha256").hex()


def _sealer(shop: Shop) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_key(shop, b"second factor")))


def _key(shop: Shop, purpose: bytes) -> bytes:
    return hmac.digest(shop.config.shop.secret.reveal().encode(), purpose, "sha256")

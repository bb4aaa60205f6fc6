"""A member's code for the till: short-lived, signed, good for one payment."""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta

import msgspec

from jishi.shop import Shop
from jishi_loyalty.value.problems import CodeWrong

_PREFIX = "jv1"
_LONGEST = 200


class MemberCode(msgspec.Struct, frozen=True, kw_only=True):
    """What a member's device shows, as a QR code or read aloud.

    Attributes:
        code: The text.
        expires_at: UTC; the device fetches the next one by then.
    """

    code: str
    expires_at: datetime


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A code that was proved.

    Attributes:
        member: Whose.
        name: Names the code without being it; used up by its payment.
        expires_at: UTC.
    """

    member: str
    name: str
    expires_at: datetime


def new_code(shop: Shop, member: str, seconds: int) -> MemberCode:
    """The next code of a member."""
    expires_at = shop.clock.now() + timedelta(seconds=seconds)
    said = f"{_PREFIX}.{member}.{int(expires_at.timestamp())}.{secrets.token_hex(6)}"
    return MemberCode(code=f"{said}.{_seal(shop, said)}", expires_at=expires_at)


def read_code(shop: Shop, code: str) -> Shown:
    """Whose a code is, if it is genuine; whether it is still good, `must_be_fresh` says.

    Raises:
        CodeWrong: It is not one of ours.
    """
    said, _, seal = code.strip().rpartition(".")
    parts = said.split(".")
    genuine = len(code) <= _LONGEST and code.isascii() and len(parts) == 4
    if not genuine or not hmac.compare_digest(_seal(shop, said), seal):
        raise CodeWrong("This is no member's code.", field="code")
    return Shown(
        member=parts[1],
        name=hashlib.sha256(said.encode()).hexdigest(),
        expires_at=datetime.fromtimestamp(int(parts[2]), UTC),
    )


def must_be_fresh(shop: Shop, shown: Shown) -> None:
    """Refuse a code whose time is over.

    Raises:
        CodeWrong: It is.
    """
    if shown.expires_at <= shop.clock.now():
        raise CodeWrong(
            "This code is too old.", field="code", next_step="The member shows the next one."
        )


def _seal(shop: Shop, said: str) -> str:
    key = shop.config.shop.secret.reveal().encode()
    return hmac.digest(key, f"loyalty value code\n{said}".encode(), "sha256").hex()[:32]

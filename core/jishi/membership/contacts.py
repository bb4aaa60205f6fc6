"""Phone numbers and e-mail addresses as people type them, in one form."""

import ipaddress
import re
from typing import Annotated

import msgspec

from jishi.membership.problems import BadContact
from jishi.membership.structs import Identity, IdentityKind

_SPACING = re.compile(r"[\s().-]")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_INTERNATIONAL = re.compile(r"[1-9][0-9]{6,14}")  # ITU-T E.164: at most 15 digits
_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}")

_WECHAT = re.compile(r"[A-Za-z0-9_-]{6,64}")
_NUMBER = re.compile(r"[0-9A-Z_-]{1,64}")

Typed = Annotated[str, msgspec.Meta(min_length=3, max_length=254)]


class Contact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a code is to go: either of the two.

    Attributes:
        phone: A mobile number; without a country code it is Chinese.
        email: An e-mail address.
    """

    phone: Typed | None = None
    email: Typed | None = None


def identity_of(phone: str | None, email: str | None) -> Identity:
    """The identity that somebody means.

    Raises:
        BadContact: Neither or both are given, or it is none.
    """
    if (phone is None) == (email is None):
        raise BadContact("Give either a phone number or an e-mail address.", field="phone")
    if phone is not None:
        return Identity(kind="phone", value=_digits(phone))
    return Identity(kind="email", value=_mailbox(email or ""))


def identity_as(kind: IdentityKind, value: str, issuer: str = "") -> Identity:
    """An identity of any kind in its one form.

    Args:
        kind: Phone, e-mail, WeChat openid …
        value: As it was typed, scanned or answered.
        issuer: Whose number it is: the app of an openid, the vendor of a till. An openid and a
            till's number mean nothing without it; a phone number and an e-mail have none.

    Raises:
        BadContact: It cannot be one.
    """
    match kind:
        case "phone":
            return Identity(kind=kind, value=_digits(value))
        case "email":
            return Identity(kind=kind, value=_mailbox(value))
        case "wechat_openid" | "wechat_unionid":
            bare = value.strip()
            fits = _WECHAT.fullmatch(bare)
        case _:
            bare = _SPACING.sub("", value).upper()
            fits = _NUMBER.fullmatch(bare)
    if not fits:
        raise BadContact(f"This is no {kind.replace('_', ' ')}.", field="value")
    if kind in ("wechat_openid", "till") and not issuer.strip():
        raise BadContact(
            f"A {kind.replace('_', ' ')} needs its issuer.",
            field="issuer",
            next_step="Name the app's id, or the till's vendor.",
        )
    return Identity(kind=kind, value=bare, issuer=issuer.strip())


def network_of(address: str) -> str:
    """The network that limits count: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if known.version == 4:
        return address
    return str(ipaddress.ip_network(f"{address.partition('%')[0]}/64", strict=False))


def _digits(phone: str) -> str:
    bare = _SPACING.sub("", phone)
    if _MOBILE.fullmatch(bare):
        return f"86{bare}"
    bare = bare.removeprefix("+") if bare.startswith("+") else bare.removeprefix("00")
    if bare.startswith("86") and _MOBILE.fullmatch(bare[2:]):
        return bare
    if not bare.startswith("86") and _INTERNATIONAL.fullmatch(bare) and phone.strip()[0] in "+0":
        return bare
    raise BadContact(
        "This is no mobile number.",
        field="phone",
        next_step="Write 11 digits (13800138000), or + and the country code.",
    )


def _mailbox(email: str) -> str:
    bare = email.strip().lower()
    if not _EMAIL.fullmatch(bare):
        raise BadContact("This is no e-mail address.", field="email", next_step="name@example.com")
    return bare

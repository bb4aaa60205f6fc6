"""What flows through membership: members, their identities, ways to send them a code."""

from datetime import datetime
from typing import Literal, Protocol

import msgspec

IdentityKind = Literal["phone", "email", "wechat_openid", "wechat_unionid", "till", "card"]
"""How somebody is recognised."""


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """One way in which a member is recognised.

    Attributes:
        kind: Phone, e-mail, WeChat openid …
        value: The normalised value (digits of a phone with its country code).
        issuer: Whose number it is (the mini program's app id, the till's vendor); may be empty.
    """

    kind: IdentityKind
    value: str
    issuer: str = ""


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who joined.

    Attributes:
        id: The member's id.
        name: How he wants to be called; may be empty.
        joined_at: UTC.
        identities: Every way in which he is recognised.
    """

    id: str
    name: str
    joined_at: datetime
    identities: tuple[Identity, ...] = ()


class CodeSender(Protocol):
    """Brings a one-time login code to a person."""

    @property
    def name(self) -> str:
        """Names the sender in logs."""

    def serves(self, kind: IdentityKind) -> bool:
        """Whether it can reach this kind of identity."""

    async def send(self, identity: Identity, code: str) -> None:
        """Send the code; an error tells the shopper to try again later."""

"""Membership: bring codes to people, hear of new members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jishi.hookspecs.marker import hookspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jishi.membership.structs import CodeSender, Member


@hookspec
def register_code_senders() -> Sequence[CodeSender] | None:
    """Bring ways to send one-time login codes (text message, e-mail, printed in the console).

    Asked once at the start. The first sender in the merchant's order that serves the kind of
    address sends the code.

    Since: 0.1
    """


@hookspec
def member_joined(member: Member) -> None:
    """Hear that somebody became a member. Since: 0.1."""

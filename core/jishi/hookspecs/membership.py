"""Membership: bring codes to people, hear of members, follow them when two become one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jishi.hookspecs.marker import hookspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jishi.effects import Effect
    from jishi.membership.structs import CodeSender, Member, Merge, ProfileSection


@hookspec
def register_code_senders() -> Sequence[CodeSender] | None:
    """Bring ways to send one-time login codes (text message, e-mail, printed in the console).

    Asked once at the start. The first sender in the merchant's order that serves the kind of
    address sends the code.

    Since: 0.1
    """


@hookspec
def load_profile(member: Member) -> Sequence[ProfileSection] | None:
    """Add sections to a member's profile: his points, his tier, what he agreed to.

    Awaited whenever the profile is read, by staff or by the member himself; reads only. The
    profile is shown without the sections of a plugin that fails, and says whose are missing.

    Args:
        member: The survivor; `jishi.membership.member_ids` gives the ids merged into him.

    Returns:
        Sections; those for ``staff`` are not shown to the member.

    Since: 0.1
    """


@hookspec
def load_merge(merge: Merge) -> object | None:
    """Fetch what this plugin's ``effects_of_merge`` will need.

    Awaited before two members become one or are parted, and before what came late is swept up;
    reads only. The answer is handed back as ``loaded[<plugin name>]``.

    Args:
        merge: Who gives to whom.

    Returns:
        Anything; it is frozen before it is handed back. An error refuses the merge.

    Since: 0.1
    """


@hookspec
def effects_of_merge(merge: Merge, loaded: Mapping[str, object]) -> Sequence[Effect] | None:
    """Move what can run out from one member's accounts to another's.

    Pure: no reading, no network. Written in the merge's own transaction, under keys that are
    unique for this merge; when one effect is impossible, for instance because the member spent
    something meanwhile, the plugins are asked again.

    For a ``merge``: a `Debit` of what is available in each account of ``source`` and a `Credit`
    of the same for ``target``; what is held stays, and is swept up when the hold has ended: the
    hook is then asked again, with ``merge.of`` set. For a ``part``: back to ``target`` what had
    come with him, as far as ``source`` still has it; the entries of merge and sweeps carry
    ``merge.of`` as their reference. Within a kind of account no more may be given than is
    taken. Claims are refused.

    Args:
        merge: Who gives to whom.
        loaded: What every plugin's ``load_merge`` found, by plugin name.

    Returns:
        Effects, or None.

    Since: 0.1
    """


@hookspec
def member_joined(member: Member) -> None:
    """Hear that somebody became a member. Since: 0.1."""


@hookspec
def member_merged(merge: Merge) -> None:
    """Hear that two members became one; ``merge.source`` is an id of ``merge.target`` now.

    Since: 0.1
    """


@hookspec
def member_parted(merge: Merge) -> None:
    """Hear that a member is himself again: ``merge.target``, parted from ``merge.source``.

    Since: 0.1
    """

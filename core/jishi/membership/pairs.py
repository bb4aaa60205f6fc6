"""Pairs of members who may be one person: the queue for people, and what they said."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from jishi.db import Reads, Transaction
from jishi.identifiers import new_id
from jishi.membership import sql
from jishi.membership.aliases import aliases_of
from jishi.membership.people import Evidence, Likeness

PairState = Literal["open", "merged", "different"]


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two members who may be one.

    Attributes:
        id: Names the pair.
        one: A member.
        other: The other one, whose id is the younger.
        state: ``open`` until somebody decides.
        confidence: How sure it is that they are one, in basis points.
        evidence: Why.
        found_at: UTC.
        decided_at: UTC; None while it is open.
        decided_by: Who decided.
    """

    id: str
    one: str
    other: str
    state: PairState
    confidence: int
    evidence: tuple[Evidence, ...]
    found_at: datetime
    decided_at: datetime | None = None
    decided_by: str = ""


class PairRow(msgspec.Struct, frozen=True):
    """A pair as it is kept."""

    id: str
    one: str
    other: str
    state: PairState
    confidence: int
    evidence: str
    found_at: datetime
    decided_at: datetime | None
    decided_by: str

    def pair(self) -> Pair:
        """The same with its evidence read."""
        fields = {name: getattr(self, name) for name in self.__struct_fields__}
        fields["evidence"] = msgspec.json.decode(self.evidence, type=tuple[Evidence, ...])
        return Pair(**fields)


class _Between(msgspec.Struct, frozen=True):
    id: str
    one: str
    other: str
    state: PairState


async def keep_pair(
    tx: Transaction, members: tuple[str, str], likeness: Likeness, now: datetime
) -> None:
    """Put a pair into the queue; one that people decided about stays out."""
    one, other = sorted(members)
    evidence = msgspec.json.encode(likeness.evidence).decode()
    await tx.execute(sql.KEEP_PAIR, new_id(), one, other, likeness.confidence, evidence, now)


async def decide_between(
    tx: Transaction, members: tuple[str, str], state: PairState, actor: str, now: datetime
) -> None:
    """Remember what was decided about two members."""
    one, other = sorted(members)
    await tx.execute(sql.DECIDE_PAIR, new_id(), one, other, state, now, actor)


async def are_different(reader: Reads, one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether somebody said that two are not the same.

    Args:
        reader: The database, or a transaction.
        one: All ids of the one.
        other: All ids of the other.
    """
    found = await reader.fetch_as(_Between, sql.PAIRS_BETWEEN, list(one), list(other))
    return any(each.state == "different" for each in found)


async def ids_by_survivor(reader: Reads, survivors: Sequence[str]) -> dict[str, list[str]]:
    """All ids of some survivors, their own first."""
    groups = {one: [one] for one in survivors}
    for alias in await aliases_of(reader, survivors):
        groups[alias.survivor].append(alias.member_id)
    return groups

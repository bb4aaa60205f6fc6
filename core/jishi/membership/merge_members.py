"""Two members turn out to be one: nothing is overwritten, everything is seen together.

Identities, addresses, tokens, carts and orders keep the id they were written under; an alias says
who that is now. What can run out is moved by entries that plugins ask for, in the merge's own
transaction.

What is held at that moment (an order of the absorbed member that waits for its payment) stays
where it is held. When the hold ends, or anything else comes to the absorbed member's accounts
later, a sweep moves it after: see `sweep`.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from jishi.db import Reads, Transaction
from jishi.events import Happened, Job, emit, enqueue
from jishi.identifiers import new_id
from jishi.ledger import apply
from jishi.membership import sql
from jishi.membership.aliases import Alias, alias_of, aliases_around, survivors_of
from jishi.membership.effects_of_merge import Asked, ask_effects, groups_of, write_effects
from jishi.membership.pairs import decide_between
from jishi.membership.people import Likeness
from jishi.membership.problems import MembersBusy
from jishi.membership.structs import Merge
from jishi.membership.tables import AliasTable, MergeTable
from jishi.membership.tokens import forget_tokens
from jishi.problems import Invalid, NotFound
from jishi.shop import Shop

_TRIES = 20
SWEEP_AFTER = timedelta(minutes=1)
"""When somebody looks what came to the absorbed member's accounts during the merge."""

Also = Callable[[Transaction], Awaitable[None]]
"""Writes along, in the same transaction, at its end."""

Kind = Literal["merge", "part", "sweep"]


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """Who says that two are one, and why.

    Attributes:
        actor: ``staff:<id>``, or ``core`` where the evidence was enough.
        likeness: The evidence; None where a person decided.
    """

    actor: str
    likeness: Likeness | None = None


class MovedOn(Exception):
    """The members are not as they were when the merge was planned; plan again."""


async def merge_members(
    shop: Shop, source: str, target: str, why: Why, also: Also | None = None
) -> Merge:
    """Make one member of two; asked again, it gives the merge that did it.

    Args:
        shop: The shop.
        source: The absorbed member; where he is another already, that one is absorbed.
        target: The survivor, or one of his ids.
        why: Who says so.
        also: Writes along.

    Raises:
        NotFound: One of them does not exist.
        Invalid: Both ids are the same.
        MembersBusy: Others kept changing them.
        HookFailed: A plugin failed; nothing was written.
    """
    if source == target:
        raise Invalid("A member is himself already.", field="source")
    for _ in range(_TRIES):
        roots = await survivors_of(shop.database, (source, target))
        if roots[source] == roots[target]:
            return await _merge_that_did_it(shop.database, source, target)
        found = Merge(id=new_id(), kind="merge", source=roots[source], target=roots[target])
        seen = await aliases_around(shop.database, [found.source, found.target])
        if {one.member_id for one in seen} & {found.source, found.target}:
            continue
        try:
            return await carry_out(shop, found, "merge", why, (seen, _become_one, also))
        except MovedOn:
            continue
    raise busy()


Write = Callable[[Transaction, Shop, Merge, Sequence[Alias], Why], Awaitable[None]]
"""Writes what becomes of the aliases; gets those of both as they are."""


async def carry_out(
    shop: Shop,
    merge: Merge,
    kind: Kind,
    why: Why,
    how: tuple[Sequence[Alias], Write, Also | None],
) -> Merge:
    """Ask the plugins, then write everything in one transaction.

    Raises:
        MovedOn: The members or their accounts changed between the question and the answer.
    """
    seen, write, also = how
    asked = await ask_effects(shop, merge)
    if kind == "sweep" and not any(effects for _, effects in asked):
        return merge

    async def work(tx: Transaction) -> None:
        await lock_members(tx, merge)
        if await aliases_around(tx, [merge.source, merge.target]) != list(seen):
            raise MovedOn
        events = await _put_in_force(tx, shop, merge, kind, (why, asked))
        await write(tx, shop, merge, seen, why)
        await emit(tx, shop, events)
        if also is not None:
            await also(tx)

    await shop.database.atomically(work)
    forget_tokens(shop)
    return merge


async def lock_members(tx: Transaction, merge: Merge) -> None:
    """Keep everybody else off both until the transaction ends.

    Raises:
        NotFound: One of them does not exist.
    """
    both = sorted((merge.source, merge.target))
    if len(await tx.fetch(sql.LOCK_MEMBERS, both)) != len(both):
        raise NotFound("There is no such member.")


async def _put_in_force(
    tx: Transaction, shop: Shop, merge: Merge, kind: Kind, what: tuple[Why, Sequence[Asked]]
) -> list[Happened]:
    """The ledger's part, the plugins' rows and the merge's own; gives the events."""
    (why, asked), now = what, shop.clock.now()
    outcomes = await apply(tx, groups_of(merge, asked), now) if asked else []
    if any(outcome.refusals for outcome in outcomes):
        raise MovedOn  # somebody spent in between
    evidence = why.likeness.evidence if why.likeness else ()
    row = (
        merge.id,
        kind,
        merge.source,
        merge.target,
        merge.of,
        why.actor,
        why.likeness.confidence if why.likeness else 0,
        msgspec.json.encode(evidence).decode(),
        now,
    )
    columns = tuple(column._meta.db_column_name for column in MergeTable._meta.columns)
    await tx.insert(MergeTable, columns, [row])
    events = await write_effects(tx, shop, merge, asked, now)
    return events if kind == "sweep" else [happened(merge), *events]


def happened(merge: Merge) -> Happened:
    """The fact that two became one, or one became two."""
    name = "member.merged" if merge.kind == "merge" else "member.parted"
    return Happened(
        name=name, subject=merge.target, data=msgspec.to_builtins(merge), key=f"{name}:{merge.id}"
    )


async def _become_one(
    tx: Transaction, shop: Shop, merge: Merge, seen: Sequence[Alias], why: Why
) -> None:
    now = shop.clock.now()
    moved = [one.member_id for one in seen if one.survivor == merge.source]
    await tx.execute(sql.MOVE_ALIASES, moved, merge.target)
    columns = ("member_id", "parent", "survivor", "merge_id", "since_at")
    row = (merge.source, merge.target, merge.target, merge.id, now)
    await tx.insert(AliasTable, columns, [row])
    await decide_between(tx, (merge.source, merge.target), "merged", why.actor, now)
    await enqueue(tx, shop, [sweeping(merge.source, merge.id, now + SWEEP_AFTER)])


def sweeping(member_id: str, key: str, run_at: datetime | None = None) -> Job:
    """The job that looks after an absorbed member's accounts."""
    return Job(
        kind="membership.sweep",
        payload={"member": member_id},
        key=f"sweep:{member_id}:{key}",
        run_at=run_at,
    )


async def sweep(shop: Shop, member_id: str) -> Merge | None:
    """Move what came to an absorbed member's accounts after he became another.

    Plugins are asked once more, with `Merge.of` naming the merge. Where nothing is left, nothing
    is written.

    Returns:
        The sweep; None for somebody who is himself.
    """
    for _ in range(_TRIES):
        alias = await alias_of(shop.database, member_id)
        if alias is None:
            return None
        merge = Merge(
            id=new_id(), kind="merge", source=member_id, target=alias.survivor, of=alias.merge_id
        )
        seen = await aliases_around(shop.database, [alias.survivor, member_id])
        try:
            how = (seen, _change_nothing, None)
            return await carry_out(shop, merge, "sweep", Why(actor="core"), how)
        except MovedOn:
            continue
    raise busy()


async def _change_nothing(
    tx: Transaction, shop: Shop, merge: Merge, seen: Sequence[Alias], why: Why
) -> None:
    """A sweep moves accounts alone."""


def busy() -> MembersBusy:
    """Others were faster every time."""
    return MembersBusy(
        "Their accounts or merges keep changing.", next_step="Try again in a moment."
    )


async def _merge_that_did_it(reader: Reads, source: str, target: str) -> Merge:
    """The merge that made one of two; where it took several, the one of the younger step."""
    for member in (source, target):
        alias = await alias_of(reader, member)
        if alias is not None:
            found = await reader.one_as(Row, sql.MERGE, alias.merge_id)
            if found is not None:
                return found.merge()
    raise MovedOn


class Row(msgspec.Struct, frozen=True):
    """A merge as it is kept."""

    id: str
    kind: Kind
    source: str
    target: str
    of: str | None

    def merge(self) -> Merge:
        """The same as plugins hear of it."""
        kind: Literal["merge", "part"] = "part" if self.kind == "part" else "merge"
        return Merge(id=self.id, kind=kind, source=self.source, target=self.target, of=self.of)

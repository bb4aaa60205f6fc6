"""Forget a member: every table says what becomes of its rows, and here it becomes of them.

A pass finds the rows, then writes in one transaction, so a pass that is killed changed nothing.
Passes follow until there is nothing left to change: whatever the member still did while the first
one looked is found by the next. Done again it does nothing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from jishi.db import Transaction, Value
from jishi.dossiers.gather import gather
from jishi.dossiers.register import personal_tables
from jishi.dossiers.structs import Dossier, Erased, Found
from jishi.events import Happened, emit
from jishi.personal import PersonalTable
from jishi.shop import Shop

PASSES = 5
"""More are never needed by a member whose tokens the first one took."""


class _Plan(msgspec.Struct, frozen=True):
    """What one pass writes: keys of rows to delete and to blank, by table."""

    delete: Mapping[str, Sequence[Sequence[Value]]]
    blank: Mapping[str, Sequence[Sequence[Value]]]


async def erase_member(shop: Shop, member_id: str) -> Erased:
    """Forget a member in every table of the core and of the plugins, by their declarations.

    Whether he may be forgotten (`objections_to_erasure`) is the caller's to ask before. Tells
    ``member.erased`` once.

    Args:
        shop: The shop.
        member_id: The member's id; those merged into him are forgotten with him.

    Raises:
        RuntimeError: After `PASSES` passes there is still something that changes; try again.
    """
    tables = personal_tables(shop)
    deleted: Counter[str] = Counter()
    blanked: Counter[str] = Counter()
    for _ in range(PASSES):
        dossier = await gather(shop, member_id)
        plan = _planned(dossier)
        gone, blank = await _write(shop, tables, plan)
        deleted.update(gone)
        blanked.update(blank)
        if not gone and not blank:  # what is left waits for its job to be done
            await _tell(shop, dossier, member_id)
            return Erased(deleted=deleted, blanked=blanked, kept=_kept(dossier))
    raise RuntimeError(f"member {member_id} still does things; the erasure is tried again")


def blanks(table: PersonalTable) -> dict[str, str | int | None]:
    """The columns that an erasure blanks, and with what."""
    return {
        column: each.blank for column, each in table.personal.items() if each.erasure == "blank"
    }


def blanking(table: PersonalTable) -> str:
    """The statement that blanks one row: its key first, then the blank values."""
    place = len(table.key)
    pairs = [f'"{column}" = ${place + n}' for n, column in enumerate(blanks(table), 1)]
    return f'UPDATE "{table.table}" SET {", ".join(pairs)} WHERE {_this_row(table)}'  # noqa: S608  declared names


def deleting(table: PersonalTable) -> str:
    """The statement that deletes one row by its key."""
    return f'DELETE FROM "{table.table}" WHERE {_this_row(table)}'  # noqa: S608  declared names


def children_first(tables: Mapping[str, PersonalTable]) -> list[PersonalTable]:
    """Tables in an order in which no row goes before those that refer to it."""
    depths: dict[str, int] = {}

    def depth(name: str, above: frozenset[str] = frozenset()) -> int:
        if name not in depths:
            parents = {
                way.to
                for way in tables[name].belongs
                if way.to in tables and way.to not in above | {name}
            }
            depths[name] = 1 + max((depth(one, above | {name}) for one in parents), default=0)
        return depths[name]

    return sorted(tables.values(), key=lambda each: (-depth(each.table), each.table))


def _planned(dossier: Dossier) -> _Plan:
    delete: dict[str, Sequence[Sequence[Value]]] = {}
    blank: dict[str, Sequence[Sequence[Value]]] = {}
    for name, found in dossier.found.items():
        if found.table.erasure == "delete":
            delete[name] = found.keys
        elif found.table.erasure == "columns" and (keys := _to_blank(found)):
            blank[name] = keys
    return _Plan(delete, blank)


def _to_blank(found: Found) -> list[Sequence[Value]]:
    """Rows that still say something."""
    wanted = blanks(found.table)
    places = {name: found.columns.index(name) for name in wanted}
    return [
        key
        for key, row in zip(found.keys, found.rows, strict=True)
        if any(row[place] != wanted[name] for name, place in places.items())
    ]


async def _write(
    shop: Shop, tables: Mapping[str, PersonalTable], plan: _Plan
) -> tuple[Counter[str], Counter[str]]:
    """Rows deleted and rows blanked, by table."""

    async def work(tx: Transaction) -> tuple[Counter[str], Counter[str]]:
        deleted: Counter[str] = Counter()
        blanked: Counter[str] = Counter()
        for table in children_first(tables):
            name = table.table
            for key in plan.delete.get(name, ()):
                deleted[name] += await tx.execute(deleting(table), *key)
            for key in plan.blank.get(name, ()):
                blanked[name] += await tx.execute(blanking(table), *key, *blanks(table).values())
        return +deleted, +blanked

    return await shop.database.atomically(work)


def _this_row(table: PersonalTable) -> str:
    same = [f'"{column}" = ${n}' for n, column in enumerate(table.key, 1)]
    only = f" AND {table.erasure_only}" if table.erasure_only else ""
    return " AND ".join(same) + only


def _kept(dossier: Dossier) -> dict[str, tuple[int, str]]:
    return {
        name: (len(found.keys), found.table.because)
        for name, found in dossier.found.items()
        if found.table.because
    }


async def _tell(shop: Shop, dossier: Dossier, member_id: str) -> None:
    """Say it once: plugins with something outside of the database forget him as well."""
    told = Happened(
        name="member.erased",
        subject=member_id,
        data={"member": member_id, "ids": list(dossier.ids)},
        key=f"member.erased:{member_id}",
    )

    async def work(tx: Transaction) -> None:
        await emit(tx, shop, [told])

    await shop.database.atomically(work)

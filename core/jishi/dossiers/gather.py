"""Find every row about a member, in every table of every room and plugin."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from jishi.db import Database, Dialect, Value
from jishi.dossiers.register import personal_tables
from jishi.dossiers.structs import Dossier, Found
from jishi.dossiers.unsealing import opened
from jishi.membership import member_ids
from jishi.personal import IDENTITY, MEMBER, Belongs, PersonalTable
from jishi.shop import Shop

_SOME = 200
"""Values asked for in one statement."""

_FEW = 20
"""Values looked for inside texts in one statement."""

_WITHIN: dict[Dialect, str] = {"sqlite": "instr({}, {}) > 0", "postgresql": "strpos({}, {}) > 0"}

_SHORTEST = 5
"""Shorter identities are looked for as a whole only: they would be found in anybody's text."""

Rows = dict[tuple[Value, ...], tuple[Value, ...]]


async def gather(shop: Shop, member_id: str) -> Dossier:
    """Everything known about a member, under every id he ever had.

    Reads only; what is committed meanwhile may be in it or not.

    Args:
        shop: The shop.
        member_id: The member's id, also when he is erased already.
    """
    ids = await member_ids(shop.database, member_id) or (member_id,)
    search = _Search(shop.database, personal_tables(shop), tuple(dict.fromkeys((*ids, member_id))))
    while await search.widen():
        pass
    return search.result()


class _Search:
    """Follows what rows belong to until nothing new turns up.

    Args:
        database: The shop's.
        tables: The declarations.
        ids: Every id of the member.
    """

    def __init__(
        self, database: Database, tables: Mapping[str, PersonalTable], ids: tuple[str, ...]
    ) -> None:
        self._database = database
        self._tables = [each for each in tables.values() if each.about == "member"]
        self._known: dict[str, set[str]] = {MEMBER: set(ids), IDENTITY: set()}
        self._ids = ids
        self._rows: dict[str, Rows] = {each.table: {} for each in self._tables}
        self._asked: dict[tuple[str, Belongs], set[str]] = {}

    async def widen(self) -> bool:
        """Ask about what was found last; False when there is nothing more to ask."""
        grew = False
        for table in self._tables:
            for way in table.belongs:
                asked = self._asked.setdefault((table.table, way), set())
                new = sorted(self._known.get(way.to, set()) - asked)
                if new:
                    asked.update(new)
                    grew = await self._ask(table, way, self._as_stored(way, new)) or grew
        return grew

    def result(self) -> Dossier:
        """What was found, opened."""
        found = {
            each.table: _found(self._database, each, self._rows[each.table])
            for each in self._tables
            if self._rows[each.table]
        }
        identities = tuple(sorted(self._known[IDENTITY]))
        return Dossier(ids=self._ids, identities=identities, found=found)

    async def _ask(self, table: PersonalTable, way: Belongs, values: Sequence[str]) -> bool:
        rows, before = self._rows[table.table], len(self._rows[table.table])
        selected = ", ".join(f'"{each}"' for each in _selected(table))
        for condition, arguments in self._conditions(way, values):
            sql = f'SELECT {selected} FROM "{table.table}" WHERE {condition}'  # noqa: S608  declared names
            for row in await self._database.fetch(sql, *arguments):
                rows[row[: len(table.key)]] = row
        self._learn(table, rows)
        return len(rows) > before

    def _as_stored(self, way: Belongs, values: Sequence[str]) -> Sequence[str]:
        opener = self._database.opener
        if not way.printed or opener is None:
            return values
        return [opener.fingerprint(each, way.printed) for each in values]

    def _conditions(
        self, way: Belongs, values: Sequence[str]
    ) -> Iterator[tuple[str, Sequence[list[str] | str]]]:
        if way.how == "is":
            for some in _parts(values, _SOME):
                yield f'"{way.column}" = ANY($1)', [list(some)]
            return
        long = [each for each in values if len(each) >= _SHORTEST]
        within = _WITHIN[self._database.dialect]
        for some in _parts(long, _FEW):
            places = [within.format(f'"{way.column}"', f"${n}") for n in range(1, len(some) + 1)]
            yield " OR ".join(places), some

    def _learn(self, table: PersonalTable, rows: Rows) -> None:
        """Rows of other tables may belong to these; their values may recognise the member."""
        self._known[table.table] = {str(key[0]) for key in rows}
        names = _selected(table)
        for column, each in table.personal.items():
            if each.identifies == "yes":
                place = names.index(column)
                for key, row in rows.items():
                    text = opened(self._database, table, names, key, row)[place]
                    if isinstance(text, str) and text:
                        self._known[IDENTITY].add(text)


def _selected(table: PersonalTable) -> tuple[str, ...]:
    """The key first, then every declared column."""
    return (*table.key, *sorted(table.columns - set(table.key)))


def _found(database: Database, table: PersonalTable, rows: Rows) -> Found:
    names = _selected(table)
    return Found(
        table=table,
        columns=names,
        rows=tuple(opened(database, table, names, key, row) for key, row in rows.items()),
        keys=tuple(rows),
    )


def _parts(values: Collection[str], size: int) -> Iterator[list[str]]:
    listed = list(values)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]

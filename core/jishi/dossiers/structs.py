"""What flows through dossiers."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from jishi.db import Value
from jishi.personal import PersonalTable


class Leaving(msgspec.Struct, frozen=True, kw_only=True):
    """A member who wants to be forgotten.

    Attributes:
        member: His id.
        ids: Every id he ever had: his own and those merged into him.
    """

    member: str
    ids: tuple[str, ...]


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who works here was shown personal data.

    Attributes:
        id: Names the look, the same when it is told twice.
        staff: Who looked.
        kind: ``member`` or ``order``.
        subjects: The ids of the members or orders that were shown.
        request_id: Names the request in the logs.
        address: From which network address.
        at: When, UTC.
    """

    id: str
    staff: str
    kind: str
    subjects: tuple[str, ...]
    request_id: str
    address: str
    at: datetime


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A member's rows in one table.

    Attributes:
        table: The table's declaration.
        columns: The declared columns, in the order of the rows' values.
        rows: Their values, opened where they are sealed.
        keys: The rows' primary keys, in the same order.
    """

    table: PersonalTable
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    keys: tuple[tuple[Value, ...], ...]

    @property
    def readable(self) -> tuple[str, ...]:
        """The columns that are his to read: no hashes of tokens."""
        personal = self.table.personal
        return tuple(
            name for name in self.columns if name not in personal or personal[name].export == "yes"
        )

    def records(self) -> list[dict[str, Value]]:
        """The rows as he may read them, by column."""
        readable = self.readable
        named = (dict(zip(self.columns, row, strict=True)) for row in self.rows)
        return [{name: one[name] for name in readable} for one in named]


class Dossier(msgspec.Struct, frozen=True, kw_only=True):
    """Everything known about a member.

    Attributes:
        ids: Every id he ever had.
        identities: What he is recognised by.
        found: His rows, by table; tables without any are left out.
    """

    ids: tuple[str, ...]
    identities: tuple[str, ...]
    found: Mapping[str, Found]


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a member's rows.

    Attributes:
        deleted: Rows that are gone, by table.
        blanked: Rows whose personal columns are blank, by table.
        kept: Rows that stay as they are, by table, with the reason.
    """

    deleted: Mapping[str, int]
    blanked: Mapping[str, int]
    kept: Mapping[str, tuple[int, str]]

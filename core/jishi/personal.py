"""What a table knows about people: declared by whoever owns it, for export, erasure, retention.

Every table of every room and plugin is declared once. A table about people names every column,
so that a new one cannot be forgotten; one about goods or machines says so with `impersonal`.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

MEMBER = "member"
"""A column that holds a member's id belongs to him."""

IDENTITY = "identity"
"""A column that holds, or mentions, what a member is recognised by: his phone, an openid."""


class Belongs(msgspec.Struct, frozen=True, kw_only=True):
    """How a row belongs to a member; one way of perhaps several.

    Attributes:
        column: The column that says it.
        to: What it holds: `MEMBER`, `IDENTITY`, or a table's name, whose key it holds.
        how: ``is``: the whole value; ``mentions``: somewhere in a text or an id
            (``points:<member>:…``). Mentions are looked for without an index.
        printed: Where fingerprints stand for the texts: their purpose.
    """

    column: str
    to: str = MEMBER
    how: Literal["is", "mentions"] = "is"
    printed: str = ""


class Personal(msgspec.Struct, frozen=True, kw_only=True):
    """A column that says something about a person.

    Attributes:
        says: What, in plain words: ``telephone number``.
        erasure: ``blank``: it becomes ``blank``; ``keep``: it stays, and ``because`` says why.
        blank: What stands there after the erasure.
        because: Why it stays: the law and the period, or that it names nobody any more.
        identifies: ``yes`` when it recognises the person wherever it stands.
        export: ``no`` for what is nobody's to read: hashes of tokens, keys.
    """

    says: str
    erasure: Literal["blank", "keep"] = "blank"
    blank: str | int | None = ""
    because: str = ""
    identifies: Literal["no", "yes"] = "no"
    export: Literal["yes", "no"] = "yes"

    def __post_init__(self) -> None:
        if self.erasure == "keep" and not self.because:
            raise ValueError(f"the column about {self.says!r} is kept; say because of what")


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """How long rows are kept.

    Attributes:
        column: The moment to count from; rows without one stay.
        days: How many days when the merchant says nothing; 0: for ever.
        least: The law's fewest days; the merchant cannot set less.
        does: What becomes of a row: it goes, or its personal columns are blanked.
        only: A condition on further columns, in SQL, for instance ``status = 'completed'``.
    """

    column: str
    days: int
    least: int = 0
    does: Literal["delete", "blank"] = "delete"
    only: str = ""


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """Columns that are sealed at rest (`jishi.sealing`).

    Attributes:
        column: Holds the sealed text.
        found_by: Keeps a fingerprint where rows are sealed together; empty for a text of its own.
        others: What is sealed along with it.
        row: ``yes`` when a text is sealed for its row alone.
        fingerprint: The column that keeps the text's fingerprint, sealed or not; its purpose is
            ``<table>.<column>``. Empty for a text that is not looked up.
    """

    column: str
    found_by: str = ""
    others: tuple[str, ...] = ()
    row: Literal["yes", "no"] = "yes"
    fingerprint: str = ""


class PersonalTable(msgspec.Struct, frozen=True, kw_only=True):
    """What one table knows about people.

    Attributes:
        table: Its name.
        title: What its rows are, for the person who reads them: English and Chinese.
        about: Whom: members (and guests), staff, or ``nobody``.
        key: Its primary key.
        belongs: How rows belong to a member; any one of them is enough.
        personal: The columns that say something about a person.
        plain: The other columns.
        erasure: What becomes of a member's rows: ``delete``; ``columns``: each column as it says;
            ``keep``: nothing, ``because`` of what is said there.
        because: Why rows stay.
        erasure_only: A condition, in SQL, of the rows that an erasure touches.
        retention: How long rows are kept at all; None: the room looks after it, or for ever.
        sealed: What is sealed at rest.
    """

    table: str
    title: tuple[str, str]
    about: Literal["member", "staff", "nobody"] = "member"
    key: tuple[str, ...] = ("id",)
    belongs: tuple[Belongs, ...] = ()
    personal: Mapping[str, Personal] = {}
    plain: tuple[str, ...] = ()
    erasure: Literal["delete", "columns", "keep"] = "delete"
    because: str = ""
    erasure_only: str = ""
    retention: Retention | None = None
    sealed: tuple[Sealed, ...] = ()

    def __post_init__(self) -> None:
        if self.erasure == "keep" and not self.because:
            raise ValueError(f"rows of {self.table} stay after an erasure; say because of what")
        if twice := set(self.personal) & set(self.plain):
            raise ValueError(f"{self.table} calls {sorted(twice)} both personal and plain")

    @property
    def columns(self) -> frozenset[str]:
        """The columns that are declared; a table about nobody need not name any."""
        return frozenset(self.personal) | frozenset(self.plain)


def impersonal(table: str, about: str, *, key: tuple[str, ...] = ("id",)) -> PersonalTable:
    """A table that knows nobody.

    Args:
        table: Its name.
        about: What it is about instead: ``goods``, ``the shop's own settings``.
        key: Its primary key.
    """
    return PersonalTable(
        table=table, title=(about, about), about="nobody", key=key, erasure="keep", because=about
    )


def of_staff(table: str, about: str, *, key: tuple[str, ...] = ("id",)) -> PersonalTable:
    """A table about people who work here; members are not in it."""
    return PersonalTable(
        table=table, title=(about, about), about="staff", key=key, erasure="keep", because=about
    )


def undeclared(
    schema: Mapping[str, frozenset[str]], declared: Mapping[str, PersonalTable]
) -> list[str]:
    """What a database has and nobody declared, and what is declared and is not there.

    Args:
        schema: The columns of every table that is there.
        declared: The declarations by table.

    Returns:
        A sentence each; nothing when all is said.
    """
    said = [f"the table {name} is not declared" for name in sorted(schema.keys() - set(declared))]
    for name, one in sorted(declared.items()):
        if name not in schema:
            said.append(f"{name} is declared, but there is no such table")
        elif one.about == "member":
            said += _columns_missing(one, schema[name])
    return said


def _columns_missing(one: PersonalTable, there: frozenset[str]) -> list[str]:
    named = one.columns | set(one.key) | {each.column for each in one.belongs}
    said = [f"{one.table}.{column} is not declared" for column in sorted(there - one.columns)]
    said += [f"{one.table}.{column} is not there" for column in sorted(named - there)]
    if one.erasure != "keep" and not one.belongs:
        said.append(f"rows of {one.table} belong to nobody: say how in belongs=(…)")
    return said

"""Whether a database keeps what it promises to keep; `jishi doctor` prints the answers."""

import msgspec

from jishi.db.database import Database

_SQLITE = {
    "journal_mode": ("wal",),
    "synchronous": ("2", "3"),
    "foreign_keys": ("1",),
}
_POSTGRESQL = {
    "fsync": ("on",),
    "full_page_writes": ("on",),
    "synchronous_commit": ("on", "local", "remote_write", "remote_apply"),
    "server_encoding": ("UTF8",),
}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One setting that decides whether an acknowledged order survives a power cut.

    Attributes:
        name: The database's own name for it.
        value: What it is.
        expected: Any of these is safe.
    """

    name: str
    value: str
    expected: tuple[str, ...]

    @property
    def is_safe(self) -> bool:
        """Whether the value is one of those expected."""
        return self.value in self.expected


async def durability(database: Database) -> list[Finding]:
    """Read the settings of the connection that writes."""
    is_sqlite = database.dialect == "sqlite"
    findings = []
    async with database.transaction() as tx:
        for name, expected in (_SQLITE if is_sqlite else _POSTGRESQL).items():
            statement = f"PRAGMA {name}" if is_sqlite else f"SHOW {name}"
            [(value,)] = await tx.fetch(statement)
            findings.append(Finding(name=name, value=str(value), expected=expected))
    return findings

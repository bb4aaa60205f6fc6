"""Draws of a session: opened with a commitment, entered, closed, and published whole."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from jishi.db import Value
from jishi.effects import Debit, DeskEffect, Event, Open
from jishi.identifiers import new_id
from jishi.plugins import Desk, Writing
from jishi.problems import Clash, Invalid, NotFound, OutOfService
from jishi_live_stream import accounts, sql
from jishi_live_stream.claim_coupon import NotLive
from jishi_live_stream.draws import (
    MILLION,
    Entry,
    Prize,
    Proof,
    commitment_of,
    digest_of,
    draw_lottery,
    seed_of,
)
from jishi_live_stream.settings import LiveStreamSettings
from jishi_live_stream.structs import Draw, DrawPlan, Session
from jishi_live_stream.tables import DrawTable, WinTable

_plan = msgspec.json.Decoder(DrawPlan)
_WIN = ("draw", "number", "member", "prize", "title", "state", "decided_at", "ended_at")


class NoSuchDraw(NotFound):
    """There is no such draw."""

    code = "draw_not_found"
    title = "There is no such draw"


class DrawClosed(Clash):
    """Nobody can take part any more."""

    code = "draw_closed"
    title = "The draw is closed"


class DrawOpen(Clash):
    """The draw still takes entries; its seed is secret until it is closed."""

    code = "draw_open"
    title = "The draw is still open"


class SeedLost(OutOfService):
    """The plugin's secret is another one than when the draw was opened."""

    code = "draw_seed_lost"
    title = "The draw's seed is not here"


class DrawRow(msgspec.Struct, frozen=True):
    """A draw as it is stored."""

    id: str
    session: str
    plan: str
    state: Literal["open", "closed"]
    commitment: str
    beacon: str
    digest: str
    entries: int
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None
    claim_until: datetime | None


def draw_of(row: DrawRow) -> Draw:
    """A draw from its row."""
    return Draw(**{**msgspec.structs.asdict(row), "plan": _plan.decode(row.plan)})


async def find_draw(desk: Desk, draw: str) -> Draw:
    """A draw by its id.

    Raises:
        NoSuchDraw: There is none.
    """
    row = await desk.one_as(DrawRow, sql.DRAW, draw)
    if row is None:
        raise NoSuchDraw(f"There is no draw {draw[:64]!r}.")
    return draw_of(row)


async def draws_of(desk: Desk, session: str) -> list[Draw]:
    """A session's draws, the oldest first."""
    return [draw_of(row) for row in await desk.fetch_as(DrawRow, sql.DRAWS, session)]


async def locked(w: Writing, draw: str) -> Draw:
    """A draw that nobody else enters or closes until the transaction ends.

    Raises:
        NoSuchDraw: There is none.
    """
    rows = await w.fetch(sql.LOCK_DRAW, draw)
    if not rows:
        raise NoSuchDraw
    return draw_of(DrawRow(*rows[0]))  # type: ignore[arg-type]  # its columns


async def open_draw(
    desk: Desk, session: Session, plan: DrawPlan, settings: LiveStreamSettings, who: str
) -> Draw:
    """Open a draw: from now on its rules and its seed are fixed, and the seed's hash is public.

    Raises:
        NotLive: The session is not live.
        Invalid: The plan cannot be kept.
    """
    now = desk.now()
    if not session.is_live(now):
        raise NotLive("A draw is opened while its session is live.")
    _check(plan, session, now)
    draw = new_id()
    commitment = commitment_of(draw, seed_of(settings.secret.reveal(), draw))
    text = msgspec.json.encode(plan).decode()
    columns = (
        "id", "session", "plan", "state", "commitment", "opened_by", "opened_at", "closes_at",
        "beacon", "digest", "entries", "closed_at", "claim_until_at",
    )  # fmt: skip
    row = (
        draw, session.id, text, "open", commitment, who, now, plan.closes_at,
        "", "", 0, None, None,
    )  # fmt: skip

    async def work(w: Writing) -> None:
        await w.insert(DrawTable, columns, [row])
        await w.apply(
            [_prizes(draw, place, one.quantity) for place, one in enumerate(plan.prizes)]
        )

    await desk.atomically(work)
    return await find_draw(desk, draw)


async def tell_beacon(desk: Desk, draw: str, beacon: str) -> Draw:
    """Write down the public number of a lottery, once, before it is drawn.

    Raises:
        DrawClosed: It is drawn, or has its number.
        Invalid: Nobody promised one.
    """
    found = await find_draw(desk, draw)
    if not found.plan.beacon_rule:
        raise Invalid("This draw was opened without a beacon.", field="beacon")

    async def work(w: Writing) -> int:
        return await w.execute(sql.BEACON, draw, beacon)

    if not await desk.atomically(work):
        raise DrawClosed("The draw is closed, or its number is known already.")
    return await find_draw(desk, draw)


async def close_draw(desk: Desk, draw: str, settings: LiveStreamSettings) -> Draw:
    """Close a draw and, in a lottery, find the winners; a second time changes nothing.

    Raises:
        Invalid: It waits for its beacon.
    """

    async def work(w: Writing) -> None:
        found = await locked(w, draw)
        if found.state == "closed":
            return
        if found.plan.kind == "lottery" and found.plan.beacon_rule and not found.beacon:
            raise Invalid(
                f"The draw waits for its public number: {found.plan.beacon_rule}.",
                field="beacon",
                next_step="POST …/beacon first.",
            )
        entries = [Entry(*row) for row in await w.fetch(sql.ENTRIES, draw)]  # type: ignore[arg-type]
        digest = digest_of(entries)
        now = desk.now()
        until = now + timedelta(hours=settings.claim_hours)
        await w.execute(sql.CLOSED, draw, digest, now, until)
        told = Event(
            name="live_stream.draw_closed", data={"session": found.session},
            key=f"{draw}:closed", subject=draw,
        )  # fmt: skip
        effects: list[DeskEffect] = [told]
        if found.plan.kind == "lottery":
            effects += await _draw(w, found, entries, digest, settings, now)
        await w.apply(effects, owner=draw)

    await desk.atomically(work)
    return await find_draw(desk, draw)


async def _draw(
    w: Writing,
    draw: Draw,
    entries: Sequence[Entry],
    digest: str,
    settings: LiveStreamSettings,
    now: datetime,
) -> list[DeskEffect]:
    """Write the winners down; gives what takes their prizes out of the ledger."""
    seed, prizes = seed_for(draw, settings), prizes_of(draw)
    winners = draw_lottery(seed, draw.beacon, digest, entries, prizes)
    if not winners:
        return []
    numbers = sorted(number for number, _ in winners)
    whose = {int(str(number)): str(member) for number, member in await w.fetch(
        sql.MEMBERS, draw.id, numbers
    )}  # fmt: skip
    rows: list[tuple[Value, ...]] = [
        (draw.id, number, whose[number], place, prizes[place].title, "won", now, None)
        for number, place in winners
    ]
    await w.insert(WinTable, _WIN, rows)
    return [
        Debit(
            account=accounts.prize(draw.id, place),
            amount=many,
            key=f"{draw.id}:drawn:{place}",
            reason="drawn",
        )
        for place in range(len(prizes))
        if (many := sum(one == place for _, one in winners))
    ]


def seed_for(draw: Draw, settings: LiveStreamSettings) -> bytes:
    """The seed that a draw's commitment promised.

    Raises:
        SeedLost: The secret was changed since: another seed would look like fraud.
    """
    seed = seed_of(settings.secret.reveal(), draw.id)
    if commitment_of(draw.id, seed) != draw.commitment:
        raise SeedLost(
            "The setting `secret` is another one than when the draw was opened.",
            next_step="Put the old secret back into [plugins.live_stream].",
        )
    return seed


def prizes_of(draw: Draw) -> tuple[Prize, ...]:
    """A draw's prizes, the best first."""
    return tuple(one.prize() for one in draw.plan.prizes)


async def proof_of(desk: Desk, draw: str, settings: LiveStreamSettings) -> Proof:
    """Everything about a closed draw, for everybody.

    Raises:
        DrawOpen: It still takes entries.
    """
    found = await find_draw(desk, draw)
    if found.state == "open":
        raise DrawOpen("The seed is published when the draw is closed.")
    entries = await desk.fetch(sql.ENTRIES, draw)
    winners = await desk.fetch(sql.WINNERS, draw)
    pairs = [(int(str(number)), int(str(place))) for number, place in winners]
    order = (lambda pair: pair[0]) if found.plan.kind == "rain" else None
    if found.plan.kind == "lottery":
        pairs = _as_drawn(found, pairs, entries, settings)
    return Proof(
        draw=found.id,
        kind=found.plan.kind,
        commitment=found.commitment,
        prizes=prizes_of(found),
        top_per_person=found.plan.top_per_person,
        beacon_rule=found.plan.beacon_rule,
        beacon=found.beacon,
        seed=seed_for(found, settings).hex(),
        digest=found.digest,
        entries=tuple(Entry(*row) for row in entries),  # type: ignore[arg-type]  # its columns
        winners=tuple(sorted(pairs, key=order) if order else pairs),
    )


def _as_drawn(
    draw: Draw,
    pairs: Sequence[tuple[int, int]],
    rows: Sequence[tuple[Value, ...]],
    settings: LiveStreamSettings,
) -> list[tuple[int, int]]:
    """The winners that are written down, in the order of the draw where they are the same."""
    entries = [Entry(*row) for row in rows]  # type: ignore[arg-type]  # its columns
    seed = seed_for(draw, settings)
    drawn = draw_lottery(seed, draw.beacon, draw.digest, entries, prizes_of(draw))
    return drawn if sorted(drawn) == sorted(pairs) else sorted(pairs)


def _prizes(draw: str, place: int, many: int) -> Open:
    account = accounts.prize(draw, place)
    return Open(account=account, unit="prize", key=account, balance=many)


def _check(plan: DrawPlan, session: Session, now: datetime) -> None:
    if plan.closes_at.tzinfo is None or plan.closes_at <= now:
        raise Invalid("It closes in the past, or has no zone.", field="closes_at")
    if plan.kind == "rain" and not 0 < sum(one.odds for one in plan.prizes) <= MILLION:
        raise Invalid(f"A rain's odds sum to 1 to {MILLION} parts per million.", field="prizes")
    if plan.kind == "lottery" and any(one.odds for one in plan.prizes):
        raise Invalid("A lottery's chances follow from its entries; no odds.", field="prizes")
    if plan.kind == "rain" and plan.beacon_rule:
        raise Invalid("A rain decides at once and waits for no beacon.", field="beacon_rule")
    for one in plan.prizes:
        if one.gives == "coupon" and session.coupon(one.coupon) is None:
            raise Invalid(f"The session has no coupon {one.coupon!r}.", field="prizes")
        if one.gives == "voucher" and session.plan.store is None:
            raise Invalid("A voucher needs the session's store.", field="prizes")

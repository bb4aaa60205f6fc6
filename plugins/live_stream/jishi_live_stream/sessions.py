"""Sessions: written down, live, ended; who did it, and when."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from jishi.db import Value
from jishi.effects import Debit, DeskEffect, Event, Open
from jishi.identifiers import new_id
from jishi.plugins import Desk, NotEnough, Writing
from jishi.problems import Clash, Invalid, NotFound
from jishi_live_stream import accounts, sql
from jishi_live_stream.structs import Plan, Session
from jishi_live_stream.tables import SessionTable

_plan = msgspec.json.Decoder(Plan)
_TRIES = 50


class SessionFixed(Clash):
    """A session that is live, or over, is not changed any more."""

    code = "session_fixed"
    title = "The session is not a draft any more"


class NoSuchSession(NotFound):
    """There is no such session."""

    code = "session_not_found"
    title = "There is no such session"


class _Row(msgspec.Struct, frozen=True):
    id: str
    plan: str
    state: Literal["draft", "live", "ended"]
    created_by: str
    opened_by: str
    opened_at: datetime | None
    ended_by: str
    ended_at: datetime | None
    ended_because: str


async def sessions(desk: Desk, statement: str, *args: Value) -> list[Session]:
    """The sessions that a statement finds."""
    rows = await desk.fetch_as(_Row, statement, *args)
    return [
        Session(**{**msgspec.structs.asdict(row), "plan": _plan.decode(row.plan)}) for row in rows
    ]


async def find_session(desk: Desk, session: str) -> Session:
    """A session by its id.

    Raises:
        NoSuchSession: There is none.
    """
    found = await sessions(desk, sql.SESSION, session)
    if not found:
        raise NoSuchSession(f"There is no session {session[:64]!r}.")
    return found[0]


async def write_down(desk: Desk, plan: Plan, who: str) -> Session:
    """Keep a new session as a draft.

    Raises:
        Invalid: It cannot be kept.
    """
    check(plan)
    text = msgspec.json.encode(plan).decode()
    columns = (
        "id", "plan", "state", "created_by", "ends_at", "opened_by", "opened_at", "ended_by",
        "ended_at", "ended_because",
    )  # fmt: skip
    row = (new_id(), text, "draft", who, plan.ends_at, "", None, "", None, "")

    async def work(w: Writing) -> None:
        await w.insert(SessionTable, columns, [row])

    await desk.atomically(work)
    return await find_session(desk, row[0])


async def write_anew(desk: Desk, session: str, plan: Plan) -> Session:
    """Change a draft.

    Raises:
        SessionFixed: It is live, or over.
    """
    check(plan)
    text = msgspec.json.encode(plan).decode()
    found = await find_session(desk, session)

    async def work(w: Writing) -> int:
        return await w.execute(sql.REPLAN, session, text, plan.ends_at)

    if not await desk.atomically(work):
        raise SessionFixed(
            f"The session is {found.state}.", next_step="End it and write another one down."
        )
    return await find_session(desk, session)


async def go_live(desk: Desk, session: str, who: str) -> Session:
    """Have the session's prices and coupons hold from now on.

    Raises:
        SessionFixed: It is live already, or over.
        Invalid: It would be over already.
    """
    found, now = await find_session(desk, session), desk.now()
    if found.state == "draft" and found.plan.ends_at <= now:
        raise Invalid("It would be over already.", field="ends_at")

    async def work(w: Writing) -> None:
        if not await w.execute(sql.OPENED, session, who, now):
            raise SessionFixed(f"The session is {found.state}.")
        data: dict[str, str | int | None] = {"channel": found.plan.channel}
        told = Event(
            name="live_stream.session_opened", data=data, key=f"{session}:live", subject=session
        )
        await w.apply([*_stock(found), told], owner=session)

    await desk.atomically(work)
    return await find_session(desk, session)


async def end_session(desk: Desk, session: str, who: str, because: str = "") -> Session:
    """End a session: nobody new gets its prices or coupons; orders placed before keep them.

    Raises:
        SessionFixed: It was never live.
    """
    found = await find_session(desk, session)
    if found.state == "draft":
        raise SessionFixed("The session was never live.", next_step="There is nothing to end.")
    for _ in range(_TRIES):
        try:
            await desk.atomically(lambda w: _end(w, desk, found, who, because))
        except NotEnough:
            continue  # somebody claimed one between our look and our touch
        break
    return await find_session(desk, session)


async def _end(w: Writing, desk: Desk, session: Session, who: str, because: str) -> None:
    if not await w.execute(sql.ENDED, session.id, who, desk.now(), because):
        return
    named = {
        coupon.code: accounts.coupons(session.id, coupon.code) for coupon in session.plan.coupons
    }
    named |= {
        f"card:{card.sku}": accounts.card(session.id, card.sku)
        for card in session.plan.cards
        if card.pieces
    }  # an order that is on its way comes too late
    stands = await w.balances(named.values())
    effects: list[DeskEffect] = [
        Debit(
            account=account,
            amount=stands[account].available,
            key=f"{session.id}:unclaimed:{code}",
            reason="the session ended",
        )
        for code, account in named.items()
        if stands[account].available
    ]
    told = Event(
        name="live_stream.session_ended", data={}, key=f"{session.id}:ended", subject=session.id
    )
    await w.apply([*effects, told], owner=session.id)


def _stock(session: Session) -> list[DeskEffect]:
    """What can run out in a session."""
    made: list[DeskEffect] = []
    for card in session.plan.cards:
        if card.pieces:
            account = accounts.card(session.id, card.sku)
            made.append(Open(account=account, unit="piece", key=account, balance=card.pieces))
    for coupon in session.plan.coupons:
        account = accounts.coupons(session.id, coupon.code)
        made.append(Open(account=account, unit="coupon", key=account, balance=coupon.quantity))
    for slot in session.plan.slots:
        account = accounts.slot(session.id, slot.code)
        made.append(Open(account=account, unit="person", key=account, balance=slot.people))
    return made


def coupons_hold(session: Session, now: datetime, minutes: int) -> bool:
    """Whether claimed coupons can be used.

    Args:
        session: The session.
        now: The moment, UTC.
        minutes: How long they are good after its end.
    """
    if session.is_live(now):
        return True
    ended = min(session.ended_at or session.plan.ends_at, session.plan.ends_at)
    return session.state != "draft" and now < ended + timedelta(minutes=minutes)


def check(plan: Plan) -> None:
    """Refuse a plan that cannot be kept.

    Raises:
        Invalid: Times without a zone or the wrong way round, a name twice, a coupon that gives
            nothing, slots without a store.
    """
    moments = (plan.starts_at, plan.ends_at, *(slot.starts_at for slot in plan.slots))
    if any(moment.tzinfo is None for moment in moments):
        raise Invalid("Times need a zone, such as 2026-11-11T20:00:00+08:00.", field="starts_at")
    if plan.ends_at <= plan.starts_at:
        raise Invalid("It ends before it begins.", field="ends_at")
    for field, names in (
        ("cards", [card.sku for card in plan.cards]),
        ("coupons", [coupon.code for coupon in plan.coupons]),
        ("slots", [slot.code for slot in plan.slots]),
    ):
        if len(set(names)) < len(names):
            raise Invalid("Something is named twice.", field=field)
    if any(bool(coupon.off) == bool(coupon.percent) for coupon in plan.coupons):
        raise Invalid("A coupon has `off` or `percent`, and not both.", field="coupons")
    if plan.slots and plan.store is None:
        raise Invalid("Slots need a store.", field="store")

"""Member days: viewers who come to the store, with a code and, where there are slots, a time."""

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Literal

import msgspec

from jishi.effects import Credit, Debit, Event
from jishi.identifiers import new_id
from jishi.plugins import Desk, Writing
from jishi.problems import Clash, Forbidden, Invalid, NotFound
from jishi_live_stream import accounts, sql
from jishi_live_stream.claim_coupon import NotLive
from jishi_live_stream.sessions import find_session
from jishi_live_stream.settings import LiveStreamSettings
from jishi_live_stream.structs import Session
from jishi_live_stream.tables import VisitTable

State = Literal["booked", "came", "cancelled"]
_COLUMNS = (
    "id", "session", "store", "member", "slot", "hash", "state", "why", "turn",
    "booked_at", "ended_by", "ended_at",
)  # fmt: skip


class NoSuchVisit(NotFound):
    """There is no such visit."""

    code = "visit_not_found"
    title = "There is no such visit"


class VisitOver(Clash):
    """The code was used, or the visit was cancelled."""

    code = "visit_over"
    title = "The visit is over"


class OtherStore(Forbidden):
    """The visit is to another store."""

    code = "visit_other_store"
    title = "This is for another store"


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """A viewer's visit to a store.

    Attributes:
        id: The visit's id.
        session: Where it came from.
        store: The store.
        slot: The time's code; empty without one.
        state: ``booked``, ``came`` or ``cancelled``.
        booked_at: UTC.
        code: What staff of the store scan or type; empty for others than its owner.
    """

    id: str
    session: str
    store: str
    slot: str
    state: State
    booked_at: datetime
    code: str = ""


class _Row(msgspec.Struct, frozen=True):
    id: str
    session: str
    store: str
    slot: str
    state: State
    booked_at: datetime


def code_of(visit: str, settings: LiveStreamSettings) -> str:
    """A visit's code: 16 letters and digits, 80 bits, kept nowhere."""
    secret = settings.secret.reveal().encode()
    found = hmac.digest(secret, f"jishi live stream visit {visit}".encode(), "sha256")
    return base64.b32encode(found[:10]).decode()


def _hash(code: str) -> str:
    return hashlib.sha256(code.strip().upper().replace(" ", "").encode()).hexdigest()


async def book_visit(
    desk: Desk, session: Session, member: str, slot: str, settings: LiveStreamSettings
) -> Visit:
    """Give a viewer his voucher for the store, once per session.

    Args:
        desk: The plugin's.
        session: A live session with a store.
        member: Who will come.
        slot: When; empty where the session has no slots.
        settings: The plugin's.

    Raises:
        NotLive: The session is not live.
        Invalid: It has no store, or no such slot.
        NotEnough: The time is full.
    """
    if not session.is_live(desk.now()):
        raise NotLive("Visits are booked while the session is live.")
    if session.plan.store is None:
        raise Invalid("This session sends nobody to a store.", field="session")
    if slot not in ({one.code for one in session.plan.slots} or {""}):
        raise Invalid("The session has no such time.", field="slot")
    what = (session.id, member, slot, "member_day", settings)
    return await desk.atomically(lambda w: booking(w, desk, *what))


async def booking(
    w: Writing,
    desk: Desk,
    session: str,
    member: str,
    slot: str,
    why: str,
    settings: LiveStreamSettings,
) -> Visit:
    """Write a visit down, or give the one that is there.

    Args:
        w: An open transaction.
        desk: The plugin's.
        session: The session's id.
        member: Who will come.
        slot: When; empty for any time.
        why: ``member_day``, or the draw's entry that gave it; one visit for each.
        settings: The plugin's.
    """
    known = await w.fetch(sql.VISITS_OF, session, member, why)
    if known and known[-1][1] != "cancelled":
        return await _visit(w, str(known[-1][0]), settings)
    found = await find_session(desk, session)
    visit, now = new_id(), desk.now()
    if slot:
        taking = Debit(
            account=accounts.slot(session, slot), amount=1,
            key=f"{session}:{member}:{why}:{len(known)}", reason=f"visit of {member}",
            refusal="这个时间已经约满。",
        )  # fmt: skip
        # The key names the member: two requests at once take one place.
        await w.apply([taking], owner=session)
    hashed = _hash(code_of(visit, settings))
    store = found.plan.store or ""
    turn = len(known)
    row = (visit, session, store, member, slot, hashed, "booked", why, turn, now, "", None)
    await w.insert(VisitTable, _COLUMNS, [row])  # nothing where the other request was first
    made = await w.fetch(sql.VISITS_OF, session, member, why)
    return await _visit(w, str(made[-1][0]), settings)


async def visits_of(desk: Desk, member: str, settings: LiveStreamSettings) -> list[Visit]:
    """A member's visits with their codes, the youngest first."""
    rows = await desk.fetch_as(_Row, sql.VISITS, member)
    return [Visit(**msgspec.structs.asdict(row), code=code_of(row.id, settings)) for row in rows]


async def cancel_visit(desk: Desk, visit: str, member: str) -> None:
    """Give a place back.

    Raises:
        NoSuchVisit: There is none, or it is somebody else's.
        VisitOver: The viewer came already.
    """

    async def work(w: Writing) -> None:
        rows = await w.fetch(sql.VISIT, visit)
        if not rows or rows[0][3] != member:
            raise NoSuchVisit
        _, session, _, _, slot, state = (str(value) for value in rows[0])
        if state == "cancelled":
            return
        if not await w.execute(sql.VISIT_ENDED, visit, "cancelled", "member", desk.now()):
            raise VisitOver("The visit took place.")
        if slot:
            back = Credit(
                account=accounts.slot(session, slot), amount=1, key=f"{visit}:back",
                reason="cancelled",
            )  # fmt: skip
            await w.apply([back], owner=session)

    await desk.atomically(work)


async def welcome(desk: Desk, code: str, store: str, who: str) -> Visit:
    """Staff of the store take a viewer's code, once.

    Args:
        desk: The plugin's.
        code: As scanned or typed.
        store: Where the staff stand.
        who: ``staff:<id>``.

    Raises:
        NoSuchVisit: Nobody has this code.
        OtherStore: It is for another store.
        VisitOver: It was used, or cancelled.
    """

    async def work(w: Writing) -> Visit:
        rows = await w.fetch(sql.VISIT_BY_HASH, _hash(code))
        if not rows:
            raise NoSuchVisit("Nobody has this code.", next_step="Ask to see it again.")
        visit, session, its, member, slot, state = (str(value) for value in rows[0])
        if its != store:
            raise OtherStore(f"This code is for the store {its}.")
        if not await w.execute(sql.VISIT_ENDED, visit, "came", who, desk.now()):
            raise VisitOver(f"The visit is over already: {state}.")
        told = Event(
            name="live_stream.visitor_came",
            data={"member": member, "store": store, "session": session},
            key=f"{visit}:came",
            subject=visit,
        )
        await w.apply([told], owner=session)
        now = desk.now()
        return Visit(
            id=visit, session=session, store=store, slot=slot, state="came", booked_at=now
        )

    return await desk.atomically(work)


async def _visit(w: Writing, visit: str, settings: LiveStreamSettings) -> Visit:
    ((_, session, store, _, slot, state),) = await w.fetch(sql.VISIT, visit)
    ((booked_at,),) = await w.fetch(
        "SELECT booked_at FROM live_stream_visits WHERE id = $1", visit
    )
    fields = {"session": session, "store": store, "slot": slot, "state": state}
    return msgspec.convert(
        {**fields, "id": visit, "booked_at": booked_at, "code": code_of(visit, settings)}, Visit
    )

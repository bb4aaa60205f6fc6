"""How live streams are reached: by viewers, by the operator, by staff of the store."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated

import msgspec
from litestar import Request, get, post, put
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import ServerSentEvent
from litestar.types import ControllerRouterHandler

from jishi.callers import caller_of, require_member, require_staff
from jishi.idempotency import IdempotencyKey, key_of
from jishi.plugins import Desk
from jishi_live_stream import hold_draws, pages, sessions, sql, take_part, visits
from jishi_live_stream.claim_coupon import OwnCoupon, claim_coupon, coupons_of
from jishi_live_stream.claim_prizes import Claimed, claim_prize, winners_of, wins_of
from jishi_live_stream.counting import Counting
from jishi_live_stream.draws import Proof
from jishi_live_stream.memory import Memory
from jishi_live_stream.room_page import room_routes
from jishi_live_stream.settings import LiveStreamSettings
from jishi_live_stream.structs import Draw, DrawPlan, Plan, Session, Win
from jishi_live_stream.take_part import Comment, Imported, Ticket

_Asked = Request[object, object, State]
_Cursor = Annotated[str | None, QueryParameter(max_length=64)]
_BEYOND, _PAGE = "~", 50
_TICK, _STREAM = 1.0, timedelta(minutes=10)
"""Seconds between two counters; how long a stream lasts before the browser asks again."""


class Because(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a session is ended."""

    because: Annotated[str, msgspec.Meta(max_length=500)] = ""


class Said(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A comment."""

    text: Annotated[str, msgspec.Meta(max_length=500)] = ""


class Beacon(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A public number."""

    beacon: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Comments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An operator's list of comments, the oldest first."""

    items: Annotated[tuple[Comment, ...], msgspec.Meta(max_length=100_000)]


class Chosen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a viewer will come."""

    slot: Annotated[str, msgspec.Meta(max_length=64)] = ""


class Welcome(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A viewer's code, and the store that takes it."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    store: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Live(msgspec.Struct, frozen=True, kw_only=True):
    """Sessions that are live now."""

    items: tuple[pages.SessionShown, ...]


class Sessions(msgspec.Struct, frozen=True, kw_only=True):
    """Sessions, the youngest first, and where to go on; ``next`` is None at the end."""

    items: tuple[Session, ...]
    next: str | None


class Wins(msgspec.Struct, frozen=True, kw_only=True):
    """What was won."""

    items: tuple[Win, ...]


class Visits(msgspec.Struct, frozen=True, kw_only=True):
    """A viewer's visits."""

    items: tuple[visits.Visit, ...]


class Coupons(msgspec.Struct, frozen=True, kw_only=True):
    """A session's coupons, with the viewer's own."""

    items: tuple[OwnCoupon, ...]


def viewer_routes(
    desk: Desk, memory: Memory, settings: LiveStreamSettings
) -> list[ControllerRouterHandler]:
    """What viewers do; goods are bought by placing an order with ``live_stream.session``."""
    counting = Counting(desk)

    @get("/sessions", operation_id="live_stream_live")
    async def live(request: _Asked) -> Live:
        """Sessions that are live now."""
        caller = caller_of(request)
        member = caller.id if caller.kind == "member" else None
        now = desk.now()
        found = [one for one in (await memory.lately()).values() if one.is_live(now)]
        return Live(items=tuple([await pages.shown(desk, one, member) for one in found]))

    @get("/sessions/{session:str}", operation_id="live_stream_session")
    async def session_page(request: _Asked, session: FromPath[str]) -> pages.SessionShown:
        """A session: its products, coupons, draws, and the way to the store."""
        caller = caller_of(request)
        member = caller.id if caller.kind == "member" else None
        return await pages.shown(desk, await _public(desk, memory, session), member)

    @get("/sessions/{session:str}/counters", operation_id="live_stream_counters")
    async def stream(session: FromPath[str]) -> ServerSentEvent:
        """Counters, once a second, as server-sent events."""
        await _public(desk, memory, session)
        return ServerSentEvent(_ticking(desk, memory, counting, session), event_type="counters")

    @post(
        "/sessions/{session:str}/coupons/{code:str}",
        status_code=200,
        operation_id="live_stream_claim_coupon",
    )
    async def claim(
        request: _Asked,
        session: FromPath[str],
        code: FromPath[str],
        idempotency_key: IdempotencyKey = None,
    ) -> Coupons:
        """Claim a coupon of a live session; it can be used in its orders and nowhere else."""
        member = require_member(request).owner
        found = await _public(desk, memory, session)
        await claim_coupon(desk, found, code, member, key_of(idempotency_key))
        return Coupons(items=tuple(await coupons_of(desk, found, member)))

    @post("/draws/{draw:str}/comment", status_code=200, operation_id="live_stream_comment")
    async def comment(request: _Asked, draw: FromPath[str], data: JSONBody[Said]) -> Ticket:
        """Take part in a lottery."""
        return await take_part.write_comment(desk, draw, require_member(request).owner, data.text)

    @post("/draws/{draw:str}/bag", status_code=200, operation_id="live_stream_bag")
    async def bag(
        request: _Asked, draw: FromPath[str], idempotency_key: IdempotencyKey = None
    ) -> Ticket:
        """Open a bag of a rain."""
        member = require_member(request).owner
        return await take_part.open_bag(desk, draw, member, key_of(idempotency_key), settings)

    @get("/draws/{draw:str}", operation_id="live_stream_draw")
    async def draw_page(draw: FromPath[str]) -> pages.DrawShown:
        """A draw: its prizes and odds, its commitment, how many take part."""
        return await pages.draw_shown(desk, await hold_draws.find_draw(desk, draw))

    @get("/draws/{draw:str}/proof", operation_id="live_stream_proof")
    async def proof(draw: FromPath[str]) -> Proof:
        """Everything about a closed draw; check it with ``jishi_live_stream.verify``."""
        return await hold_draws.proof_of(desk, draw, settings)

    @get("/wins", operation_id="live_stream_my_wins")
    async def my_wins(request: _Asked) -> Wins:
        """What one has won."""
        return Wins(items=tuple(await wins_of(desk, require_member(request).owner)))

    @post("/draws/{draw:str}/wins/{number:int}", status_code=200, operation_id="live_stream_claim")
    async def claim_win(request: _Asked, draw: FromPath[str], number: FromPath[int]) -> Claimed:
        """Claim a prize; coupons and vouchers are there at once."""
        member = require_member(request).owner
        return await claim_prize(desk, draw, number, member, settings)

    @post("/sessions/{session:str}/visit", status_code=200, operation_id="live_stream_book")
    async def book(
        request: _Asked, session: FromPath[str], data: JSONBody[Chosen]
    ) -> visits.Visit:
        """Book a visit to the session's store; asked again, the same one."""
        member = require_member(request).owner
        found = await _public(desk, memory, session)
        return await visits.book_visit(desk, found, member, data.slot, settings)

    @get("/visits", operation_id="live_stream_my_visits")
    async def my_visits(request: _Asked) -> Visits:
        """One's own visits with their codes."""
        member = require_member(request).owner
        return Visits(items=tuple(await visits.visits_of(desk, member, settings)))

    @post("/visits/{visit:str}/cancel", status_code=204, operation_id="live_stream_cancel_visit")
    async def cancel(request: _Asked, visit: FromPath[str]) -> None:
        """Give a place back."""
        await visits.cancel_visit(desk, visit, require_member(request).owner)

    async def public(session: str) -> Session:
        return await _public(desk, memory, session)

    return [
        live, session_page, stream, claim, comment, bag, draw_page, proof, my_wins, claim_win,
        book, my_visits, cancel, *room_routes(desk, public, settings),
    ]  # fmt: skip


async def _ticking(
    desk: Desk, memory: Memory, counting: Counting, session: str
) -> AsyncIterator[bytes]:
    """Counters until the session is over; the browser comes again by itself."""
    end = desk.now() + _STREAM
    while desk.now() < end:
        known = (await memory.lately()).get(session)
        found = known or await sessions.find_session(desk, session)
        shown = await counting.of(found)
        yield msgspec.json.encode(shown)
        if shown.state != "live":
            return
        await asyncio.sleep(_TICK)


async def _public(desk: Desk, memory: Memory, session: str) -> Session:
    """A session that viewers may see."""
    found = (await memory.lately()).get(session) or await sessions.find_session(desk, session)
    if found.state == "draft":
        raise sessions.NoSuchSession
    return found


def staff_routes(
    desk: Desk, memory: Memory, settings: LiveStreamSettings
) -> list[ControllerRouterHandler]:
    """The operator's desk (``campaigns:read``, ``campaigns:write``) and the store's."""

    @get("/admin/sessions", operation_id="live_stream_list")
    async def list_sessions(request: _Asked, cursor: _Cursor = None) -> Sessions:
        """All sessions, the youngest first."""
        require_staff(request, "campaigns:read")
        found = await sessions.sessions(desk, sql.SESSIONS, cursor or _BEYOND, _PAGE + 1)
        more = found[_PAGE - 1].id if len(found) > _PAGE else None
        return Sessions(items=tuple(found[:_PAGE]), next=more)

    @post("/admin/sessions", operation_id="live_stream_write")
    async def write(request: _Asked, data: JSONBody[Plan]) -> Session:
        """Write a session down."""
        caller = require_staff(request, "campaigns:write")
        return await sessions.write_down(desk, data, f"staff:{caller.id}")

    @put("/admin/sessions/{session:str}", operation_id="live_stream_rewrite")
    async def rewrite(request: _Asked, session: FromPath[str], data: JSONBody[Plan]) -> Session:
        """Change a draft."""
        require_staff(request, "campaigns:write")
        return await sessions.write_anew(desk, session, data)

    @get("/admin/sessions/{session:str}", operation_id="live_stream_report")
    async def look(request: _Asked, session: FromPath[str]) -> pages.Report:
        """How a session goes: orders, money, coupons, draws; who ended it and when."""
        require_staff(request, "campaigns:read")
        return await pages.report(desk, await sessions.find_session(desk, session))

    @post("/admin/sessions/{session:str}/live", status_code=200, operation_id="live_stream_go")
    async def go(request: _Asked, session: FromPath[str]) -> Session:
        """Go live: prices and coupons hold from now on."""
        caller = require_staff(request, "campaigns:write")
        done = await sessions.go_live(desk, session, f"staff:{caller.id}")
        memory.forget()
        return done

    @post("/admin/sessions/{session:str}/end", status_code=200, operation_id="live_stream_end")
    async def end(request: _Asked, session: FromPath[str], data: JSONBody[Because]) -> Session:
        """End a session: nobody new gets its prices, orders placed before keep them."""
        caller = require_staff(request, "campaigns:write")
        done = await sessions.end_session(desk, session, f"staff:{caller.id}", data.because)
        memory.forget()
        return done

    @post("/admin/sessions/{session:str}/draws", operation_id="live_stream_open_draw")
    async def open_draw(request: _Asked, session: FromPath[str], data: JSONBody[DrawPlan]) -> Draw:
        """Open a draw: its rules, odds and the hash of its seed are public from now on."""
        caller = require_staff(request, "campaigns:write")
        found = await sessions.find_session(desk, session)
        return await hold_draws.open_draw(desk, found, data, settings, f"staff:{caller.id}")

    @post("/admin/draws/{draw:str}/comments", status_code=200, operation_id="live_stream_import")
    async def comments(request: _Asked, draw: FromPath[str], data: JSONBody[Comments]) -> Imported:
        """Enter comments of a platform that delivers none by itself."""
        require_staff(request, "campaigns:write")
        return await take_part.import_comments(desk, draw, data.items)

    @post("/admin/draws/{draw:str}/beacon", status_code=200, operation_id="live_stream_beacon")
    async def beacon(request: _Asked, draw: FromPath[str], data: JSONBody[Beacon]) -> Draw:
        """Write the public number down."""
        require_staff(request, "campaigns:write")
        return await hold_draws.tell_beacon(desk, draw, data.beacon)

    @post("/admin/draws/{draw:str}/close", status_code=200, operation_id="live_stream_close")
    async def close(request: _Asked, draw: FromPath[str]) -> Draw:
        """Close a draw now; a lottery is drawn."""
        require_staff(request, "campaigns:write")
        return await hold_draws.close_draw(desk, draw, settings)

    @get("/admin/draws/{draw:str}/winners", operation_id="live_stream_winners")
    async def winners(request: _Asked, draw: FromPath[str]) -> Wins:
        """Who won what, and who has claimed it."""
        require_staff(request, "campaigns:read")
        return Wins(items=tuple(await winners_of(desk, draw)))

    @post("/pos/visits", status_code=200, operation_id="live_stream_welcome")
    async def welcome(request: _Asked, data: JSONBody[Welcome]) -> visits.Visit:
        """Take a viewer's code at the store, once."""
        caller = require_staff(request, "visits:write")
        return await visits.welcome(desk, data.code, data.store, f"staff:{caller.id}")

    return [
        list_sessions, write, rewrite, look, go, end, open_draw, comments, beacon, close,
        winners, welcome,
    ]  # fmt: skip

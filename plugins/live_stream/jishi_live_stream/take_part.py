"""People take part in a draw: by what they write, by opening a bag, by an operator's list."""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from jishi.db import Value
from jishi.effects import Debit
from jishi.plugins import Desk, Writing
from jishi.problems import Clash, Forbidden, Invalid
from jishi_live_stream import accounts, sql
from jishi_live_stream.draws import Entry, Rain, said_of, ticket_of
from jishi_live_stream.hold_draws import DrawClosed, find_draw, locked, prizes_of, seed_for
from jishi_live_stream.settings import LiveStreamSettings
from jishi_live_stream.structs import Draw
from jishi_live_stream.tables import EntryTable, WinTable

_ENTRY = ("draw", "number", "member", "ticket", "text", "once", "source", "entered_at")
_WIN = ("draw", "number", "member", "prize", "title", "state", "decided_at", "ended_at")
_AT_ONCE = 5000


class NoMoreBags(Clash):
    """The member has opened as many bags as he may."""

    code = "no_more_bags"
    title = "No more bags"


class NotForYou(Forbidden):
    """The draw is for others."""

    code = "draw_not_for_you"
    title = "This draw is for buyers"


class Comment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A comment of an operator's list.

    Attributes:
        member: The member's id; whose id it is not known to be cannot claim what he wins.
        text: What he wrote.
    """

    member: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    text: Annotated[str, msgspec.Meta(max_length=500)] = ""


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """That somebody takes part.

    Attributes:
        number: His place among the entries; it never changes.
        ticket: How he stands in the published entries.
        won: The prize of a bag; empty when it holds nothing, and in a lottery before its end.
    """

    number: int
    ticket: str
    won: str = ""


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an operator's list.

    Attributes:
        entered: Entries that are new.
        known: People who took part already.
        passed_over: Comments without the keyword, and of people for whom the draw is not.
    """

    entered: int
    known: int
    passed_over: int


async def write_comment(desk: Desk, draw: str, member: str, text: str) -> Ticket:
    """Take part in a lottery with a comment; a second one changes nothing.

    Raises:
        DrawClosed: It is over.
        Invalid: The comment has not the keyword, or the draw is a rain.
        NotForYou: It is for buyers.
    """
    found = await find_draw(desk, draw)
    if found.plan.kind != "lottery":
        raise Invalid("This is a rain: open a bag.", field="draw")
    if found.plan.keyword not in text:
        raise Invalid(f"评论里要有“{found.plan.keyword}”。", field="text")
    await _may(desk, found, member)

    async def work(w: Writing) -> Ticket:
        known = await w.fetch(sql.KNOWN_ENTRY, draw, member)
        if known:
            return Ticket(number=int(str(known[0][0])), ticket=str(known[0][1]))
        now_open = await _open(w, desk, draw)
        known = await w.fetch(sql.KNOWN_ENTRY, draw, member)
        if known:
            return Ticket(number=int(str(known[0][0])), ticket=str(known[0][1]))
        number = now_open.entries + 1
        ticket = ticket_of(draw, member)
        said = said_of(draw, member, text)
        row = (draw, number, member, ticket, said, member, "room", desk.now())
        await w.insert(EntryTable, _ENTRY, [row])
        await w.execute(sql.COUNTED, draw, number)
        return Ticket(number=number, ticket=ticket)

    return await desk.atomically(work)


async def open_bag(
    desk: Desk, draw: str, member: str, key: str, settings: LiveStreamSettings
) -> Ticket:
    """Open a bag of a rain: decided at once, in the order of the bags, by the published odds.

    Args:
        desk: The plugin's.
        draw: The draw's id.
        member: Who opens it.
        key: The member's own; a repeat gives the same bag again.
        settings: The plugin's.

    Raises:
        DrawClosed: It is over.
        NoMoreBags: He had as many as he may.
        NotForYou: It is for buyers.
    """
    found = await find_draw(desk, draw)
    if found.plan.kind != "rain":
        raise Invalid("This is a lottery: write a comment.", field="draw")
    await _may(desk, found, member)
    rain = Rain(seed_for(found, settings), prizes_of(found))
    once = f"{member}:{key}"

    async def work(w: Writing) -> Ticket:
        now_open = await locked(w, draw)
        known = await w.fetch(sql.KNOWN_ENTRY, draw, once)
        if known:
            number, ticket = int(str(known[0][0])), str(known[0][1])
            won = await w.fetch(sql.WIN, draw, number)
            return Ticket(number=number, ticket=ticket, won=str(won[0][4]) if won else "")
        _still_open(now_open, desk)
        ((bags,),) = await w.fetch(sql.BAGS, draw, member)
        if int(str(bags)) >= found.plan.bags:
            raise NoMoreBags(f"每人最多开 {found.plan.bags} 个福袋。")
        entry = Entry(now_open.entries + 1, ticket_of(draw, member))
        row = (draw, entry.number, member, entry.ticket, "", once, "room", desk.now())
        await w.insert(EntryTable, _ENTRY, [row])
        await w.execute(sql.COUNTED, draw, entry.number)
        place = await _won(w, found, rain, entry, member)
        if place is None:
            return Ticket(number=entry.number, ticket=entry.ticket)
        title = found.plan.prizes[place].title
        win = (draw, entry.number, member, place, title, "won", desk.now(), None)
        await w.insert(WinTable, _WIN, [win])
        return Ticket(number=entry.number, ticket=entry.ticket, won=title)

    return await desk.atomically(work)


async def _won(w: Writing, draw: Draw, rain: Rain, entry: Entry, member: str) -> int | None:
    """The prize that the bag holds, taken out of the ledger; None without one, or none left."""
    place = rain.falls_on(entry)
    if place is None:
        return None
    account = accounts.prize(draw.id, place)
    if not (await w.balances([account]))[account].available:
        return None
    if place == 0 and draw.plan.top_per_person:
        ((tops,),) = await w.fetch(sql.TOPS, draw.id, member)
        if int(str(tops)) >= draw.plan.top_per_person:
            return None
    key = f"{draw.id}:{entry.number}"
    await w.apply([Debit(account=account, amount=1, key=key, reason="won")], owner=draw.id)
    return place


async def import_comments(desk: Desk, draw: str, comments: Sequence[Comment]) -> Imported:
    """Enter an operator's list, in its order, each person once; the keyword counts as ever.

    Raises:
        DrawClosed: The draw is over.
        Invalid: It is a rain.
    """
    found = await find_draw(desk, draw)
    if found.plan.kind != "lottery":
        raise Invalid("Bags of a rain are opened by people, not imported.", field="draw")
    fitting = [one for one in comments if found.plan.keyword in one.text]
    if found.plan.for_whom == "buyers":
        buyers = {str(row[0]) for row in await desk.fetch(sql.BUYERS, found.session)}
        fitting = [one for one in fitting if one.member in buyers]
    first = {one.member: one for one in reversed(fitting)}

    async def work(w: Writing) -> int:
        now_open = await _open(w, desk, draw)
        known: set[str] = set()
        members = sorted(first)
        for start in range(0, len(members), _AT_ONCE):
            rows = await w.fetch(sql.KNOWN_ENTRIES, draw, members[start : start + _AT_ONCE])
            known |= {str(row[0]) for row in rows}
        fresh = [one for one in reversed(first.values()) if one.member not in known]
        rows_: list[tuple[Value, ...]] = [
            (
                draw, number, one.member, ticket_of(draw, one.member),
                said_of(draw, one.member, one.text), one.member, "import", desk.now(),
            )
            for number, one in enumerate(fresh, now_open.entries + 1)
        ]  # fmt: skip
        for start in range(0, len(rows_), _AT_ONCE):
            await w.insert(EntryTable, _ENTRY, rows_[start : start + _AT_ONCE])
        await w.execute(sql.COUNTED, draw, now_open.entries + len(fresh))
        return len(fresh)

    entered = await desk.atomically(work)
    return Imported(
        entered=entered,
        known=len(fitting) - entered,
        passed_over=len(comments) - len(fitting),
    )


async def _open(w: Writing, desk: Desk, draw: str) -> Draw:
    """The draw, locked and open."""
    found = await locked(w, draw)
    _still_open(found, desk)
    return found


def _still_open(draw: Draw, desk: Desk) -> None:
    if draw.state == "closed" or desk.now() >= draw.plan.closes_at:
        raise DrawClosed("活动已经结束，不能再参加。")


async def _may(desk: Desk, draw: Draw, member: str) -> None:
    """Refuse members for whom a draw is not."""
    if draw.plan.for_whom == "buyers":
        ((orders,),) = await desk.fetch(sql.BOUGHT, draw.session, member)
        if not int(str(orders)):
            raise NotForYou("只有在本场直播中付款的顾客可以参加。")

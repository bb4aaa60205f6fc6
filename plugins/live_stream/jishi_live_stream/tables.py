"""What live streams keep."""

from jishi.db import BigInt, Table, Text, Timestamptz


class SessionTable(Table, tablename="live_stream_sessions"):
    """A session; ``plan`` is the JSON of a `Plan`."""

    id = Text(primary_key=True)
    plan = Text()
    state = Text()
    created_by = Text()
    opened_by = Text(default="")
    opened_at = Timestamptz(null=True, default=None)
    ended_by = Text(default="")
    ended_at = Timestamptz(null=True, default=None)
    ended_because = Text(default="")
    ends_at = Timestamptz()


class OrderTable(Table, tablename="live_stream_orders"):
    """An order that came from a session."""

    order_id = Text(primary_key=True)
    session = Text()
    host = Text()
    placed_at = Timestamptz()


class DrawTable(Table, tablename="live_stream_draws"):
    """A draw; ``plan`` is the JSON of a `DrawPlan`. The seed is kept nowhere."""

    id = Text(primary_key=True)
    session = Text()
    plan = Text()
    state = Text()
    commitment = Text()
    beacon = Text(default="")
    digest = Text(default="")
    entries = BigInt(default=0)
    opened_by = Text()
    opened_at = Timestamptz()
    closes_at = Timestamptz()
    closed_at = Timestamptz(null=True, default=None)
    claim_until_at = Timestamptz(null=True, default=None)


class EntryTable(Table, tablename="live_stream_entries"):
    """Somebody who takes part in a draw."""

    id = None  # else there would be a serial one beside the key
    draw = Text(primary_key=True)
    number = BigInt()
    member = Text()
    ticket = Text()
    text = Text()
    once = Text()
    """What may not be there twice: the member, or the member and the number of his bag."""
    source = Text()
    entered_at = Timestamptz()


class WinTable(Table, tablename="live_stream_wins"):
    """Something that was won."""

    id = None
    draw = Text(primary_key=True)
    number = BigInt()
    member = Text()
    prize = BigInt()
    title = Text()
    state = Text()
    decided_at = Timestamptz()
    ended_at = Timestamptz(null=True, default=None)


class VisitTable(Table, tablename="live_stream_visits"):
    """A viewer who comes to the store; only the hash of his code is kept."""

    id = Text(primary_key=True)
    session = Text()
    store = Text()
    member = Text()
    slot = Text()
    hash = Text()
    state = Text()
    """``booked``, ``came`` or ``cancelled``."""
    why = Text()
    """``member_day``, or the draw that gave it."""
    turn = BigInt()
    """How many visits of the same kind the member had cancelled before."""
    booked_at = Timestamptz()
    ended_by = Text(default="")
    ended_at = Timestamptz(null=True, default=None)

"""Sessions, their orders, draws, entries, wins and visits."""

from jishi.db import (
    BigInt,
    Table,
    Text,
    Timestamptz,
    check,
    create_index,
    create_table,
    primary_key,
    unique,
)


class Session(Table, tablename="live_stream_sessions"):
    """What the table was in this version."""

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


class Order(Table, tablename="live_stream_orders"):
    """What the table was in this version."""

    order_id = Text(primary_key=True)
    session = Text()
    host = Text()
    placed_at = Timestamptz()


class Draw(Table, tablename="live_stream_draws"):
    """What the table was in this version."""

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


class Entry(Table, tablename="live_stream_entries"):
    """What the table was in this version."""

    id = None
    draw = Text(primary_key=True)
    number = BigInt()
    member = Text()
    ticket = Text()
    text = Text()
    once = Text()
    source = Text()
    entered_at = Timestamptz()


class Win(Table, tablename="live_stream_wins"):
    """What the table was in this version."""

    id = None
    draw = Text(primary_key=True)
    number = BigInt()
    member = Text()
    prize = BigInt()
    title = Text()
    state = Text()
    decided_at = Timestamptz()
    ended_at = Timestamptz(null=True, default=None)


class Visit(Table, tablename="live_stream_visits"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    session = Text()
    store = Text()
    member = Text()
    slot = Text()
    hash = Text()
    state = Text()
    why = Text()
    turn = BigInt()
    booked_at = Timestamptz()
    ended_by = Text(default="")
    ended_at = Timestamptz(null=True, default=None)


OPERATIONS = (
    create_table(
        Session,
        constraints=[check("state IN ('draft', 'live', 'ended')", "live_stream_sessions_state")],
    ),
    create_table(Order),
    create_table(
        Draw, constraints=[check("state IN ('open', 'closed')", "live_stream_draws_state")]
    ),
    create_table(Entry, constraints=[primary_key("draw", "number"), unique("draw", "once")]),
    create_table(
        Win,
        constraints=[
            primary_key("draw", "number"),
            check("state IN ('won', 'claimed', 'returned')", "live_stream_wins_state"),
        ],
    ),
    create_table(
        Visit,
        constraints=[
            unique("hash"),
            unique("session", "member", "why", "turn"),
            check("state IN ('booked', 'came', 'cancelled')", "live_stream_visits_state"),
        ],
    ),
    create_index("live_stream_orders_session", "live_stream_orders", "session"),
    create_index("live_stream_draws_session", "live_stream_draws", "session"),
    create_index("live_stream_wins_member", "live_stream_wins", "member"),
    create_index("live_stream_entries_member", "live_stream_entries", "member"),
    create_index("live_stream_visits_member", "live_stream_visits", "member"),
)

"""Outbox, jobs, inbox, schedules."""

from jishi.db import (
    BigInt,
    Operation,
    Table,
    Text,
    Timestamptz,
    check,
    create_index,
    create_table,
    primary_key,
    sql,
    unique,
)


class Outbox(Table, tablename="events_outbox"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    name = Text()
    subject = Text()
    data = Text()
    key = Text()
    state = Text()
    happened_at = Timestamptz()
    place = BigInt(default=0)


class StoredJob(Table, tablename="events_jobs"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    kind = Text()
    key = Text()
    payload = Text()
    state = Text()
    tries = BigInt()
    attempt = BigInt()
    due_at = Timestamptz()
    worker = Text()
    error = Text()
    created_at = Timestamptz()
    ended_at = Timestamptz(null=True)


class Inbox(Table, tablename="events_inbox"):
    """What the table was in this version."""

    source = Text()
    id = Text(primary_key=True)
    received_at = Timestamptz()


class Schedule(Table, tablename="events_schedules"):
    """What the table was in this version."""

    id = None  # else there would be a serial one beside the key
    name = Text(primary_key=True)
    due_at = Timestamptz()
    runs = BigInt()
    error = Text()
    ended_at = Timestamptz(null=True)


OPERATIONS: tuple[Operation, ...] = (
    create_table(
        Outbox, [unique("key"), check("state IN ('new', 'told')", "events_outbox_state")]
    ),
    create_table(
        StoredJob,
        [
            unique("key"),
            check("state IN ('waiting', 'leased', 'done', 'dead')", "events_jobs_state"),
        ],
    ),
    create_table(Inbox, [primary_key("source", "id")]),
    create_table(Schedule),
    create_index("events_outbox_new", "events_outbox", "id", where="state = 'new'"),
    create_index("events_outbox_place", "events_outbox", "place"),
    create_index("events_outbox_happened", "events_outbox", "happened_at"),
    create_index(
        "events_jobs_due", "events_jobs", "due_at", where="state IN ('waiting', 'leased')"
    ),
    create_index("events_jobs_dead", "events_jobs", "id", where="state = 'dead'"),
    create_index("events_jobs_done", "events_jobs", "ended_at", where="state = 'done'"),
    sql(
        postgresql="ALTER TABLE events_outbox ALTER COLUMN place SET DEFAULT txid_current()",
        sqlite="CREATE TRIGGER events_outbox_place AFTER INSERT ON events_outbox BEGIN "
        "UPDATE events_outbox SET place = (SELECT max(place) + 1 FROM events_outbox) "
        "WHERE id = NEW.id; END",
    ),
)

"""The tables of events: outbox, jobs, inbox, schedules."""

from jishi.db import BigInt, Table, Text, Timestamptz


class Outbox(Table, tablename="events_outbox"):
    """Facts, written in the transaction that made them true."""

    id = Text(primary_key=True)
    name = Text()
    subject = Text()
    data = Text()
    key = Text()
    state = Text()
    """``new``, then ``told``: every listener has its job."""
    happened_at = Timestamptz()
    place = BigInt(default=0)
    """Grows in the order of commits; the database gives it (see `Feed`)."""


class StoredJob(Table, tablename="events_jobs"):
    """Jobs: ``waiting``, ``leased``, then ``done`` or ``dead``."""

    id = Text(primary_key=True)
    kind = Text()
    key = Text()
    payload = Text()
    state = Text()
    tries = BigInt()
    """Since it was enqueued or replayed."""
    attempt = BigInt()
    """Never goes back: who holds the lease of an older attempt may not settle the job."""
    due_at = Timestamptz()
    """When it may run; while leased, when the lease is over."""
    worker = Text()
    error = Text()
    created_at = Timestamptz()
    ended_at = Timestamptz(null=True)


class Inbox(Table, tablename="events_inbox"):
    """Messages from elsewhere that were seen."""

    source = Text()
    id = Text(primary_key=True)
    received_at = Timestamptz()


class Schedule(Table, tablename="events_schedules"):
    """Work that comes round."""

    id = None  # else there would be a serial one beside the key
    name = Text(primary_key=True)
    due_at = Timestamptz()
    runs = BigInt()
    error = Text()
    ended_at = Timestamptz(null=True)

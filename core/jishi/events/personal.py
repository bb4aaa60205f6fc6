"""What events and jobs know about people, for the week that they are kept."""

from jishi.personal import IDENTITY, Belongs, Personal, PersonalTable, impersonal

PERSONAL = (
    PersonalTable(
        table="events_outbox",
        title=("What happened", "事件"),
        belongs=(
            Belongs(column="subject"),
            Belongs(column="subject", to="orders_orders"),
            Belongs(column="data", how="mentions"),
            Belongs(column="data", to=IDENTITY, how="mentions"),
        ),
        personal={
            "subject": Personal(
                says="whom it happened to", erasure="keep", because="an id, a pseudonym"
            ),
            "data": Personal(says="what happened", blank="{}"),
        },
        plain=("id", "name", "key", "state", "happened_at", "place"),
        erasure="columns",
        erasure_only="state = 'told'",
    ),
    PersonalTable(
        table="events_jobs",
        title=("Work to be done", "后台任务"),
        belongs=(
            Belongs(column="payload", how="mentions"),
            Belongs(column="payload", to="orders_orders", how="mentions"),
            Belongs(column="payload", to=IDENTITY, how="mentions"),
        ),
        personal={
            "payload": Personal(says="what it needs to know", blank="{}"),
            "error": Personal(says="what went wrong"),
        },
        plain=(
            "id", "kind", "key", "state", "tries", "attempt",
            "due_at", "worker", "created_at", "ended_at",
        ),
        erasure="columns",
        erasure_only="state IN ('done', 'dead')",
    ),
    impersonal("events_inbox", "messages of gateways that were seen", key=("source", "id")),
    impersonal("events_schedules", "work that comes round", key=("name",)),
)  # fmt: skip
"""Every table of the room."""

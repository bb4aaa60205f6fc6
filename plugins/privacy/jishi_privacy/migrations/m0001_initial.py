"""Consents, guardians, requests, archives, looks."""

from jishi.db import (
    BigInt,
    Operation,
    Table,
    Text,
    Timestamptz,
    check,
    create_index,
    create_table,
    create_unique_index,
    immutable,
    references,
    unique,
)


class ConsentTable(Table, tablename="privacy_consents"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    member = Text()
    purpose = Text()
    version = Text()
    verdict = Text()
    under_14 = Text(default="no")
    channel = Text(default="")
    store = Text(null=True, default=None)
    actor = Text(default="member")
    entered_at = Timestamptz()


class GuardianTable(Table, tablename="privacy_guardians"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    consent = Text()
    member = Text()
    name = Text()
    contact = Text()
    relation = Text()
    entered_at = Timestamptz()


class RequestTable(Table, tablename="privacy_requests"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    member = Text()
    kind = Text()
    state = Text()
    progress = BigInt(default=0)
    actor = Text()
    detail = Text(default="")
    link = Text(default="")
    asked_at = Timestamptz()
    due_at = Timestamptz()
    ended_at = Timestamptz(null=True, default=None)
    link_ends_at = Timestamptz(null=True, default=None)


class PartTable(Table, tablename="privacy_parts"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    request = Text()
    position = BigInt()
    data = Text()
    made_at = Timestamptz()


class LookTable(Table, tablename="privacy_looks"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    staff = Text()
    kind = Text()
    subject = Text()
    request_id = Text()
    address = Text()
    looked_at = Timestamptz()


OPERATIONS: tuple[Operation, ...] = (
    create_table(
        ConsentTable,
        [
            check("verdict IN ('given', 'withdrawn')", "privacy_consents_verdict"),
            check("under_14 IN ('no', 'yes')", "privacy_consents_under_14"),
        ],
    ),
    immutable("privacy_consents"),
    create_index("privacy_consents_member", "privacy_consents", "member", "purpose", "id"),
    create_table(
        GuardianTable, [references("consent", "privacy_consents", "id"), unique("consent")]
    ),
    create_index("privacy_guardians_member", "privacy_guardians", "member"),
    create_table(
        RequestTable,
        [
            check("kind IN ('export', 'erasure')", "privacy_requests_kind"),
            check(
                "state IN ('waiting', 'done', 'cancelled', 'blocked', 'expired')",
                "privacy_requests_state",
            ),
        ],
    ),
    create_index("privacy_requests_member", "privacy_requests", "member", "id"),
    create_unique_index(
        "privacy_requests_one_erasure",
        "privacy_requests",
        "member",
        where="kind = 'erasure' AND state = 'waiting'",
    ),
    create_index("privacy_requests_link", "privacy_requests", "link", where="link <> ''"),
    create_table(
        PartTable, [references("request", "privacy_requests", "id"), unique("request", "position")]
    ),
    create_table(LookTable),
    create_index("privacy_looks_subject", "privacy_looks", "subject", "id"),
    create_index("privacy_looks_staff", "privacy_looks", "staff", "id"),
)

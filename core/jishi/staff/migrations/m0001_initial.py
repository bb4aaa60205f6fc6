"""People, roles, tokens, lockouts and the audit log."""

from jishi.db import (
    BigInt,
    Table,
    Text,
    Timestamptz,
    check,
    create_index,
    create_table,
    immutable,
    references,
    sql,
    unique,
)


class PersonTable(Table, tablename="staff_people"):
    """Somebody who works here."""

    id = Text(primary_key=True)
    email = Text()
    name = Text(default="")
    role = Text()
    standing = Text(default="active")
    password = Text()
    created_at = Timestamptz()


class RoleTable(Table, tablename="staff_roles"):
    """A role of the merchant's own; ``scopes`` is a JSON list."""

    id = None  # else there would be a serial one beside the key
    name = Text(primary_key=True)
    scopes = Text()
    changed_at = Timestamptz()


class TokenTable(Table, tablename="staff_tokens"):
    """A token of staff; only its hash is kept."""

    id = Text(primary_key=True)
    person_id = Text()
    hash = Text()
    address = Text(default="")
    created_at = Timestamptz()
    expires_at = Timestamptz()
    ended_at = Timestamptz(null=True, default=None)


class LockoutTable(Table, tablename="staff_lockouts"):
    """How often a login failed, and until when it is not tried again."""

    id = None  # else there would be a serial one beside the key
    key = Text(primary_key=True)
    tries = BigInt(default=0)
    tried_at = Timestamptz()
    locked_until_at = Timestamptz(null=True, default=None)


class AuditTable(Table, tablename="staff_audit"):
    """One line of the audit log; never changed."""

    id = None  # else there would be a serial one beside the key
    position = BigInt(primary_key=True)
    entered_at = Timestamptz()
    actor = Text()
    action = Text()
    subject = Text()
    detail = Text()
    request_id = Text()
    address = Text()
    previous = Text()
    hash = Text()


class AuditHeadTable(Table, tablename="staff_audit_head"):
    """The one row that says where the log ends; whoever writes holds it."""

    id = Text(primary_key=True)
    position = BigInt(default=0)
    hash = Text()


_FIRST = (
    "INSERT INTO staff_audit_head (id, position, hash) VALUES ('head', 0, "
    "'0000000000000000000000000000000000000000000000000000000000000000')"
)

OPERATIONS = (
    create_table(
        PersonTable,
        constraints=[
            unique("email"),
            check("standing IN ('active', 'blocked')", "staff_people_standing"),
        ],
    ),
    create_table(RoleTable),
    create_table(
        TokenTable, constraints=[unique("hash"), references("person_id", "staff_people")]
    ),
    create_index("staff_tokens_person", "staff_tokens", "person_id"),
    create_table(LockoutTable),
    create_table(AuditTable),
    create_index("staff_audit_subject", "staff_audit", "subject", "position"),
    immutable("staff_audit"),
    create_table(AuditHeadTable, constraints=[check("id = 'head'", "staff_audit_one_head")]),
    sql(sqlite=_FIRST, postgresql=_FIRST),
)

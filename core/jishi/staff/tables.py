"""Where staff and the audit log are kept."""

from jishi.db import BigInt, Table, Text, Timestamptz


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


class SecondFactorTable(Table, tablename="staff_second_factors"):
    """Somebody's second factor; the secret is sealed with the shop's own."""

    id = None  # else there would be a serial one beside the key
    person_id = Text(primary_key=True)
    secret = Text()
    state = Text()
    """``pending`` until the first code came, then ``active``."""
    last_step = BigInt(default=0)
    """The half minute of the newest code that was used; older ones are used up."""
    created_at = Timestamptz()
    confirmed_at = Timestamptz(null=True, default=None)


class RecoveryCodeTable(Table, tablename="staff_recovery_codes"):
    """A recovery code; only its hash is kept."""

    id = Text(primary_key=True)
    person_id = Text()
    hash = Text()
    created_at = Timestamptz()
    used_at = Timestamptz(null=True, default=None)


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

"""What flows through staff: people, roles, the audit log."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

Standing = Literal["active", "blocked"]
"""Whether somebody may work here."""

Email = Annotated[str, msgspec.Meta(pattern=r"^[^\s@]{1,64}@[^\s@]{1,189}$", max_length=254)]
Password = Annotated[str, msgspec.Meta(min_length=12, max_length=256)]
PersonName = Annotated[str, msgspec.Meta(max_length=64)]
OneTimeCode = Annotated[str, msgspec.Meta(max_length=32)]
SecondFactor = Literal["none", "set_up", "missing"]
"""``missing``: the role needs one, and nothing is allowed until it is set up."""

RoleName = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
RoleScope = Annotated[str, msgspec.Meta(pattern=r"^(\*|[a-z_]{1,32}:(\*|[a-z_]{1,32}))$")]


class Person(msgspec.Struct, frozen=True):
    """Somebody who works here.

    Attributes:
        id: The staff id.
        email: What he logs in with.
        name: What others call him.
        role: The name of his role.
        standing: Active or blocked.
        created_at: UTC.
    """

    id: str
    email: str
    name: str
    role: str
    standing: Standing
    created_at: datetime


class NewPerson(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who is to work here.

    Attributes:
        email: What he will log in with.
        password: At least 12 characters.
        role: The name of his role.
        name: What others call him.
    """

    email: Email
    password: Password
    role: RoleName
    name: PersonName = ""


class PersonChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What changes about somebody; what is left out stays.

    Attributes:
        name: What others call him.
        role: The name of his role.
        standing: Active or blocked.
        password: A new password.
    """

    name: PersonName | None = None
    role: RoleName | None = None
    standing: Standing | None = None
    password: Password | None = None


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """A named set of scopes.

    Attributes:
        name: The role's name.
        scopes: ``<subject>:<verb>``, ``<subject>:*`` or ``*``.
    """

    name: str
    scopes: tuple[str, ...]


class StaffLogin(msgspec.Struct, frozen=True, kw_only=True):
    """A successful login.

    Attributes:
        token: Send it as ``Authorization: Bearer <token>``; shown this once.
        expires_at: UTC.
        person: Who logged in.
        scopes: What he may do; nothing while a second factor is missing.
        second_factor: Whether he has one.
    """

    token: str
    expires_at: datetime
    person: Person
    scopes: tuple[str, ...]
    second_factor: SecondFactor = "none"


class Enrolment(msgspec.Struct, frozen=True, kw_only=True):
    """What an authenticator wants to know; shown this once.

    Attributes:
        secret: In base 32, to be typed in.
        uri: The same as ``otpauth://…``, to be shown as a QR code.
    """

    secret: str
    uri: str


class RecoveryCodes(msgspec.Struct, frozen=True, kw_only=True):
    """Codes for a day without the authenticator; each works once, and they are shown this once.

    Attributes:
        recovery_codes: Ten of them.
    """

    recovery_codes: tuple[str, ...]


class AuditEntry(msgspec.Struct, frozen=True):
    """One line of the audit log.

    Attributes:
        position: 1, 2, 3 … without gaps.
        at: UTC.
        actor: Who: ``staff:<id>``.
        action: What: ``order.refunded``.
        subject: To what.
        detail: JSON text.
        request_id: The request it was done in.
        address: The network address it came from.
        previous: The hash of the entry before; of the first one, 64 zeros.
        hash: HMAC-SHA256 over all of the above with the shop's secret, in hex.
    """

    position: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: str
    request_id: str
    address: str
    previous: str
    hash: str


class AuditPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of the audit log, newest first.

    Attributes:
        items: The entries.
        next: The cursor of the next page; None on the last.
    """

    items: tuple[AuditEntry, ...]
    next: str | None = None


class AuditFault(msgspec.Struct, frozen=True, kw_only=True):
    """Something in the audit log that nobody of us wrote.

    Attributes:
        position: Where.
        what: What is wrong, in a sentence.
    """

    position: int
    what: str

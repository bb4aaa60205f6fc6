"""Where consents, guardians, requests, archives and looks are kept."""

from jishi.db import BigInt, Table, Text, Timestamptz


class ConsentTable(Table, tablename="privacy_consents"):
    """What somebody agreed to, or took back; never changed, the youngest counts."""

    id = Text(primary_key=True)
    member = Text()
    purpose = Text()
    version = Text()
    verdict = Text()
    """``given`` or ``withdrawn``."""
    under_14 = Text(default="no")
    channel = Text(default="")
    store = Text(null=True, default=None)
    actor = Text(default="member")
    """``member``, or ``staff:<id>`` who wrote down what he was told."""
    entered_at = Timestamptz()


class GuardianTable(Table, tablename="privacy_guardians"):
    """Who consented for a child."""

    id = Text(primary_key=True)
    consent = Text()
    member = Text()
    name = Text()
    contact = Text()
    relation = Text()
    entered_at = Timestamptz()


class RequestTable(Table, tablename="privacy_requests"):
    """What a member asked for: a copy of everything, or to be forgotten."""

    id = Text(primary_key=True)
    member = Text()
    kind = Text()
    """``export`` or ``erasure``."""
    state = Text()
    """``waiting``, ``done``, ``cancelled``, ``blocked`` (``detail`` says why), ``expired``."""
    progress = BigInt(default=0)
    """Percent."""
    actor = Text()
    detail = Text(default="")
    link = Text(default="")
    """The hash of the newest link's token."""
    asked_at = Timestamptz()
    due_at = Timestamptz()
    ended_at = Timestamptz(null=True, default=None)
    link_ends_at = Timestamptz(null=True, default=None)


class PartTable(Table, tablename="privacy_parts"):
    """A piece of an archive, in base64, sealed where the build has keys."""

    id = Text(primary_key=True)
    request = Text()
    position = BigInt()
    data = Text()
    made_at = Timestamptz()


class LookTable(Table, tablename="privacy_looks"):
    """Somebody who works here was shown a member or an order."""

    id = Text(primary_key=True)
    staff = Text()
    kind = Text()
    subject = Text()
    request_id = Text()
    address = Text()
    looked_at = Timestamptz()


TABLES = (ConsentTable, GuardianTable, RequestTable, PartTable, LookTable)
"""All of them."""

"""Where members are kept."""

from jishi.db import BigInt, Table, Text, Timestamptz


class MemberTable(Table, tablename="membership_members"):
    """Somebody who joined."""

    id = Text(primary_key=True)
    name = Text(default="")
    joined_at = Timestamptz()


class IdentityTable(Table, tablename="membership_identities"):
    """A way in which a member is recognised; nobody else has the same."""

    id = Text(primary_key=True)
    member_id = Text()
    kind = Text()
    value = Text()
    issuer = Text(default="")
    added_at = Timestamptz()


class AddressTable(Table, tablename="membership_addresses"):
    """A member's address; ``address`` is the JSON of a `MemberAddress`."""

    id = Text(primary_key=True)
    member_id = Text()
    address = Text()
    is_default = Text(default="no")
    created_at = Timestamptz()
    updated_at = Timestamptz()


class CodeTable(Table, tablename="membership_codes"):
    """The latest code sent to an address for a purpose; only its hash is kept."""

    id = None  # else there would be a serial one beside the key
    kind = Text(primary_key=True)
    value = Text()
    purpose = Text()
    hash = Text()
    tries = BigInt(default=0)
    sent_at = Timestamptz()
    expires_at = Timestamptz()


class TokenTable(Table, tablename="membership_tokens"):
    """A member's token; only its hash is kept."""

    id = Text(primary_key=True)
    member_id = Text()
    hash = Text()
    channel = Text()
    created_at = Timestamptz()
    expires_at = Timestamptz()
    ended_at = Timestamptz(null=True, default=None)


class LimitTable(Table, tablename="membership_limits"):
    """How often something was done since a moment."""

    id = None  # else there would be a serial one beside the key
    key = Text(primary_key=True)
    used = BigInt(default=0)
    since_at = Timestamptz()

"""Where members are kept."""

from jishi.db import BigInt, Table, Text, Timestamptz


class MemberTable(Table, tablename="membership_members"):
    """Somebody who joined."""

    id = Text(primary_key=True)
    name = Text(default="")
    joined_at = Timestamptz()


class IdentityTable(Table, tablename="membership_identities"):
    """A way in which a member is recognised; nobody else has the same.

    ``value`` is sealed where the build has keys; ``fingerprint`` is what it is found by.
    """

    id = Text(primary_key=True)
    member_id = Text()
    kind = Text()
    value = Text()
    issuer = Text(default="")
    added_at = Timestamptz()
    source = Text(default="")
    verified_at = Timestamptz(null=True, default=None)
    fingerprint = Text(null=True, default=None)


class AddressTable(Table, tablename="membership_addresses"):
    """A member's address; ``address`` is the JSON of a `MemberAddress`."""

    id = Text(primary_key=True)
    member_id = Text()
    address = Text()
    is_default = Text(default="no")
    created_at = Timestamptz()
    updated_at = Timestamptz()


class CodeTable(Table, tablename="membership_codes"):
    """The latest code sent to an address for a purpose; only its hash is kept.

    ``value`` is the fingerprint of the address.
    """

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


class TraitTable(Table, tablename="membership_traits"):
    """Something that was said of a member; ``key`` finds others of whom the same was said."""

    id = Text(primary_key=True)
    member_id = Text()
    kind = Text()
    value = Text()
    key = Text()
    source = Text(default="")
    seen_at = Timestamptz()


class AliasTable(Table, tablename="membership_aliases"):
    """A member who turned out to be another: ``survivor`` is who he is now."""

    id = None  # else there would be a serial one beside the key
    member_id = Text(primary_key=True)
    parent = Text()
    survivor = Text()
    merge_id = Text()
    since_at = Timestamptz()


class MergeTable(Table, tablename="membership_merges"):
    """Who became whom, and who was parted again; written once."""

    id = Text(primary_key=True)
    kind = Text()
    source = Text()
    target = Text()
    of_merge = Text(null=True, default=None)
    actor = Text()
    confidence = BigInt()
    evidence = Text()
    made_at = Timestamptz()


class EffectTable(Table, tablename="membership_effects"):
    """What a plugin wrote along with a merge."""

    id = Text(primary_key=True)
    merge_id = Text()
    plugin = Text()
    version = Text()
    key = Text()
    effect = Text()
    applied_at = Timestamptz()


class PairTable(Table, tablename="membership_pairs"):
    """Two members who may be one person, and what people said about it."""

    id = Text(primary_key=True)
    one = Text()
    other = Text()
    state = Text()
    confidence = BigInt()
    evidence = Text()
    found_at = Timestamptz()
    decided_at = Timestamptz(null=True, default=None)
    decided_by = Text(default="")

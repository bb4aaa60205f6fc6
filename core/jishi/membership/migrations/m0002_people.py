"""One person in several channels: proofs of identities, what is said of people, merges, pairs."""

from jishi.db import (
    BigInt,
    Table,
    Text,
    Timestamptz,
    add_column,
    check,
    create_index,
    create_table,
    immutable,
    references,
    sql,
    unique,
)


class IdentityTable(Table, tablename="membership_identities"):
    """A way in which a member is recognised; nobody else has the same."""

    id = Text(primary_key=True)
    member_id = Text()
    kind = Text()
    value = Text()
    issuer = Text(default="")
    added_at = Timestamptz()
    source = Text(default="")
    verified_at = Timestamptz(null=True, default=None)


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


_MEMBER = references("member_id", "membership_members", on_delete="cascade")

# Until now whoever had an identity had proved it with a code.
_PROVED = (
    "UPDATE membership_identities SET verified_at = added_at, source = 'login' "
    "WHERE verified_at IS NULL"
)

OPERATIONS = (
    add_column(IdentityTable, "source", ""),
    add_column(IdentityTable, "verified_at"),
    sql(sqlite=_PROVED, postgresql=_PROVED),
    create_table(TraitTable, constraints=[unique("member_id", "key"), _MEMBER]),
    create_index("membership_traits_key", "membership_traits", "key"),
    create_table(
        AliasTable,
        constraints=[_MEMBER, check("member_id <> survivor", "membership_alias_of_another")],
    ),
    create_index("membership_aliases_survivor", "membership_aliases", "survivor"),
    create_table(
        MergeTable,
        constraints=[
            check("kind IN ('merge', 'part', 'sweep')", "membership_merge_kind"),
            check("source <> target", "membership_merge_two"),
        ],
    ),
    create_index("membership_merges_source", "membership_merges", "source"),
    create_index("membership_merges_target", "membership_merges", "target"),
    immutable("membership_merges"),
    create_table(EffectTable, constraints=[unique("merge_id", "plugin", "key")]),
    create_table(
        PairTable,
        constraints=[
            unique("one", "other"),
            check("one < other", "membership_pair_order"),
            check("state IN ('open', 'merged', 'different')", "membership_pair_state"),
        ],
    ),
    create_index(
        "membership_pairs_open", "membership_pairs", "confidence", where="state = 'open'"
    ),
    create_index("membership_pairs_other", "membership_pairs", "other"),
)

"""Identities are found by a fingerprint, so that their values and names can be sealed.

Fingerprints hang on the shop's secret, which migrations do not know: those of the rows that are
there are written by a job, and until then they are found by their values.
"""

from jishi.db import (
    Table,
    Text,
    Timestamptz,
    add_column,
    create_index,
    create_unique_index,
    sql,
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
    fingerprint = Text(null=True, default=None)


# What was written in clear must not look sealed.
_VALUES = (
    "UPDATE membership_identities SET value = 's0.' || value "
    "WHERE substr(value, 1, 3) IN ('s0.', 's1.')"
)
_NAMES = (
    "UPDATE membership_members SET name = 's0.' || name WHERE substr(name, 1, 3) IN ('s0.', 's1.')"
)

OPERATIONS = (
    add_column(IdentityTable, "fingerprint"),
    create_unique_index(
        "membership_identities_print", "membership_identities", "kind", "fingerprint", "issuer"
    ),
    create_index(
        "membership_identities_unprinted",
        "membership_identities",
        "id",
        where="fingerprint IS NULL",
    ),
    sql(sqlite=_VALUES, postgresql=_VALUES),
    sql(sqlite=_NAMES, postgresql=_NAMES),
)

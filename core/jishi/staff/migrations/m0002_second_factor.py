"""Second factors and recovery codes."""

from jishi.db import (
    BigInt,
    Table,
    Text,
    Timestamptz,
    check,
    create_table,
    references,
    unique,
)


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


OPERATIONS = (
    create_table(
        SecondFactorTable,
        constraints=[
            references("person_id", "staff_people"),
            check("state IN ('pending', 'active')", "staff_second_factors_state"),
        ],
    ),
    create_table(
        RecoveryCodeTable,
        constraints=[references("person_id", "staff_people"), unique("person_id", "hash")],
    ),
)

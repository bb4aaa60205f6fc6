"""Codes, and SKUs that want the same one."""

from jishi.db import (
    BigInt,
    Table,
    Text,
    Timestamptz,
    check,
    create_index,
    create_table,
    primary_key,
    unique,
)


class Codes(Table, tablename="codes_codes"):
    """What the table was in this version."""

    id = None
    code = Text(primary_key=True)
    issuer = Text()
    kind = Text()
    sku = Text()
    source = Text()
    given_at = Timestamptz()


class Conflicts(Table, tablename="codes_conflicts"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    code = Text()
    issuer = Text()
    kind = Text()
    has = Text()
    wants = Text()
    evidence = Text()
    times = BigInt()
    state = Text()
    decided_by = Text()
    seen_at = Timestamptz()


OPERATIONS = (
    create_table(
        Codes,
        constraints=[
            primary_key("code", "issuer"),
            check("kind IN ('gtin', 'plu', 'vendor', 'alias')", "codes_codes_kind"),
        ],
    ),
    create_table(
        Conflicts,
        constraints=[
            unique("code", "issuer", "wants"),
            check("state IN ('open', 'kept', 'moved')", "codes_conflicts_state"),
        ],
    ),
    create_index("codes_codes_sku", "codes_codes", "sku"),
)

"""Where codes are kept."""

from jishi.db import BigInt, Table, Text, Timestamptz


class CodeTable(Table, tablename="codes_codes"):
    """A code and the SKU that it means."""

    id = None  # else there would be a serial one beside the key
    code = Text(primary_key=True)
    issuer = Text()
    kind = Text()
    sku = Text()
    source = Text()
    given_at = Timestamptz()


class ConflictTable(Table, tablename="codes_conflicts"):
    """Two SKUs that want one code."""

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

"""What comes of an import."""

from typing import Literal

import msgspec

from jishi.catalogue.csv_rows import BadRow
from jishi.compliance import Finding

OnBadRow = Literal["skip", "stop"]
Write = Literal["commit", "dry_run"]
StockColumn = Literal["initial", "replace"]


class HeldBack(msgspec.Struct, frozen=True, kw_only=True):
    """A product that was imported and may not be shown yet.

    Attributes:
        handle: Its name in addresses.
        verdict: ``waiting`` for a person or ``refused``.
        findings: Why.
    """

    handle: str
    verdict: str
    findings: tuple[Finding, ...]


class Imported(msgspec.Struct, kw_only=True):
    """What came of an import.

    Attributes:
        write: ``dry_run`` when nothing was to be written.
        rows: Rows of the file without its heading.
        bad_rows: Rows that did not go in.
        new: New products.
        changed: Products that are different now.
        unchanged: Products that were like this already.
        new_skus: SKUs that did not exist.
        stock_changes: Stocks that were set.
        problems: Everything that is wrong with the file.
        held_back: Products that the review keeps from being shown.
    """

    write: Write
    rows: int = 0
    bad_rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    new_skus: int = 0
    stock_changes: int = 0
    problems: list[BadRow] = []
    held_back: list[HeldBack] = []

"""Bookkeeping: what plugins ask for becomes operations of the ledger, rows and events.

Whoever applies effects (an order's transition, a merge of members, a plugin's desk) turns them
with `operations_of` into the ledger's part, and writes the rest with `write_rows`.
"""

from jishi.bookkeeping.books import Bookkeeper
from jishi.bookkeeping.ledger_part import operations_of
from jishi.bookkeeping.rows import told_of, write_rows

__all__ = ["Bookkeeper", "operations_of", "told_of", "write_rows"]

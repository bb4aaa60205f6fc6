"""Rows of values as the arguments of one statement, on both engines."""

from collections.abc import Sequence
from itertools import count

from jishi.db.values import Value


def values_list(rows: int, *types: str) -> str:
    """What stands after VALUES for so many rows; ``types`` are PostgreSQL's, one per column."""
    numbers = count(1)
    return ", ".join(
        "(" + ", ".join(f"${next(numbers)}::{one}" for one in types) + ")" for _ in range(rows)
    )


def padded(rows: Sequence[Sequence[Value]]) -> tuple[int, list[Value]]:
    """Rows as arguments of a statement over VALUES, repeated up to a power of two.

    So few different statements exist, and both engines find theirs prepared. A row that repeats
    another counts once in an UPDATE that joins them.
    """
    size = 1 << (len(rows) - 1).bit_length()
    filled = [*rows, *[rows[-1]] * (size - len(rows))]
    return size, [value for row in filled for value in row]

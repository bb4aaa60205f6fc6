"""Personal data: say what a plugin keeps about people, object to an erasure, hear of looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jishi.hookspecs.marker import hookspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jishi.dossiers.structs import Leaving, Look
    from jishi.orders.structs import Objection
    from jishi.personal import PersonalTable


@hookspec
def register_personal_data() -> Sequence[PersonalTable] | None:
    """Say of every table of the plugin what it knows about people.

    Asked once at the start. Every table is declared, and every column of a table about people;
    a table about goods or machines says so with `jishi.personal.impersonal`. The core exports,
    blanks and deletes by these declarations; the plugin writes no code for it.

    Since: 0.1
    """


@hookspec
def review_erasure(leaving: Leaving) -> Sequence[Objection] | None:
    """Object to the erasure of a member.

    Asked when a member wants to be forgotten and again before it happens.

    Args:
        leaving: Who leaves, under every id that he has.

    Returns:
        Why he cannot be forgotten yet, each with what he can do about it: value left on a card,
        a parcel under way. None or nothing lets him go. An error keeps him.

    Since: 0.1
    """


@hookspec
def staff_looked(look: Look) -> None:
    """Hear that somebody who works here was shown personal data of members. Since: 0.1."""

"""Compliance: look at what is about to be published and say what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jishi.hookspecs.marker import hookspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jishi.compliance.structs import Finding, Subject


@hookspec
def review_subject(subject: Subject) -> Sequence[Finding] | None:
    """Report what is questionable about a product, a text or a merchant's document.

    Awaited, all plugins are heard. A plugin reports; a rule or a person decides. An error keeps
    the subject unpublished: this fails closed.

    Args:
        subject: What is to be published.

    Returns:
        Findings; None or nothing when there is nothing to say.

    Since: 0.1
    """

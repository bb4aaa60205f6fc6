"""The least that a listing must be before anybody sees it."""

import re

from jishi import __version__
from jishi.compliance import Finding, Subject
from jishi.plugins import Declaration, Plugin, hookimpl

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that turn the direction of writing around."""


class ListingRules(Plugin):
    """Keeps nameless, priceless and disguised listings out of the shop."""

    declaration = Declaration(name="listing_rules", version=__version__)

    @hookimpl
    async def review_subject(self, subject: Subject) -> list[Finding] | None:
        """A product needs a title and a price; no text may hide what it says."""
        findings = [
            Finding(
                rule="hidden_characters",
                severity="forbidden",
                message="The text contains control characters; remove them.",
                field=field,
            )
            for field, text in subject.texts.items()
            if _CONTROL.search(text)
        ]
        if subject.kind == "product":
            findings += _product_findings(subject)
        return findings or None


def _product_findings(subject: Subject) -> list[Finding]:
    findings = []
    if not subject.texts.get("title", "").strip():
        findings.append(
            Finding(
                rule="title_missing",
                severity="forbidden",
                message="The product has no title; give it one.",
                field="title",
            )
        )
    if subject.attributes.get("price", "0") == "0":
        findings.append(
            Finding(
                rule="price_missing",
                severity="doubt",
                message="No SKU of the product has a price above zero; is it meant to be free?",
                field="price",
            )
        )
    return findings

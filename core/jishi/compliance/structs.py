"""What flows through compliance: subjects, findings, decisions."""

from datetime import datetime
from typing import Literal

import msgspec

SubjectKind = Literal["product", "text", "document"]
"""What can be reviewed: a product's listing, a free text, a merchant's document."""

Severity = Literal["note", "doubt", "forbidden"]
"""How bad a finding is: worth knowing, for a person to decide, must not be published."""

Verdict = Literal["approved", "waiting", "refused"]
"""What came out: it may be published, a person must decide, it may not."""


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What is about to be published.

    Attributes:
        kind: Product, text or document.
        id: The subject's id inside its kind.
        title: A short name for the queue.
        texts: The texts to be looked at, by the name of their field.
        category: Names of the category path, from the root down (products).
        attributes: Further facts, by name (``licence``, ``price``).
    """

    kind: SubjectKind
    id: str
    title: str
    texts: dict[str, str] = {}
    category: tuple[str, ...] = ()
    attributes: dict[str, str] = {}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that somebody should know about a subject.

    Attributes:
        rule: Names the rule, stable across versions (``absolute_wording``).
        severity: Note, doubt or forbidden.
        message: What is wrong and what would be right, for the merchant.
        field: Where in the subject's texts.
        excerpt: The words in question, with a little context.
        source: The law or document behind the rule.
        exemption: Why it may be allowed all the same, for the person who decides.
        plugin: ``name@version``; filled in by the core.
    """

    rule: str
    severity: Severity
    message: str
    field: str = ""
    excerpt: str = ""
    source: str = ""
    exemption: str = ""
    plugin: str = ""


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """What was found about a subject, and what follows from it.

    Attributes:
        id: The review's id; it stays while the subject's content changes.
        verdict: Only ``approved`` may be published.
        findings: Everything that plugins reported, also mere notes.
        digest: SHA-256 of the content that was looked at, in hex.
        reason: Why a person decided so; empty when no person did.
        decided_by: The staff id of that person; None when the findings decided.
    """

    id: str
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    digest: str = ""
    reason: str = ""
    decided_by: str | None = None


class ReviewPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of the review queue.

    Attributes:
        items: The reviews with their subjects, oldest first.
        next: The cursor of the next page; None on the last.
    """

    items: "tuple[ReviewCase, ...]"
    next: str | None = None


class ReviewCase(msgspec.Struct, frozen=True, kw_only=True):
    """A review with all that a person needs to decide.

    Attributes:
        id: The review's id.
        subject: What was looked at.
        verdict: How it stands.
        findings: Everything that plugins reported.
        digest: SHA-256 of the content; a decision names it, so that nobody approves a text that
            changed under his eyes.
        reason: Why a person decided so.
        decided_by: The staff id of that person.
        reviewed_at: When plugins were asked, UTC.
        decided_at: When a person decided, UTC.
    """

    id: str
    subject: Subject
    verdict: Verdict
    findings: tuple[Finding, ...]
    digest: str
    reason: str
    decided_by: str | None
    reviewed_at: datetime
    decided_at: datetime | None

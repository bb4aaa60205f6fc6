"""What flows through compliance: subjects, findings, decisions."""

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
        plugin: ``name@version``; filled in by the core.
    """

    rule: str
    severity: Severity
    message: str
    field: str = ""
    excerpt: str = ""
    source: str = ""
    plugin: str = ""

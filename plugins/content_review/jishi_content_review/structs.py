"""What flows through the scanner: words, exemptions, hits."""

from typing import Literal

import msgspec

Language = Literal["zh", "en"]
"""The language in which findings explain themselves."""

Kind = Literal["medical", "health_food"]
"""Kinds of goods for which other rules hold."""


class Say(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One sentence in both languages."""

    zh: str
    en: str

    def in_language(self, language: Language) -> str:
        """The sentence for a reader of that language."""
        return self.zh if language == "zh" else self.en


class Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words that break the same rule.

    Attributes:
        rule: The rule's stable name.
        law: Where it is written.
        say: What is wrong and what would be right.
        words: The words, in any width and case.
        statute: Those of them that stand in the law itself.
        severity: What a hit without an exemption is.
        unless: Goods for which the rule does not hold.
        only: The only goods for which it holds.
    """

    rule: str
    law: str
    say: Say
    words: tuple[str, ...] = ()
    statute: tuple[str, ...] = ()
    severity: Literal["note", "doubt", "forbidden"] = "doubt"
    unless: Kind | None = None
    only: Kind | None = None

    def holds_for(self, kinds: frozenset[Kind]) -> bool:
        """Whether the rule is about such goods."""
        if self.unless in kinds:
            return False
        return self.only is None or self.only in kinds


class Exemption(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Company in which a word is usually harmless.

    Attributes:
        name: Its stable name.
        say: Why it may be harmless.
        sure: Whether it turns a finding into a note; otherwise it is only a hint.
        phrases: Longer phrases that contain the word.
        before: What may stand before the word.
        after: What may stand behind it.
        words: The only words it is about, when given (for `before` and `after`).
        reach: How many characters away `before` and `after` may stand.
    """

    name: str
    say: Say
    sure: bool = False
    phrases: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    reach: int = 8


class WordList(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of words: groups and exemptions, each table named in the singular as TOML has it."""

    group: tuple[Group, ...] = ()
    exemption: tuple[Exemption, ...] = ()


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A word that was found.

    Attributes:
        word: As the list has it.
        group: The rule it may break.
        exemption: The company in which it stands, when that may excuse it.
        start: Where it begins in the text.
        end: Where it ends.
    """

    word: str
    group: Group
    exemption: Exemption | None
    start: int
    end: int

"""Finds words in texts: all of them in one pass, whatever stands between their characters."""

from collections.abc import Iterable

from ahocorasick_rs import AhoCorasick, MatchKind

from jishi_content_review.fold import fold, places
from jishi_content_review.structs import Exemption, Hit, WordList


class Scanner:
    """A word list made ready.

    Args:
        lists: Word lists; where two have the same word, the later one says its rule.
        allowed: Phrases of the merchant (brands, names) inside which no word is reported.
    """

    def __init__(self, lists: Iterable[WordList], allowed: Iterable[str] = ()) -> None:
        lists = list(lists)
        self._groups = {
            fold(word): (word, group)
            for each in lists
            for group in each.group
            for word in (*group.words, *group.statute)
            if fold(word)
        }
        self._words = list(self._groups)
        self._automaton = AhoCorasick(self._words, matchkind=MatchKind.LeftmostLongest)
        self._excuses = Excuses([one for each in lists for one in each.exemption])
        self._allowed = [fold(phrase) for phrase in allowed if fold(phrase)]

    @property
    def size(self) -> int:
        """How many different words are looked for."""
        return len(self._words)

    def scan(self, text: str) -> list[Hit]:
        """Every word in the text, in the order in which it is read."""
        folded = fold(text)
        matches = self._automaton.find_matches_as_indexes(folded)
        if not matches:
            return []
        where, free = places(text), self._free(folded)
        return [
            self._hit(folded, where, self._words[which], start)
            for which, start, end in matches
            if not any(first <= start and end <= last for first, last in free)
        ]

    def _hit(self, folded: str, where: list[int], word: str, start: int) -> Hit:
        end = start + len(word)
        said, group = self._groups[word]
        excuse = self._excuses.find(folded, word, start)
        return Hit(
            word=said, group=group, exemption=excuse, start=where[start], end=where[end - 1] + 1
        )

    def _free(self, folded: str) -> list[tuple[int, int]]:
        return [span for phrase in self._allowed for span in _spans(folded, phrase)]


class Excuses:
    """Which exemption a word at some place of a text may have."""

    def __init__(self, exemptions: Iterable[Exemption]) -> None:
        self._exemptions = [(each, _Company(each)) for each in exemptions]

    def find(self, folded: str, word: str, start: int) -> Exemption | None:
        """The first exemption that fits; those that are sure come first in the lists."""
        for exemption, company in self._exemptions:
            if company.keeps(folded, word, start):
                return exemption
        return None


class _Company:
    """The folded words of one exemption."""

    def __init__(self, exemption: Exemption) -> None:
        self._phrases = [fold(each) for each in exemption.phrases]
        self._before = tuple(fold(each) for each in exemption.before)
        self._after = tuple(fold(each) for each in exemption.after)
        self._words = {fold(each) for each in exemption.words}
        self._reach = exemption.reach

    def keeps(self, folded: str, word: str, start: int) -> bool:
        if any(_stands_in(folded, phrase, word, start) for phrase in self._phrases):
            return True
        if self._words and word not in self._words:
            return False
        end = start + len(word)
        before = folded[max(0, start - self._reach) : start]
        after = folded[end : end + self._reach]
        return any(each in before for each in self._before) or any(
            each in after for each in self._after
        )


def _stands_in(folded: str, phrase: str, word: str, start: int) -> bool:
    """Whether the word at `start` is part of the phrase there."""
    return any(
        folded.startswith(phrase, start - shift) and start >= shift
        for shift, _ in _spans(phrase, word)
    )


def _spans(text: str, part: str) -> Iterable[tuple[int, int]]:
    """Where the part stands in the text, also overlapping."""
    start = text.find(part)
    while start >= 0:
        yield start, start + len(part)
        start = text.find(part, start + 1)

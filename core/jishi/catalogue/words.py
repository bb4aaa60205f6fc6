"""Texts into words that an ordinary index can find, Chinese included, and into a sorting order.

Chinese is written without spaces. Each run of Chinese characters gives its single characters and
its overlapping pairs: 羊毛被 → 羊 毛 被 羊毛 毛被. A query of two or more characters asks for its
pairs, a query of one for that character, so neither needs a dictionary or an engine's extension.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

_HAN = (
    "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af"
    "\U00020000-\U0003ffff"
)
_RUNS = re.compile(rf"(?P<han>[{_HAN}]+)|(?:(?![{_HAN}])[^\W_])+")

MOST_ASKED = 12
"""Words of a query that count: whoever pastes a novel is answered by its beginning."""

_LONGEST = 40
"""Letters of a word that count, so that no index entry grows without bound."""

TITLE, OTHER, CATEGORY = 64, 2, 1
"""What a hit is worth: one in the title outweighs any number elsewhere."""


def tokens(text: str) -> set[str]:
    """All that a text can be found by."""
    found: set[str] = set()
    for run, is_han in _runs(text):
        if is_han:
            found.update(run)
            found.update(_pairs(run))
        else:
            found.add(run)
    return found


def asked(query: str) -> list[str]:
    """What a product must answer to, for a query; in its order, each once.

    Empty when the query holds no letter or digit: nothing answers to it.
    """
    words: dict[str, None] = {}
    for run, is_han in _runs(query):
        words.update(dict.fromkeys(_pairs(run) if is_han and len(run) > 1 else [run]))
    return list(words)[:MOST_ASKED]


def weighed(texts: Iterable[tuple[str, int]]) -> Mapping[str, int]:
    """The words of several texts, each with the highest weight of the texts it stands in."""
    weights: dict[str, int] = {}
    for text, weight in texts:
        for token in tokens(text):
            if weights.get(token, 0) < weight:
                weights[token] = weight
    return weights


def sort_key(title: str) -> str:
    """What titles are sorted by, the same on every engine.

    GB 18030 keeps the 3,755 most common characters in the order of their pinyin, so comparing its
    bytes sorts Chinese as Chinese readers expect, without a dictionary. Hexadecimal digits
    compare alike under every collation.
    """
    return " ".join(title.casefold().split()).encode("gb18030", "replace").hex()[:240]


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    # Full width becomes half width (ＡＢＣ１ → abc1), ligatures and the like their plain letters.
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    for found in _RUNS.finditer(plain):
        run = found.group()
        is_han = found["han"] is not None
        yield (run if is_han else run[:_LONGEST]), is_han


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]

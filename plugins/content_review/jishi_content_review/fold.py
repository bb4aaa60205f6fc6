"""Texts as they are compared: width, case and hiding characters do not count."""

import unicodedata

_HIDING = frozenset("*·•・_~-^|＊`'\"“”‘’ \t\u00a0\u3000")
"""What people put between characters so that a word is not found; sentence ends are not here."""


class _Folds(dict[int, str]):
    """For each character what remains of it; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character in _HIDING or unicodedata.category(character) in ("Cf", "Mn"):
            folded = ""
        elif unicodedata.category(character) == "Cs":
            folded = "\ufffd"  # half a pair, which is no character and has no bytes
        else:
            folded = unicodedata.normalize("NFKC", character).casefold()
        self[code] = folded
        return folded


_FOLDS = _Folds()


def fold(text: str) -> str:
    """The text without what does not count."""
    return text.translate(_FOLDS)


def places(text: str) -> list[int]:
    """For each character of the folded text its place in the text itself, and the end."""
    found = [place for place, each in enumerate(text) for _ in _FOLDS[ord(each)]]
    return [*found, len(text)]

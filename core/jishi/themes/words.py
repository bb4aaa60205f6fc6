"""The words of the pages: one toml per language, the merchant's own words before the theme's."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from jishi.themes.problems import ThemeProblem


class Words:
    """All texts of a theme in all its languages.

    Args:
        folders: Where ``<language>.toml`` files lie; a later folder's words win.
        first: The language of a visitor who says nothing.

    Raises:
        ThemeProblem: A file cannot be read, or there is none.
    """

    def __init__(self, folders: Iterable[Path], first: str) -> None:
        self._texts: dict[str, dict[str, str]] = {}
        for folder in folders:
            for file in sorted(folder.glob("*.toml")):
                self._texts.setdefault(file.stem, {}).update(_read(file))
        if not self._texts:
            raise ThemeProblem("The theme has no words.", next_step="Tell its author.")
        self.languages = tuple(self._texts)
        self.first = self.match(first) or self.languages[0]

    def match(self, tag: str) -> str | None:
        """The language that serves a tag: ``en-GB`` is served by ``en``, ``zh`` by ``zh-CN``."""
        wanted = tag.strip().lower()
        for language in self.languages:
            if language.lower() == wanted:
                return language
        primary = wanted.partition("-")[0]
        for language in self.languages:
            if primary and language.lower().partition("-")[0] == primary:
                return language
        return None

    def accepted(self, header: str) -> str | None:
        """The best language for an ``Accept-Language`` header."""
        wanted: list[tuple[float, str]] = []
        for part in header[:200].split(","):
            tag, _, weight = part.strip().partition(";q=")
            wanted.append((_number(weight), tag))
        for quality, tag in sorted(wanted, key=lambda each: -each[0]):
            if quality > 0 and (found := self.match(tag)):
                return found
        return None

    def say(self, language: str, key: str, values: Mapping[str, object]) -> str:
        """A text with its values filled in; an unknown key shows itself, so that it is noticed."""
        text = self._texts[language].get(key)
        return key if text is None else text.format_map(_Filled(values))

    def knows(self, language: str, key: str) -> bool:
        """Whether there is such a text."""
        return key in self._texts[language]

    def keys(self, language: str) -> frozenset[str]:
        """Every key of a language."""
        return frozenset(self._texts[language])


class _Filled(dict[str, object]):
    """Values of a text; what is missing stays empty, so that a page never breaks over a word."""

    def __missing__(self, key: str) -> str:
        return ""


def _read(file: Path) -> dict[str, str]:
    try:
        tables = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ThemeProblem(f"{file} cannot be read: {error}.") from error
    return dict(_flat(tables, ""))


def _flat(table: Mapping[str, object], prefix: str) -> Iterable[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)


def _number(text: str) -> float:
    try:
        return float(text or "1")
    except ValueError:
        return 0.0

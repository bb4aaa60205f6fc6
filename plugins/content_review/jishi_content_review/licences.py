"""Which licences goods of a category need.

Source: WeChat's categories for mini programs of companies and what it asks for in each
(运营/开放的服务类目/非个人主体, read on 2026-07-30).
"""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from importlib.resources import files

import msgspec

from jishi.compliance import Finding
from jishi_content_review.structs import Language

_SOURCE = "微信小程序开放的服务类目（非个人主体）"


class Need(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one category needs.

    Attributes:
        any_of: One of these is enough.
        all_of: All of these; in each, ``|`` stands between those that serve as well.
    """

    any_of: tuple[str, ...] = ()
    all_of: tuple[str, ...] = ()

    def missing(self, held: frozenset[str]) -> str:
        """What is still needed, in words; empty when nothing is."""
        if self.any_of and not held.intersection(self.any_of):
            return " / ".join(self.any_of)
        return "；".join(
            one.replace("|", " / ") for one in self.all_of if not held.intersection(one.split("|"))
        )


class Requirements(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all categories need.

    Attributes:
        needs: By category, what a program can decide.
        texts: By category, what only a person can decide; None where nothing is needed.
    """

    needs: dict[str, Need]
    texts: dict[str, str | None]


@cache
def requirements() -> Requirements:
    """The requirements that come with this plugin."""
    text = files("jishi_content_review").joinpath("licences.json").read_bytes()
    return msgspec.json.decode(text, type=Requirements)


class Licences:
    """The licences that a shop holds, asked about categories.

    Args:
        held: Licence and its last day, or ``forever``.
        categories: The shop's own categories and what WeChat calls them.
        language: The language of findings.
    """

    def __init__(
        self, held: dict[str, str], categories: dict[str, str], language: Language
    ) -> None:
        self._held = held
        self._categories = categories
        self._language = language

    def look(self, path: Sequence[str], today: date) -> list[Finding]:
        """What is missing for goods of the category whose path this is."""
        for name in self._names(path):
            if need := requirements().needs.get(name):
                return self._missing(name, need, today)
            if text := requirements().texts.get(name):
                return self._asked(name, text, today)
        return []

    def _names(self, path: Sequence[str]) -> Iterable[str]:
        """From the leaf up, as WeChat calls them."""
        return (self._categories.get(name, name) for name in reversed(path))

    def _missing(self, name: str, need: Need, today: date) -> list[Finding]:
        missing = need.missing(self._valid(today))
        if not missing:
            return []
        lapsed = "、".join(sorted(set(self._held) - self._valid(today)))
        return [self._finding(name, missing, lapsed)]

    def _asked(self, name: str, text: str, today: date) -> list[Finding]:
        """What only a person can read is settled by a licence of the category's name."""
        return [] if name in self._valid(today) else [self._finding(name, text, "")]

    def _valid(self, today: date) -> frozenset[str]:
        return frozenset(
            name
            for name, last in self._held.items()
            if last == "forever" or date.fromisoformat(last) >= today
        )

    def _finding(self, name: str, missing: str, lapsed: str) -> Finding:
        if self._language == "zh":
            message = f"“{name}”类目需要资质：{missing}。办妥后写入设置 licences；没有则不要上架。"
            message += f" 已过期：{lapsed}。" if lapsed else ""
        else:
            message = (
                f"Goods of “{name}” need a licence: {missing}. Name it in the setting licences."
            )
            message += f" Lapsed: {lapsed}." if lapsed else ""
        return Finding(
            rule="licence_missing",
            severity="doubt",
            message=message,
            field="category",
            excerpt=name,
            source=_SOURCE,
        )

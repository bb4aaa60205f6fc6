"""Values of subscribe messages: each key's name says its type, each type has its own limits.

Source: WeChat's documentation for mini programs, 订阅消息/发送订阅消息, 参数值限制. WeChat
refuses the whole message with 47003 when one value does not fit.
"""

import re
from collections.abc import Callable

KEY = re.compile(r"([a-z_]+?)([0-9]{1,3})")
"""A key such as ``thing3``: its type, and its number in the template."""

EMPTY = "无"
"""What stands where there is nothing to say; WeChat takes no empty value."""

_SPACES = re.compile(r"[\s\x00-\x1f\x7f]+")
_PATTERNS = {
    "number": re.compile(r"[0-9]{1,32}(\.[0-9]{1,8})?"),
    "amount": re.compile(r"[¥￥$€£]?[0-9]{1,10}(\.[0-9]{1,2})?元?"),
    "phone_number": re.compile(r"[0-9+\-*() ]{1,17}"),
    "car_number": re.compile(r".{1,8}"),
    "time": re.compile(
        r"([0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日 ?)?[0-2]?[0-9]:[0-5][0-9](:[0-5][0-9])?"
    ),
    "date": re.compile(r"[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日( ?[0-2]?[0-9]:[0-5][0-9])?"),
}


class DoesNotFit(ValueError):
    """A value that cannot be shortened does not fit its type."""


def fitted(key: str, text: str) -> str:
    """A value as WeChat takes it: words are shortened, numbers and times are not.

    Args:
        key: The template's key, such as ``thing3``.
        text: What is to be said.

    Raises:
        DoesNotFit: Its type does not allow it and cutting would change what it means.
    """
    kind = kind_of(key)
    plain = _SPACES.sub(" ", text).strip()
    if shorten := _WORDS.get(kind):
        return shorten(plain) or _nothing(key, kind)
    if not _PATTERNS[kind].fullmatch(plain) or (kind == "number" and len(plain) > 32):
        raise DoesNotFit(f"{key} takes a {kind}; {len(plain)} characters that are none were given")
    return plain


def kind_of(key: str) -> str:
    """The type of a key.

    Raises:
        DoesNotFit: WeChat knows no such type.
    """
    found = KEY.fullmatch(key)
    kind = found[1] if found else ""
    if kind not in KINDS:
        raise DoesNotFit(f"{key}: expected a type and a number such as thing1, amount2 or time3")
    return kind


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _nothing(key: str, kind: str) -> str:
    if kind in ("letter", "symbol"):
        raise DoesNotFit(f"{key} takes a {kind}, and nothing of that kind was given")
    return "-" if kind == "character_string" else EMPTY


def _letters(text: str) -> str:
    return "".join(each for each in text if each.isascii() and each.isalpha())[:32]


def _characters(text: str) -> str:
    """Digits, letters and signs: what is none of them is left out."""
    return "".join(each for each in text if "!" <= each <= "~")[:32]


def _symbols(text: str) -> str:
    return "".join(each for each in text if not each.isalnum() and each != " ")[:5]


def _name(text: str) -> str:
    """10 Chinese characters, or 20 letters and signs; nothing else."""
    plain = "".join(each for each in text if " " <= each <= "~" or "一" <= each <= "鿿").strip()
    return plain[: 20 if plain.isascii() else 10].strip()


def _phrase(text: str) -> str:
    """At most 5 Chinese characters and nothing else."""
    return "".join(each for each in text if "一" <= each <= "鿿")[:5]


_WORDS: dict[str, Callable[[str], str]] = {
    "thing": lambda text: _cut(text, 20),
    "letter": _letters,
    "character_string": _characters,
    "symbol": _symbols,
    "name": _name,
    "phrase": _phrase,
}

KINDS = frozenset({*_WORDS, *_PATTERNS})
"""Every type of value."""

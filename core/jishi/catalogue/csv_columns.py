"""The columns of a catalogue file: how a cell is read and what is said when it cannot be."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import msgspec

from jishi.catalogue.structs import (
    Address,
    Code,
    Handle,
    Line,
    LongText,
    Title,
    Word,
)

_MONEY = re.compile(r"(\d{1,9})(?:\.(\d{1,2}))?")
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Column(msgspec.Struct, frozen=True):
    """One column.

    Attributes:
        read: A cell's text into its value; raises ValueError.
        expected: What a cell must hold, for the merchant.
        of: Whether its value belongs to the product (alike in all rows of it) or to the SKU.
    """

    read: Callable[[str], Any]
    expected: str
    of: str


def fen(text: str) -> int:
    """An amount in yuan, exactly, as fen.

    Raises:
        ValueError: It is no amount, is below zero or has more than two decimals.
    """
    found = _MONEY.fullmatch(text)
    if found is None:
        raise ValueError
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def _text(kind: Any) -> Callable[[str], str]:
    def read(text: str) -> str:
        if _UNSEEN.search(text):
            raise ValueError
        return msgspec.convert(text, kind, strict=True)  # type: ignore[no-any-return]

    return read


def _whole(lowest: int, highest: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not lowest <= int(text) <= highest:
            raise ValueError
        return int(text)

    return read


def _or_none(read: Callable[[str], int]) -> Callable[[str], int | None]:
    return lambda text: read(text) if text else None


def _or(default: int, read: Callable[[str], int]) -> Callable[[str], int]:
    return lambda text: read(text) if text else default


def _not_a_number(word: str) -> NoReturn:
    raise ValueError(word)


def _object(text: str) -> dict[str, str]:
    value = json.loads(text, parse_constant=_not_a_number) if text else {}
    return msgspec.convert(value, dict[Word, LongText], strict=True)


def _options(text: str) -> dict[str, str]:
    return msgspec.convert(_object(text), dict[Word, Word])


def _path(text: str) -> tuple[str, ...]:
    titles = tuple(title.strip() for title in text.split(">")) if text else ()
    return msgspec.convert(titles, tuple[Title, ...])


def _addresses(text: str) -> tuple[str, ...]:
    return msgspec.convert(tuple(text.split()), tuple[Address, ...])


_OBJECT = 'a JSON object of texts, for instance {"产地": "浙江"}, or nothing'

COLUMNS: Mapping[str, Column] = {
    "handle": Column(_text(Handle), "letters, digits, hyphens, dots; at most 120", "product"),
    "title": Column(_text(Title), "a title of at most 200 characters", "product"),
    "brief": Column(_text(Line), "at most 500 characters", "product"),
    "description": Column(_text(LongText), "at most 50,000 characters", "product"),
    "category_path": Column(_path, "titles with > between: 居家 > 床品件套", "product"),
    "brand": Column(_text(Word), "at most 100 characters", "product"),
    "unit": Column(_text(Word), "at most 100 characters", "product"),
    "keywords": Column(_text(Line), "at most 500 characters", "product"),
    "image_url": Column(
        _addresses, "addresses that begin with http://, https:// or /media/", "product"
    ),
    "attributes_json": Column(_object, _OBJECT, "product"),
    "title_en": Column(_text(Line), "at most 500 characters", "product"),
    "brief_en": Column(_text(Line), "at most 500 characters", "product"),
    "tax_rate": Column(_or(1300, _whole(0, 10_000)), "basis points, 1300 is 13 %", "product"),
    "sku": Column(_text(Code), "letters, digits and . / + - _; at most 64", "sku"),
    "options_json": Column(_options, _OBJECT, "sku"),
    "price_yuan": Column(fen, "yuan, at most two decimals: 12.50", "sku"),
    "list_price_yuan": Column(
        _or_none(fen), "yuan, at most two decimals: 12.50; or nothing", "sku"
    ),
    "stock": Column(_or_none(_whole(0, 10**9)), "a whole number from 0, or nothing", "sku"),
    "on_sale": Column(_whole(0, 1), "1 or 0", "sku"),
    "weight_g": Column(_or(0, _whole(0, 10**8)), "whole grams, or nothing", "sku"),
    "barcode": Column(_text(Word), "at most 100 characters", "sku"),
    "max_per_order": Column(
        _or_none(_whole(1, 10**6)), "a whole number from 1, or nothing", "sku"
    ),
    "max_per_member": Column(
        _or_none(_whole(1, 10**6)), "a whole number from 1, or nothing", "sku"
    ),
}

FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""What a cell begins with that a spreadsheet runs; Chinese and Japanese ones take wide letters."""

GUARD = "'"
"""Before a cell that a spreadsheet would take for a formula; the import takes it off again."""

REQUIRED = ("handle", "title", "sku", "price_yuan")

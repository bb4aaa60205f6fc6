"""Addresses as people write them, in a form in which two of them can be compared."""

import re
import unicodedata

from jishi.membership.people import Relation

_NUMBERS = re.compile(r"[0-9]+|[零〇一二三四五六七八九十百]+(?=[号幢栋座楼单元室层])")
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0}
_BEFORE_ROAD = re.compile(r"^.*(?:特别行政区|自治区|自治州|省|市|区|县|镇|乡)(?=.)")


def clean_address(text: str) -> str:
    """The road and the numbers of an address: ``文三路#1-3-502``; empty without a road.

    What stands before the road (province, city, district) is left out, because one channel
    writes it and the next does not. So is everything between the numbers.
    """
    flat = re.sub(r"[\s,，。、;；()（）]", "", unicodedata.normalize("NFKC", text)).casefold()
    first = _NUMBERS.search(flat)
    head = flat[: first.start()] if first else flat
    road = _BEFORE_ROAD.sub("", head) or head
    if not road:
        return ""
    numbers = [_number(one) for one in _NUMBERS.findall(flat[len(head) :])]
    return f"{road}#{'-'.join(numbers)}" if numbers else road


def house_of(address: str) -> str:
    """The building of a cleaned address."""
    road, _, numbers = address.partition("#")
    return f"{road}#{numbers.partition('-')[0]}"


def relation_of_addresses(one: str, other: str) -> Relation | None:
    """How two cleaned addresses are; None for different places: people move."""
    if one == other:
        return "same" if "-" in one.partition("#")[2] else "house"
    return "house" if house_of(one) == house_of(other) and "#" in one else None


def _number(text: str) -> str:
    if text.isdigit():
        return str(int(text))
    total, digit = 0, 0
    for letter in text:
        if letter in "十百":
            total += (digit or 1) * (10 if letter == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS[letter]
    return str(total + digit)

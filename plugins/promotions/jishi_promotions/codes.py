"""Coupon codes: 65 random bits nobody can guess, and a check letter that finds typing errors.

Fourteen letters of Crockford's base 32 in groups (``7K3M9-QT2WX-4HJC``): no I, L, O or U. The
last one is the Luhn digit modulo 32, so a wrong letter or two swapped neighbours are told without
looking anything up.
"""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LETTERS = 14
"""Of an issued code, with its check letter."""

_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
_MEANT = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": "", "_": ""})


def new_code() -> str:
    """A fresh code: 13 random letters (65 bits) and their check letter."""
    return new_codes(1)[0]


def new_codes(count: int) -> list[str]:
    """Many fresh codes, all different."""
    codes: set[str] = set()
    while len(codes) < count:
        random = secrets.token_bytes(9 * (count - len(codes)))
        for start in range(0, len(random), 9):
            bits = int.from_bytes(random[start : start + 9]) >> 7
            body = "".join([ALPHABET[(bits >> shift) & 31] for shift in range(60, -1, -5)])
            codes.add(body + check_letter(body))
    return list(codes)


def check_letter(body: str) -> str:
    """The letter that makes a code right (Luhn modulo 32)."""
    return ALPHABET[-_luhn(body, 2) % 32]


def is_right(code: str) -> bool:
    """Whether a folded code of full length has the check letter it must have."""
    return len(code) == LETTERS and not set(code) - _VALUES.keys() and _luhn(code, 1) % 32 == 0


def _luhn(letters: str, factor: int) -> int:
    total = 0
    for letter in reversed(letters):
        product = _VALUES[letter] * factor
        total += product // 32 + product % 32
        factor = 3 - factor
    return total


def folded(typed: str) -> str:
    """A code as it is looked up: capitals, no separators, look-alike letters as digits."""
    return typed.strip().upper().translate(_MEANT)


def shown(code: str) -> str:
    """A code as people read it: in groups of five; a merchant's own word stays whole."""
    if len(code) != LETTERS:
        return code
    return "-".join((code[:5], code[5:10], code[10:]))

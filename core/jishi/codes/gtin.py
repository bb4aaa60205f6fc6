"""GTIN-8, -12, -13 and -14: the numbers on packings (GS1 General Specifications, 7.9)."""

LENGTHS = (8, 12, 13, 14)


def check_digit(digits: str) -> int:
    """The check digit behind digits: weights 3 and 1 by turns from the right, modulo 10.

    Args:
        digits: Without the check digit.
    """
    weighted = sum(
        int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))
    )
    return -weighted % 10


def gtin(text: str) -> str | None:
    """A number on a packing in the one form in which it is kept: 14 digits, zeros in front.

    Args:
        text: As scanned or typed; spaces and hyphens do not count.

    Returns:
        The 14 digits; None when it has another length, is no number, or its check digit is wrong.
    """
    digits = text.replace(" ", "").replace("-", "")
    if len(digits) not in LENGTHS or not (digits.isascii() and digits.isdigit()):
        return None
    if check_digit(digits[:-1]) != int(digits[-1]):
        return None
    return digits.zfill(14)

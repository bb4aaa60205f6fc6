"""Labels that scales print: the goods' number with what it weighs or costs.

The formats are those of the common Chinese scales: ``F`` flag, ``W`` goods' number (PLU), ``E``
amount in fen, ``N`` weight in grams, ``C`` check digit (as of a GTIN), ``O`` a last digit that
nobody checks, ``+`` a gap between two barcodes. Which format a flag has differs from store to
store, so each store says it in its settings.
"""

from functools import lru_cache
from itertools import groupby

import msgspec

from jishi.codes.gtin import check_digit

_LETTERS = frozenset("FWENCO+")


class WrongFormat(ValueError):
    """What stands in the settings is no format of a label."""


class Label(msgspec.Struct, frozen=True):
    """What a label says.

    Attributes:
        plu: The goods' number at the scale, with its zeros.
        amount: In fen; None when the label does not say.
        weight_g: In grams; None when the label does not say.
    """

    plu: str
    amount: int | None
    weight_g: int | None


class LabelFormat(msgspec.Struct, frozen=True):
    """How a label is read; make one with `LabelFormat.of`.

    Attributes:
        text: As the scale's manual writes it: ``FFWWWWWEEEEEC``.
        parts: Letter, first and last place of each part.
    """

    text: str
    parts: tuple[tuple[str, int, int], ...]

    @staticmethod
    @lru_cache(64)
    def of(text: str) -> "LabelFormat":
        """The format that a text describes.

        Raises:
            WrongFormat: A letter is unknown, or there is no goods' number.
        """
        if not text or set(text) - _LETTERS or "W" not in text or text[0] != "F":
            raise WrongFormat(
                f"{text!r} is no format of a label; expected letters like FFWWWWWEEEEEC: "
                "F flag, W goods, E fen, N grams, C check digit, O any digit."
            )
        parts, place = [], 0
        for letter, run in groupby(text):
            size = len(list(run))
            parts.append((letter, place, place + size))
            place += size
        if len({letter for letter, _, _ in parts}) != len(parts):
            raise WrongFormat(f"{text!r}: a letter stands in two places.")
        return LabelFormat(text, tuple(parts))

    def read(self, code: str) -> Label | None:
        """What a label says; None when it is not of this format or its check digit is wrong."""
        if len(code) != len(self.text):
            return None
        found = {letter: code[start:end] for letter, start, end in self.parts}
        if found.pop("+", "+").strip("+ "):
            return None
        if not all(part.isascii() and part.isdigit() for part in found.values()):
            return None
        if "C" in found and not self._checks(code, found["C"]):
            return None
        amount, weight = found.get("E"), found.get("N")
        return Label(
            found["W"],
            None if amount is None else int(amount),
            None if weight is None else int(weight),
        )

    def _checks(self, code: str, digit: str) -> bool:
        end = self.text.index("C")
        return check_digit(code[:end]) == int(digit)


def is_payment_code(code: str) -> bool:
    """Whether it is what a customer shows to pay with WeChat: 18 digits from 10 to 15."""
    return len(code) == 18 and code.isascii() and code.isdigit() and "10" <= code[:2] <= "15"

"""Codes: what is scanned at a till, on a shelf or in a hand, and which SKU it means.

A SKU has many codes: its own, the number on its packing (GTIN), the tills' own numbers, aliases.
`scan` finds the SKU of any of them, and reads the labels that scales print.
"""

from jishi.codes.conflicts import conflicts, decide_conflict
from jishi.codes.give_codes import codes_of, give_code, take_code
from jishi.codes.gtin import check_digit, gtin
from jishi.codes.labels import LabelFormat, WrongFormat, is_payment_code
from jishi.codes.problems import AmbiguousCode, CodeTaken, NoSuchConflict, UnknownCode
from jishi.codes.scan import scan
from jishi.codes.settings import CodeSettings
from jishi.codes.structs import Conflict, Given, GivenCode, NewCode, Scanned

__all__ = [
    "AmbiguousCode",
    "CodeSettings",
    "CodeTaken",
    "Conflict",
    "Given",
    "GivenCode",
    "LabelFormat",
    "NewCode",
    "NoSuchConflict",
    "Scanned",
    "UnknownCode",
    "WrongFormat",
    "check_digit",
    "codes_of",
    "conflicts",
    "decide_conflict",
    "give_code",
    "gtin",
    "is_payment_code",
    "scan",
    "take_code",
]

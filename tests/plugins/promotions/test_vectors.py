"""Codes: somebody else's check digit agrees, nobody can guess them, typing errors are told."""

import random

from stdnum import luhn

from jishi_promotions.codes import ALPHABET, LETTERS, folded, is_right, new_code, new_codes, shown

DICE = random.Random(2026)


def test_the_check_letter_is_the_one_that_another_library_computes() -> None:
    for code in new_codes(500):
        assert luhn.is_valid(code, ALPHABET)
        assert code[-1] == luhn.calc_check_digit(code[:-1], ALPHABET)


def test_every_wrong_letter_is_told() -> None:
    for code in new_codes(100):
        at = DICE.randrange(LETTERS)
        for letter in ALPHABET.replace(code[at], ""):
            assert not is_right(code[:at] + letter + code[at + 1 :])


def test_swapped_neighbours_are_told() -> None:
    for code in new_codes(300):
        at = DICE.randrange(LETTERS - 1)
        pair = code[at : at + 2]
        if pair[0] != pair[1] and set(pair) != {"0", "Z"}:  # the one pair that Luhn cannot tell
            assert not is_right(code[:at] + pair[::-1] + code[at + 2 :])


def test_a_code_has_more_than_sixty_bits_that_look_like_chance() -> None:
    codes = new_codes(3000)
    assert (LETTERS - 1) * 5 >= 60
    assert len(set(codes)) == 3000
    for at in range(LETTERS):
        counts = [sum(code[at] == letter for code in codes) for letter in ALPHABET]
        expected = 3000 / 32
        chi_square = sum((count - expected) ** 2 / expected for count in counts)
        assert chi_square < 85  # 31 degrees of freedom: p below one in a million


def test_what_people_type_is_understood() -> None:
    code = new_code()
    assert folded(shown(code).lower()) == code
    assert folded(" ol1-i0 ") == "01110"
    assert shown("SPRING") == "SPRING"

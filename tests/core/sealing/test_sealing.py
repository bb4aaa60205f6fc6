"""Personal text at rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jishi.config import ConfigProblem, Secret, Source, read_config
from jishi.sealing import SealBroken, Sealing, SealingKey, SealingSettings, key_of

SECRET = "0123456789abcdef0123456789abcdef"
OLD, NEW = ("2025", "o" * 40), ("2026", "n" * 40)
PLACE = "orders_orders.sealed"


def ring(*keys: tuple[str, str], secret: str = SECRET) -> Sealing:
    return Sealing(keys, secret)


@given(st.text(), st.text(max_size=40))
def test_what_was_sealed_opens_in_its_place(text: str, row: str):
    sealing = ring(OLD)
    stored = sealing.seal(text, PLACE, row)
    assert sealing.unseal(stored, PLACE, row) == text


@given(st.one_of(st.text(), st.text().map("s1.".__add__), st.text().map("s0.".__add__)))
def test_without_keys_any_text_comes_back_as_it_was(text: str):
    sealing = ring()
    assert sealing.unseal(sealing.seal(text, PLACE), PLACE) == text


def test_a_text_that_looks_sealed_cannot_pass_for_one():
    stored = ring().seal("s1.2025.AAAA", PLACE)
    assert ring(OLD).unseal(stored, PLACE) == "s1.2025.AAAA"


def test_the_same_text_is_never_stored_twice_alike():
    sealing = ring(OLD)
    assert sealing.seal("13800138000", PLACE) != sealing.seal("13800138000", PLACE)


def test_the_stored_text_says_nothing_but_its_key():
    stored = ring(OLD).seal("浙江省杭州市", PLACE)
    assert stored.startswith("s1.2025.")
    assert key_of(stored) == "2025"
    assert "杭州" not in stored


@pytest.mark.parametrize(
    ("column", "row"), [("checkout_carts.sealed", "a"), (PLACE, "b"), (PLACE, "")]
)
def test_a_value_that_was_moved_does_not_open(column: str, row: str):
    stored = ring(OLD).seal("13800138000", PLACE, "a")
    with pytest.raises(SealBroken, match=r"changed, moved"):
        ring(OLD).unseal(stored, column, row)


def test_column_and_row_cannot_flow_into_each_other():
    stored = ring(OLD).seal("13800138000", "a.b", "c")
    with pytest.raises(SealBroken):
        ring(OLD).unseal(stored, "a.bc", "")


def test_a_changed_value_does_not_open():
    stored = ring(OLD).seal("13800138000", PLACE)
    for place in range(len("s1.2025."), len(stored) - 1):
        other = "B" if stored[place] == "A" else "A"
        with pytest.raises(SealBroken):
            ring(OLD).unseal(stored[:place] + other + stored[place + 1 :], PLACE)


@pytest.mark.parametrize("stored", ["s1.", "s1.2025", "s1.2025.", "s1.2025.!!", "s1.2025.AAAA"])
def test_half_a_value_is_a_sentence_and_not_a_crash(stored: str):
    with pytest.raises(SealBroken):
        ring(OLD).unseal(stored, PLACE)


def test_the_newest_key_seals_and_all_open():
    before = ring(OLD).seal("李雷", PLACE)
    both = ring(OLD, NEW)
    assert both.unseal(before, PLACE) == "李雷"
    assert key_of(both.seal("李雷", PLACE)) == "2026"


def test_what_is_not_sealed_with_the_newest_key_is_not_current():
    before, both = ring(OLD).seal("李雷", PLACE), ring(OLD, NEW)
    assert not both.is_current(before)
    assert not both.is_current("李雷")
    assert both.is_current(both.seal("李雷", PLACE))
    assert both.is_current("")
    assert ring().is_current("李雷")
    assert not ring().is_current(before)


def test_a_missing_key_is_named():
    stored = ring(OLD).seal("李雷", PLACE)
    with pytest.raises(SealBroken, match="2025") as broken:
        ring(NEW).unseal(stored, PLACE)
    assert "李雷" not in str(broken.value)


def test_another_secret_for_the_same_key_does_not_open():
    with pytest.raises(SealBroken):
        ring(("2025", "x" * 40)).unseal(ring(OLD).seal("李雷", PLACE), PLACE)


def test_a_fingerprint_finds_the_same_text_whatever_keys_there_are():
    prints = {one.fingerprint("13800138000", PLACE) for one in (ring(), ring(OLD), ring(NEW))}
    assert len(prints) == 1


def test_a_fingerprint_tells_texts_columns_and_shops_apart():
    sealing = ring()
    prints = {
        sealing.fingerprint("13800138000", PLACE),
        sealing.fingerprint("13800138001", PLACE),
        sealing.fingerprint("13800138000", "checkout_carts.contact"),
        ring(secret="another" * 8).fingerprint("13800138000", PLACE),
        sealing.fingerprint("", PLACE + "13800138000"),
    }
    assert len(prints) == 5


def test_a_short_secret_is_refused_without_showing_it():
    with pytest.raises(ValueError, match="shorter than 32") as short:
        SealingKey(id="a", secret=Secret("hunter2"))
    assert "hunter2" not in str(short.value)


def test_keys_stand_in_the_build_and_come_from_its_environment(tmp_path):
    tables = {
        "shop": {"name": "店", "secret": {"env": "SHOP_SECRET"}},
        "sealing": {"keys": [{"id": "2026", "secret": {"env": "SEAL_2026"}}]},
    }
    environ = {"SHOP_SECRET": SECRET, "SEAL_2026": "n" * 40}
    config = read_config(Source(tmp_path, tables=tables, environ=environ))
    (key,) = config.section("sealing", SealingSettings).keys
    assert (key.id, key.secret.reveal()) == NEW


def test_two_keys_of_one_name_are_refused(tmp_path):
    one = {"id": "2026", "secret": {"env": "SEAL_2026"}}
    tables = {
        "shop": {"name": "店", "secret": {"env": "SHOP_SECRET"}},
        "sealing": {"keys": [one, one]},
    }
    environ = {"SHOP_SECRET": SECRET, "SEAL_2026": "n" * 40}
    config = read_config(Source(tmp_path, tables=tables, environ=environ))
    with pytest.raises(ConfigProblem, match="the same id"):
        config.section("sealing", SealingSettings)

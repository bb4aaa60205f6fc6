"""Values of subscribe messages fit their types, or are not sent."""

import pytest

from jishi_wechat_miniprogram.simulator.people import _check_data
from jishi_wechat_miniprogram.simulator.refusals import Refusal
from jishi_wechat_miniprogram.values import KINDS, DoesNotFit, fitted
from jishi_wechat_miniprogram.wording import values_of, worded, words_of_data

LONG = "白茶杯子毛巾" * 20


@pytest.mark.parametrize(
    ("key", "given", "said"),
    [
        ("thing1", "白" * 20, "白" * 20),
        ("thing1", "白" * 21, "白" * 19 + "…"),
        ("thing1", " a\n b ", "a b"),
        ("thing1", "", "无"),
        ("character_string1", "单号SF-1", "SF-1"),
        ("character_string1", "x" * 40, "x" * 32),
        ("letter1", "AB12", "AB"),
        ("name1", "李" * 11, "李" * 10),
        ("name1", "x" * 30, "x" * 20),
        ("phrase1", "已经发货了呀", "已经发货了"),
        ("amount1", "12.34元", "12.34元"),
        ("time1", "2026年3月1日 16:05", "2026年3月1日 16:05"),
        ("number1", "12.5", "12.5"),
    ],
)
def test_a_value_becomes_what_its_type_takes(key, given, said):
    assert fitted(key, given) == said


@pytest.mark.parametrize(
    ("key", "given"),
    [
        ("amount1", "12345678901"),
        ("amount1", "一元"),
        ("time1", "tomorrow"),
        ("number1", "9" * 33),
        ("number1", "3 pieces"),
        ("phone_number1", "1" * 18),
        ("car_number1", "x" * 9),
        ("thong1", "x"),
        ("thing", "x"),
    ],
)
def test_what_cannot_be_cut_without_changing_its_meaning_is_refused(key, given):
    with pytest.raises(DoesNotFit):
        fitted(key, given)


@pytest.mark.parametrize("kind", sorted(KINDS - {"number", "amount", "time", "date"}))
@pytest.mark.parametrize("text", ["", LONG, "mixed 白茶 №1 !?", "x" * 99, "\x00\n"])
def test_the_simulator_takes_every_shortened_value(kind, text):
    try:
        value = fitted(f"{kind}1", text)
    except DoesNotFit:
        return
    _check_data((f"{kind}1",), {f"{kind}1": {"value": value}})


def test_the_simulator_refuses_what_is_too_long():
    with pytest.raises(Refusal) as refused:
        _check_data(("thing1",), {"thing1": {"value": "白" * 21}})
    assert refused.value.code == 47003


def test_a_word_that_an_event_does_not_have_is_an_error_that_names_the_others():
    with pytest.raises(DoesNotFit, match="number, total"):
        worded("{goods}", {"number": "1", "total": "2"})


def test_moments_are_told_in_beijings_time():
    words = words_of_data({"expires_at": "2026-03-31T16:00:00Z", "points": 120, "gone": None})
    assert values_of({"number1": "{points}", "time2": "{expires_at}"}, words) == {
        "number1": "120",
        "time2": "2026年4月1日 00:00",
    }

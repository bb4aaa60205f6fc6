from hypothesis import given
from hypothesis import strategies as st

from jishi.catalogue.words import MOST_ASKED, asked, sort_key, tokens, weighed

HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=8)
LATIN = st.text("abcdefgXYZ0189ａＢ９", min_size=1, max_size=8)
TEXTS = st.lists(st.one_of(HAN, LATIN), min_size=1, max_size=4)


def test_chinese_is_found_by_single_characters_and_pairs():
    assert tokens("羊毛被") == {"羊", "毛", "被", "羊毛", "毛被"}
    assert asked("羊毛被") == ["羊毛", "毛被"]
    assert asked("被") == ["被"]


def test_scripts_are_parted_and_full_width_is_half_width():
    assert tokens("１００％棉 ＵＳＢ-C") == {"100", "棉", "usb", "c"}


def test_a_query_without_letters_asks_for_nothing():
    assert asked(" %_'\"; -- ") == []


def test_a_long_query_counts_by_its_beginning():
    assert len(asked("床" + "".join(chr(0x4E00 + n) for n in range(100)))) == MOST_ASKED


@given(TEXTS)
def test_a_text_answers_to_itself(parts):
    text = " ".join(parts)
    assert set(asked(text)) <= tokens(text)


@given(HAN, st.data())
def test_a_chinese_title_answers_to_every_piece_of_itself(title, data):
    start = data.draw(st.integers(0, len(title) - 1))
    end = data.draw(st.integers(start + 1, len(title)))
    assert set(asked(title[start:end])) <= tokens(title)


@given(st.text(max_size=300))
def test_any_text_at_all_can_be_indexed_and_sorted(text):
    assert all(token and token == token.strip() for token in tokens(text))
    assert set(sort_key(text)) <= set("0123456789abcdef")


def test_the_highest_weight_of_a_word_counts():
    assert weighed([("tea", 1), ("green tea", 64), ("tea", 2)]) == {"tea": 64, "green": 64}


def test_common_characters_sort_by_their_pinyin():
    titles = ["张", "李", "王", "陈", "阿"]
    assert sorted(titles, key=sort_key) == ["阿", "陈", "李", "王", "张"]

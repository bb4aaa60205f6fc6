"""Words are found in any disguise, in their company, and explained."""

import pytest

from jishi_content_review import ContentReviewSettings
from jishi_content_review.scanner import Scanner
from jishi_content_review.word_lists import own_words


async def test_a_word_of_the_statute_is_a_doubt_with_its_law_and_place(ask):
    (found,) = await ask("精选原叶，国家级品质，入口回甘")
    assert (found.rule, found.severity) == ("absolute_wording", "doubt")
    assert found.source == "广告法第九条第三项"
    assert found.excerpt == "精选原叶，【国家级】品质，入口回甘"
    assert "法律明文禁止" in found.message
    assert found.exemption == ""


async def test_what_is_only_practice_says_so(ask):
    (found,) = await ask("销量第一的保温杯")
    assert "实践中" in found.message


@pytest.mark.parametrize(
    "text",
    [
        "最 佳",
        "最*佳",
        "最\u200b佳",
        "最\u3000佳",
        "最·佳",
        "最“佳”",
        "最_佳",
        "ＮＯ．1",
        "No.1",
        "TOP1",
        "100％",
    ],
)
async def test_disguises_do_not_help(ask, text):
    (found,) = await ask(f"本品{text}选择")
    assert found.excerpt.startswith("本品【" + text[0])


async def test_an_excerpt_shows_the_text_as_it_was_written(ask):
    (found,) = await ask("这是最 * 佳的选择")
    assert found.excerpt == "这是【最 * 佳】的选择"


async def test_a_sentence_end_keeps_characters_apart(ask):
    assert await ask("价格压到最。佳人喜欢") == []


@pytest.mark.parametrize(
    "text", ["第一步先洗手", "第一次使用", "最后检查", "最近到货", "绿色棉布"]
)
async def test_harmless_texts_are_left_alone(ask, text):
    assert await ask(text) == []


@pytest.mark.parametrize(
    "text",
    ["最佳食用期为开封后三天", "最佳赏味期30天", "最大承重50KG", "100%澳洲美利奴羊毛", "100%棉"],
)
async def test_a_sure_exemption_makes_it_a_note(ask, text):
    (found,) = await ask(text)
    assert found.severity == "note"
    assert found.exemption


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("我们致力于做最好的毛巾", "态度或目标"),
        ("本店历年最大的一次上新", "自我比较"),
        ("国家级非物质文化遗产技艺", "事实"),
    ],
)
async def test_a_possible_exemption_is_a_hint_for_the_person_who_decides(ask, text, why):
    (found,) = await ask(text)
    assert found.severity == "doubt"
    assert why in found.exemption


async def test_a_word_excused_in_one_place_is_reported_where_it_stands_alone(ask):
    (found,) = await ask("最佳食用期三天。全城最佳。")
    assert found.severity == "doubt"
    assert found.excerpt.endswith("全城【最佳】。")


async def test_medical_words_are_for_medical_goods(ask):
    (found,) = await ask("本枕头可以治疗失眠")
    assert (found.rule, found.source) == ("medical_claim", "广告法第十七条")
    assert await ask("用于治疗失眠", "健康", "药品") == []


async def test_health_food_must_carry_its_notice_and_may_not_promise(ask):
    settings = ContentReviewSettings(licences={"国产保健食品批准证书": "forever"})
    found = await ask("增强活力，无副作用", "保健品", settings=settings)
    assert {one.rule for one in found} == {"health_food_claim", "health_food_notice_missing"}
    found = await ask("增强活力。本品不能代替药物。", "保健品", settings=settings)
    assert [one.severity for one in found if one.severity != "note"] == []


async def test_the_merchants_own_brand_is_not_reported(ask):
    settings = ContentReviewSettings(allowed=("唯一视觉",))
    assert await ask("唯一视觉出品", settings=settings) == []
    assert len(await ask("唯一视觉，唯一选择", settings=settings)) == 1


async def test_the_merchants_own_words_are_looked_for_too(ask, tmp_path):
    words = tmp_path / "words.toml"
    words.write_text(
        '[[group]]\nrule = "house_style"\nlaw = "店内规范"\nseverity = "forbidden"\n'
        'words = ["亲亲"]\n[group.say]\nzh = "不用这个词"\nen = "not our word"\n',
        "utf-8",
    )
    (found,) = await ask("亲亲下单吧", settings=ContentReviewSettings(words=words))
    assert (found.rule, found.severity) == ("house_style", "forbidden")


async def test_english_is_for_staff_who_read_english(ask):
    (found,) = await ask("销量第一", settings=ContentReviewSettings(language="en"))
    assert "Say a fact that can be proved" in found.message


async def test_an_english_text_is_none_of_its_business(ask):
    assert await ask("A plain cotton towel, 30 by 60 cm.") == []


def test_every_exemption_phrase_contains_a_word_that_is_looked_for():
    scanner = Scanner([own_words()])
    for exemption in own_words().exemption:
        for phrase in exemption.phrases:
            assert scanner.scan(phrase), phrase


def test_no_word_stands_in_two_groups():
    words = [word for group in own_words().group for word in (*group.words, *group.statute)]
    assert len(words) == len(set(words))

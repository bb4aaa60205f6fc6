import asyncio
import json
from pathlib import Path

import pytest

from jishi.catalogue import Sku, SkuNotFound
from jishi.codes import (
    AmbiguousCode,
    LabelFormat,
    NewCode,
    NoSuchConflict,
    UnknownCode,
    WrongFormat,
    codes_of,
    conflicts,
    decide_conflict,
    give_code,
    gtin,
    is_payment_code,
    scan,
    take_code,
)
from jishi.codes.problems import WrongCode

VECTORS = json.loads((Path(__file__).parents[2] / "data" / "barcodes.json").read_text())
EAN = "6921168509256"


@pytest.fixture
def shop_tables(shop_tables):
    codes = {
        "labels": {"21": "FFWWWWWEEEEEC", "26": "FFWWWWWEEEEENNNNNC"},
        "stores": {"east": {"21": "FFWWWWWNNNNNC"}},
    }
    return {**shop_tables, "codes": codes, "stores": {"east": {}, "west": {}}}


@pytest.fixture
async def goods(seller):
    for name in ("tea", "apple", "pear"):
        await seller.product(name, price=1000)


async def give(shop, sku, code, kind="alias", issuer="", source="staff:1"):
    return await give_code(shop, NewCode(sku=sku, code=code, kind=kind, issuer=issuer), source)


@pytest.mark.parametrize("case", VECTORS["computed"] + VECTORS["published"])
def test_labels_are_read_as_published(case):
    label = LabelFormat.of(case["format"]).read(case["barcode"])
    assert (label.plu, label.amount, label.weight_g) == (
        case["plu"],
        case.get("amount_fen"),
        case.get("weight_g"),
    )
    wrong = case["barcode"][:-1] + str((int(case["barcode"][-1]) + 1) % 10)
    if case["format"].endswith("C"):
        assert LabelFormat.of(case["format"]).read(wrong) is None


@pytest.mark.parametrize("text", VECTORS["dahua_formats"])
def test_every_known_format_is_understood_or_says_what_it_lacks(text):
    if "W" in text:
        assert LabelFormat.of(text).text == text
    else:
        with pytest.raises(WrongFormat):
            LabelFormat.of(text)


@pytest.mark.parametrize("case", VECTORS["gtin13"])
def test_check_digits_of_packings(case):
    assert (gtin(case["gtin"]) is not None) == case["valid"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("96385074", "00000096385074"),
        ("036000291452", "00036000291452"),
        ("0036000291452", "00036000291452"),
        ("692-1168 509256", "06921168509256"),
        ("16921168509253", "16921168509253"),
        ("6921168509257", None),
        ("٦٩٢١١٦٨٥٠٩٢٥٦", None),
        ("692116850925", None),
        ("", None),
    ],
)
def test_a_packings_number_has_one_form(text, kept):
    assert gtin(text) == kept


def test_payment_codes_are_no_goods():
    known = VECTORS["wechat_pay_code"]
    assert all(map(is_payment_code, known["valid"]))
    assert not any(map(is_payment_code, known["invalid"]))


async def test_every_code_of_a_sku_finds_it(shop, goods):
    assert (await give(shop, "tea", EAN, "gtin")).state == "given"
    assert (await give(shop, "tea", "茶-1")).state == "given"
    assert (await give(shop, "tea", "900", "vendor", "pospal")).state == "given"
    for text in ("tea", EAN, "0" + EAN, " 茶-1 "):
        found = await scan(shop, text)
        assert (found.sku, found.price, found.title) == ("tea", 1000, "商品 tea")
    assert (await scan(shop, "900", issuer="pospal")).kind == "vendor"
    with pytest.raises(UnknownCode):
        await scan(shop, "900", issuer="square")
    assert {one.code for one in await codes_of(shop.database, "tea")} == {
        "0" + EAN,
        "茶-1",
        "900",
    }
    await take_code(shop, "tea", EAN)
    with pytest.raises(UnknownCode):
        await scan(shop, EAN)


async def test_a_label_says_what_it_weighs_and_costs_as_its_store_prints_it(shop, goods):
    await give(shop, "apple", "10007", "plu")
    priced = await scan(shop, "2110007035207")
    assert (priced.sku, priced.amount, priced.weight_g) == ("apple", 3520, None)
    weighed = await scan(shop, "2110007002209", store="east")
    assert (weighed.sku, weighed.amount, weighed.weight_g) == ("apple", None, 220)
    await give(shop, "pear", "10007", "plu", "east")
    assert (await scan(shop, "2110007002209", store="east")).sku == "pear"
    assert (await scan(shop, "2110007035207", store="west")).sku == "apple"
    with pytest.raises(UnknownCode):
        await scan(shop, "10007")


async def test_a_code_of_other_goods_waits_for_a_person(shop, goods):
    await give(shop, "tea", EAN, "gtin")
    first = await give(shop, "pear", EAN, "gtin", source="pospal@1")
    again = await give(shop, "pear", EAN, "gtin", source="square@1")
    assert (first.state, again.conflict) == ("conflict", first.conflict)
    assert (await scan(shop, EAN)).sku == "tea"
    (one,) = await conflicts(shop.database)
    assert (one.has, one.wants, one.evidence, one.times) == ("tea", "pear", "square@1", 2)
    done = await decide_conflict(shop, one.id, "move", "staff:1")
    assert (done.state, (await scan(shop, EAN)).sku) == ("moved", "pear")
    with pytest.raises(NoSuchConflict):
        await decide_conflict(shop, one.id, "keep", "staff:1")
    assert await conflicts(shop.database) == []


async def test_what_was_decided_is_not_asked_again(shop, goods):
    await give(shop, "tea", "x")
    wanted = await give(shop, "pear", "x")
    await decide_conflict(shop, wanted.conflict, "keep", "staff:1")
    await give(shop, "pear", "x")
    assert await conflicts(shop.database) == []
    assert (await scan(shop, "x")).sku == "tea"


async def test_many_who_give_one_code_at_once_make_one_owner(shop, goods):
    skus = ["tea", "apple", "pear"] * 4
    given = await asyncio.gather(*(give(shop, sku, "one") for sku in skus))
    assert [one.state for one in given].count("given") == 1
    owner = (await scan(shop, "one")).sku
    assert {one.wants for one in await conflicts(shop.database)} == {
        "tea",
        "apple",
        "pear",
    } - {owner}


async def test_barcodes_of_the_catalogue_count_and_say_when_two_have_them(shop, seller):
    await seller.product("a", skus=(Sku(code="a", price=1, barcode=EAN),))
    assert (await scan(shop, "0" + EAN)).sku == "a"
    await seller.product("b", skus=(Sku(code="b", price=1, barcode=EAN),))
    with pytest.raises(AmbiguousCode, match="a, b"):
        await scan(shop, EAN)


async def test_what_is_no_code_is_refused(shop, goods):
    with pytest.raises(WrongCode):
        await give(shop, "tea", "6921168509257", "gtin")
    with pytest.raises(SkuNotFound):
        await give(shop, "nothing", "x")
    for text in ("", "134567890123456789", "'; DROP TABLE codes_codes; --"):
        with pytest.raises(UnknownCode):
            await scan(shop, text)

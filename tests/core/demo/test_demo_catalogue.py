import csv
import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from jishi.demo.pictures import picture, write_pictures
from jishi.problems import Invalid

COLUMNS = [
    "handle",
    "title",
    "brief",
    "category_path",
    "brand",
    "unit",
    "keywords",
    "image_url",
    "attributes_json",
    "options_json",
    "sku",
    "price_yuan",
    "list_price_yuan",
    "stock",
    "on_sale",
    "weight_g",
    "title_en",
    "brief_en",
]
OF_THE_SKU = {"options_json", "sku", "price_yuan", "list_price_yuan", "stock", "weight_g"}
SUPERLATIVES = re.compile(
    "最|第一|顶级|顶尖|极致|极品|国家级|世界级|唯一|独家|首选|首家|冠军|王牌|永久|万能|绝对|销量|特效|治疗"
    "|疗效|祖传"
)
ENGLISH_SUPERLATIVES = re.compile(
    r"\b(best|finest|ultimate|perfect|greatest|number one"
    r"|no\. ?1|world.class|unrivalled|cures?)\b",
    re.IGNORECASE,
)
RAW = files("jishi.demo").joinpath("catalogue.csv").read_bytes()
ROWS = list(csv.DictReader(RAW.decode("utf-8").splitlines()))
SVG = "{http://www.w3.org/2000/svg}"


def products() -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in ROWS:
        found[row["handle"]].append(row)
    return found


def draw(row: dict[str, str]) -> str:
    return picture(row["handle"], row["title"], row["category_path"])


def test_the_file_is_utf8_with_a_header_and_unix_line_ends() -> None:
    assert RAW.decode("utf-8").splitlines()[0].split(",") == COLUMNS
    assert b"\r" not in RAW
    assert RAW.endswith(b"\n")


def test_there_are_enough_products_to_fill_a_shop() -> None:
    assert len(products()) >= 220


def test_every_row_has_every_column() -> None:
    for row in ROWS:
        assert set(row) == set(COLUMNS)
        assert not [name for name in COLUMNS if not row[name]], row


def test_no_sku_is_used_twice() -> None:
    assert len({row["sku"] for row in ROWS}) == len(ROWS)


def test_handles_and_skus_are_plain_ascii() -> None:
    for row in ROWS:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row["handle"])
        assert re.fullmatch(r"[A-Z0-9]+(-[A-Z0-9]+)*", row["sku"])


@pytest.mark.parametrize("column", ["price_yuan", "list_price_yuan"])
def test_every_price_is_exact_to_the_fen(column: str) -> None:
    for row in ROWS:
        assert re.fullmatch(r"[0-9]+\.[0-9]{2}", row[column]), row["sku"]
        assert Decimal(row[column]) * 100 > 0


def test_no_list_price_is_below_the_price() -> None:
    for row in ROWS:
        assert Decimal(row["list_price_yuan"]) >= Decimal(row["price_yuan"]), row["sku"]


def test_stock_and_weight_are_whole_numbers() -> None:
    for row in ROWS:
        assert row["stock"].isdecimal()
        assert row["weight_g"].isdecimal()
        assert int(row["weight_g"]) > 0
        assert row["on_sale"] in {"0", "1"}


def test_some_products_are_drafts_and_some_skus_are_sold_out() -> None:
    drafts = {row["handle"] for row in ROWS if row["on_sale"] == "0"}
    sold_out = [row for row in ROWS if row["stock"] == "0"]
    assert 3 <= len(drafts) <= 12
    assert 3 <= len(sold_out) <= 40


def test_skus_of_one_product_agree_on_what_the_product_is() -> None:
    for handle, rows in products().items():
        for column in set(COLUMNS) - OF_THE_SKU:
            assert len({row[column] for row in rows}) == 1, (handle, column)


def test_rows_of_one_product_stand_together() -> None:
    handles = [row["handle"] for row in ROWS]
    starts = [one for one, before in zip(handles, ["", *handles], strict=False) if one != before]
    assert len(starts) == len(set(starts))


def test_skus_of_one_product_have_the_same_options_and_different_values() -> None:
    for handle, rows in products().items():
        options = [json.loads(row["options_json"]) for row in rows]
        assert len({tuple(one) for one in options}) == 1, handle
        assert len({tuple(one.values()) for one in options}) == len(rows), handle
        assert all(isinstance(value, str) for one in options for value in one.values())
        assert len(rows) <= 6


def test_many_products_come_in_several_skus() -> None:
    assert sum(len(rows) > 1 for rows in products().values()) >= 60


def test_attributes_are_pairs_of_texts() -> None:
    for row in ROWS:
        for name, value in json.loads(row["attributes_json"]).items():
            assert name
            assert isinstance(value, str)


def test_categories_have_two_levels() -> None:
    paths = {row["category_path"] for row in ROWS}
    assert all(len(path.split(" > ")) == 2 for path in paths)
    assert len({path.split(" > ")[0] for path in paths}) >= 10


def test_no_text_boasts_as_the_advertising_law_forbids() -> None:
    for row in ROWS:
        chinese = " ".join(row[name] for name in ("title", "brief", "keywords", "attributes_json"))
        assert not SUPERLATIVES.search(chinese), row["handle"]
        assert not ENGLISH_SUPERLATIVES.search(row["title_en"] + " " + row["brief_en"])


def test_every_product_speaks_chinese_and_english() -> None:
    for row in ROWS:
        assert re.search("[一-鿿]", row["title"] + row["brief"])
        for column in ("title_en", "brief_en"):
            assert re.search("[A-Za-z]{3}", row[column])
            assert not re.search("[一-鿿]", row[column])


def test_no_two_products_share_a_title() -> None:
    assert len({row["title"] for row in ROWS}) == len(products())
    assert len({row["title_en"] for row in ROWS}) == len(products())


def test_every_image_url_names_the_products_own_picture() -> None:
    for row in ROWS:
        assert row["image_url"] == f"/media/demo/{row['handle']}.svg"


def test_every_picture_is_small_wellformed_svg() -> None:
    for row in ROWS:
        drawn = draw(row)
        assert len(drawn.encode()) < 2000
        assert ET.fromstring(drawn).tag == f"{SVG}svg"


def test_no_picture_runs_or_loads_anything() -> None:
    for row in ROWS:
        for node in ET.fromstring(draw(row)).iter():
            assert node.tag.removeprefix(SVG) in {
                "svg", "title", "g", "path", "circle", "ellipse", "rect", "text",
            }  # fmt: skip
            assert not [name for name in node.attrib if name.startswith("on") or "href" in name]
            assert not [value for value in node.attrib.values() if "url(" in value]


def test_a_picture_shows_the_first_two_characters_of_its_title() -> None:
    letters = [node.text for node in ET.fromstring(
        picture("a", " 山 雾炒青", "茶 > 绿茶")
    ).iter(f"{SVG}text")]  # fmt: skip
    assert letters == ["山", "雾"]


def test_a_title_cannot_break_out_of_its_picture() -> None:
    title = "<&\"'</title><script>alert(1)</script>\x00\ufffe" * 40
    drawn = picture("a", title, "没有的类目")
    root = ET.fromstring(drawn)
    assert [node.text for node in root.iter(f"{SVG}text")] == ["<", "&"]
    assert root.find(f"{SVG}script") is None
    assert root.findtext(f"{SVG}title", "").startswith("<&\"'</title><script>")
    assert len(drawn.encode()) < 2000


@pytest.mark.parametrize("title", ["", " \t", "茶"])
def test_a_picture_copes_with_a_very_short_title(title: str) -> None:
    letters = list(ET.fromstring(picture("a", title, "茶")).iter(f"{SVG}text"))
    assert len(letters) == len(title.strip())


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_same_product_is_drawn_the_same_by_every_process(seed: str) -> None:
    ask = "from jishi.demo.pictures import picture; print(picture('a', '青', '茶'), end='')"
    drawn = subprocess.run(
        [sys.executable, "-c", ask],
        env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONUTF8": "1"},
        capture_output=True,
        check=True,
    ).stdout.decode()
    assert drawn == picture("a", "青", "茶")


def test_categories_and_handles_look_different() -> None:
    assert picture("a", "青", "茶") != picture("a", "青", "厨房")
    assert len({picture(f"p{number}", "青", "茶") for number in range(100)}) == 12


def test_one_file_is_written_for_each_product(tmp_path: Path) -> None:
    assert write_pictures(tmp_path / "demo", ROWS) == len(products())
    written = {path.stem: path.read_text("utf-8") for path in (tmp_path / "demo").iterdir()}
    assert written == {row["handle"]: draw(row) for row in ROWS}


def test_a_handle_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    stranger = ROWS[0] | {"handle": "../stranger"}
    with pytest.raises(Invalid) as refused:
        write_pictures(tmp_path / "demo", [ROWS[0], stranger])
    assert refused.value.field == "handle"
    assert list(tmp_path.iterdir()) == []

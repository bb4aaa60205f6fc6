import csv
import io
from pathlib import Path

import msgspec
import pytest

from jishi.catalogue import (
    StockOrder,
    change_stock,
    export_catalogue,
    import_catalogue,
    load_products,
    load_shelves,
    stocks,
)
from jishi.catalogue.csv_rows import read_rows
from jishi.compliance import Finding
from jishi.ledger import Group, Hold, apply_one, stock_account
from jishi.plugins import Declaration, Plugin, hookimpl

YANXUAN = Path(__file__).parents[2] / "data" / "yanxuan_catalogue.csv"


def rows_of_yanxuan() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(YANXUAN.read_text(encoding="utf-8"))))


async def test_the_real_catalogue_goes_in_whole_and_exactly(shop):
    done = []
    result = await import_catalogue(shop, YANXUAN, progress=lambda at, of: done.append((at, of)))
    assert (result.new, result.new_skus, result.rows) == (239, 244, 244)
    assert (result.problems, result.held_back, result.bad_rows) == ([], [], 0)
    assert done[-1] == (244, 244)
    rows = rows_of_yanxuan()
    products = await load_products(shop.database, "handle", [row["handle"] for row in rows])
    skus = {sku.code: (one, sku) for one in products for sku in one.listing.skus}
    shelves = await load_shelves(shop.database)
    counted = {one.sku: one.on_hand for one in await stocks(shop.database, list(skus))}
    assert len(products) == 239
    assert len(skus) == 244

    for row in rows:
        product, sku = skus[row["sku"]]
        one = product.listing
        assert one.handle == row["handle"]
        assert one.title == row["title"].strip()
        assert one.brief == row["brief"].strip()
        assert " > ".join(shelves.titles(one.category)) == row["category_path"]
        assert (one.brand, one.unit, one.keywords) == (row["brand"], row["unit"], row["keywords"])
        assert [media.address for media in one.media] == [row["image_url"]]
        assert list(one.attributes.items()) == list(
            msgspec.json.decode(row["attributes_json"]).items()
        )
        assert list(sku.options.items()) == list(msgspec.json.decode(row["options_json"]).items())
        assert f"{sku.price // 100}.{sku.price % 100:02d}" == row["price_yuan"]
        assert f"{sku.list_price // 100}.{sku.list_price % 100:02d}" == row["list_price_yuan"]
        assert counted[sku.code] == int(row["stock"])
        assert product.status == ("on_sale" if row["on_sale"] == "1" else "off_sale")


async def test_a_second_import_changes_nothing(shop):
    await import_catalogue(shop, YANXUAN)
    handles = [row["handle"] for row in rows_of_yanxuan()]
    before = await load_products(shop.database, "handle", handles)
    version = await shop.database.fetch("SELECT version FROM catalogue_version")
    entries = await shop.database.fetch("SELECT count(*) FROM ledger_entries")
    result = await import_catalogue(shop, YANXUAN)
    assert (result.new, result.changed, result.unchanged) == (0, 0, 239)
    assert (result.new_skus, result.stock_changes, result.problems) == (0, 0, [])
    assert await load_products(shop.database, "handle", handles) == before
    assert await shop.database.fetch("SELECT version FROM catalogue_version") == version
    assert await shop.database.fetch("SELECT count(*) FROM ledger_entries") == entries


HEAD = "handle,title,sku,price_yuan,stock,on_sale,options_json,weight_g\n"
GOOD = 'tea,绿茶,T-1,12.50,5,1,"{""规格"": ""50克""}",60\n'


async def problems(shop, text, **how):
    result = await import_catalogue(shop, text.encode(), **how)
    return [(one.line, one.column) for one in result.problems], result


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ('x,茶,X,12.555,1,1,"{}",\n', "price_yuan"),
        ('x,茶,X,-1.00,1,1,"{}",\n', "price_yuan"),
        ('x,茶,X,1e3,1,1,"{}",\n', "price_yuan"),
        ('x,茶,X,NaN,1,1,"{}",\n', "price_yuan"),
        ('x,茶,X,,1,1,"{}",\n', "price_yuan"),
        ('x,茶,X,1.00,-1,1,"{}",\n', "stock"),
        ('x,茶,X,1.00,1.5,1,"{}",\n', "stock"),
        ('x,  ,X,1.00,1,1,"{}",\n', "title"),
        ('x,茶,,1.00,1,1,"{}",\n', "sku"),
        ('x,茶,X,1.00,1,yes,"{}",\n', "on_sale"),
        ('x,茶,X,1.00,1,1,"{""a"": 1}",\n', "options_json"),
        ('x,茶,X,1.00,1,1,"{a}",\n', "options_json"),
        (f'x,茶,X,1.00,1,1,"{"[" * 5000}",\n', "options_json"),
        ("x,茶,X,1.00\n", ""),
        ('tea,另一个,X,1.00,1,1,"{""规格"": ""100克""}",\n', "title"),
        ('tea,绿茶,X,1.00,1,1,"{""颜色"": ""红""}",\n', "options_json"),
        ('tea,绿茶,X,1.00,1,1,"{""规格"": ""50克""}",\n', "options_json"),
        ('x,茶,T-1,1.00,1,1,"{}",\n', "sku"),
        ("x,茶\0,X,1.00,1,1,,\n", "title"),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_its_column(row, column):
    file = read_rows((HEAD + GOOD + row).encode())
    first = file.bad[0]
    assert (first.line, first.column) == (3, column)
    assert all(one.expected for one in file.bad)
    assert [len(rows) for rows in file.products.values()] == [1]


async def test_the_good_rows_go_in_and_the_bad_ones_are_counted(shop):
    bad = "x,,X,1.00,1,1,,\ny,茶,Y,1.005,-1,1,,\n"
    found, result = await problems(shop, HEAD + bad + GOOD)
    assert found == [(2, "title"), (3, "price_yuan"), (3, "stock")]
    assert (result.rows, result.new, result.new_skus, result.bad_rows) == (3, 1, 1, 2)
    assert len(await load_products(shop.database, "handle", ["tea", "x", "y"])) == 1


async def test_a_bad_row_keeps_everything_out_when_it_is_to_stop(shop):
    found, result = await problems(shop, HEAD + GOOD + "x,,X,1,1,1,,\n", on_bad_row="stop")
    assert found == [(3, "title")]
    assert result.new == 0
    assert await load_products(shop.database, "handle", ["tea"]) == []


async def test_a_foreign_sku_keeps_everything_out_when_it_is_to_stop(shop):
    await import_catalogue(shop, (HEAD + GOOD).encode())
    text = HEAD + "new,新,N,1.00,1,1,,\nthief,茶,T-1,1.00,1,1,,\n"
    found, result = await problems(shop, text, on_bad_row="stop")
    assert found == [(3, "sku")]
    assert await load_products(shop.database, "handle", ["new", "thief"]) == []
    found, result = await problems(shop, text)
    assert (found, result.new) == ([(3, "sku")], 1)


async def test_all_or_nothing_brings_a_good_file_in(shop):
    result = await import_catalogue(shop, YANXUAN, on_bad_row="stop")
    assert (result.new, result.new_skus, result.problems) == (239, 244, [])


async def test_a_misspelt_column_stops_the_file_and_is_guessed(shop):
    found, result = await problems(shop, HEAD.replace("weight_g", "wieght_g") + GOOD)
    assert found == [(1, "wieght_g")]
    assert "weight_g" in result.problems[0].expected
    assert "did you mean 'weight_g'" in result.problems[0].expected
    assert result.new == 0


async def test_a_line_number_is_right_after_a_cell_of_several_lines(shop):
    text = 'handle,title,brief,sku,price_yuan\na,茶,"one\ntwo\nthree",A,1\nb,,,B,1\n'
    found, _ = await problems(shop, text)
    assert found == [(5, "title")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_files_of_excel_in_china_are_read(encoding, ending):
    file = read_rows((HEAD + GOOD).replace("\n", ending).encode(encoding))
    assert file.bad == []
    assert [row.values["title"] for row in file.products["tea"]] == ["绿茶"]


def test_bytes_that_are_no_text_are_refused():
    file = read_rows(b"handle,title\n\xff\xff\x81")
    assert ([one.line for one in file.bad], file.products) == ([1], {})


async def test_a_dry_run_counts_and_writes_nothing(shop):
    result = await import_catalogue(shop, YANXUAN, write="dry_run")
    assert (result.new, result.new_skus, result.stock_changes) == (239, 244, 0)
    for table in ("catalogue_products", "catalogue_categories", "ledger_accounts"):
        assert await shop.database.fetch(f"SELECT 1 FROM {table}") == []


async def test_sold_stock_does_not_come_back_unless_it_is_replaced(shop):
    text = (HEAD + GOOD).encode()
    await import_catalogue(shop, text)
    order = StockOrder(sku="T-1", kind="adjust", quantity=-4, reason="sold")
    await change_stock(shop, order, "k", "staff:1")
    await import_catalogue(shop, text.replace(b"12.50", b"13.00"))
    assert [one.on_hand for one in await stocks(shop.database, ["T-1"])] == [1]
    result = await import_catalogue(shop, text, stock="replace")
    assert (result.stock_changes, result.changed) == (1, 1)
    assert [one.on_hand for one in await stocks(shop.database, ["T-1"])] == [5]


async def test_a_count_below_what_customers_hold_is_a_bad_row(shop):
    await import_catalogue(shop, (HEAD + GOOD).encode())
    hold = Hold(account=stock_account("T-1"), amount=3, key="h", owner="o", expires_at=None)
    async with shop.database.transaction() as tx:
        await apply_one(tx, Group(operations=(hold,)), shop.clock.now())
    lower = (HEAD + GOOD).replace(",5,1,", ",2,1,")
    found, _ = await problems(shop, lower, stock="replace")
    assert found == [(2, "stock")]
    assert [one.on_hand for one in await stocks(shop.database, ["T-1"])] == [5]


async def test_columns_that_are_missing_keep_what_was_there(shop):
    await import_catalogue(shop, (HEAD + GOOD).encode())
    result = await import_catalogue(
        shop, b"handle,title,sku,price_yuan,options_json\ntea,Tea,T-1,12.50,"
        b'"{""\xe8\xa7\x84\xe6\xa0\xbc"": ""50\xe5\x85\x8b""}"\n'
    )  # fmt: skip
    assert result.changed == 1
    (product,) = await load_products(shop.database, "handle", ["tea"])
    assert (product.listing.title, product.listing.skus[0].weight_g) == ("Tea", 60)
    assert product.status == "on_sale"


async def test_what_the_review_stops_is_kept_as_a_draft_and_said(shop, reopen):
    class Never(Plugin):
        declaration = Declaration(name="never", version="0.1.0")

        @hookimpl
        async def review_subject(self, subject):
            return [Finding(rule="never", severity="forbidden", message="No.")]

    strict = reopen(Never())
    result = await import_catalogue(strict, (HEAD + GOOD).encode())
    assert [(one.handle, one.verdict) for one in result.held_back] == [("tea", "refused")]
    (product,) = await load_products(shop.database, "handle", ["tea"])
    assert product.status == "draft"
    again = await import_catalogue(strict, (HEAD + GOOD).encode())
    assert (again.changed, again.unchanged, len(again.held_back)) == (0, 1, 1)


async def test_a_review_that_breaks_keeps_products_as_drafts(reopen):
    class Broken(Plugin):
        declaration = Declaration(name="broken", version="0.1.0")

        @hookimpl
        async def review_subject(self, subject):
            raise RuntimeError("no idea")

    result = await import_catalogue(reopen(Broken()), (HEAD + GOOD).encode())
    assert [one.verdict for one in result.held_back] == ["waiting"]


async def test_an_export_comes_back_in_and_changes_nothing(shop):
    await import_catalogue(shop, YANXUAN)
    await import_catalogue(shop, (HEAD + "formula,=SUM(A1),F-1,1.00,2,1,,\n").encode())
    whole = b"".join([part async for part in export_catalogue(shop.database)])
    assert whole.startswith(b"\xef\xbb\xbfhandle,")
    assert b",'=SUM(A1)," in whole
    result = await import_catalogue(shop, whole)
    assert (result.rows, result.new, result.changed) == (245, 0, 0)
    assert (result.unchanged, result.problems) == (240, [])

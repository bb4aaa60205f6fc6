import csv
import io
from pathlib import Path

import pytest

from jishi.catalogue import import_catalogue, load_products, load_shelves, stocks

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
    import msgspec

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

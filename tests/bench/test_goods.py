import csv

from bench.goods import write_catalogue


def test_a_catalogue_has_as_many_skus_as_asked_each_with_a_name_of_its_own(tmp_path):
    write_catalogue(tmp_path / "goods.csv", 2_000)
    with (tmp_path / "goods.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["sku"] for row in rows}) == len(rows) == 2_000
    assert all(row["title"] and row["price_yuan"] and int(row["stock"]) > 0 for row in rows)

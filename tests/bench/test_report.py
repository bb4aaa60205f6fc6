import json

import pytest
from bench import report
from bench.figures import Row, figure, ratio_at_least


@pytest.fixture
def written(tmp_path):
    def write(*rows):
        around = report.Circumstances(
            date=report.now(),
            machine=report.machine(),
            versions=report.versions(),
            postgres={"fsync": "on"},
            pace={"runs": 3},
            load=(0.5, 1.5),
        )
        report.write(tmp_path, rows, around)
        return (tmp_path / "RESULTS.md").read_text(), json.loads(
            (tmp_path / "results.json").read_text()
        )

    return write


def test_the_page_has_figure_spread_limit_ratio_bar_and_verdict(written):
    row = Row(
        part="reads",
        what="product list",
        figure=figure([900, 1000, 1200], "/s"),
        limit=figure([2000, 2000, 2000], "/s"),
        against="bare handler",
        bar=ratio_at_least(0.7),
        note="p99 3 ms",
    )
    page, _ = written(row)
    for said in ("1,000 /s", "900–1,200", "2,000 /s (bare handler)", "0.50 ×", "≥ 0.7 ×"):
        assert said in page
    assert "**not met**" in page
    assert "fsync = on" in page


def test_what_could_not_be_measured_stands_in_the_page_with_its_reason(written):
    page, raw = written(Row(part="footprint", what="disk", note="no network"))
    assert "| disk | — |" in page
    assert "not taken | no network" in page
    assert raw["rows"][0]["verdict"] == "not taken"


def test_the_raw_file_has_every_run(written):
    _, raw = written(Row(part="reads", what="list", figure=figure([1, 2, 3], "/s")))
    assert raw["rows"][0]["figure"]["values"] == [1, 2, 3]
    assert raw["circumstances"]["load"] == [0.5, 1.5]

"""What the pages for authors of plugins say is done here: begun, changed and tested as written."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from jishi.scaffold import KINDS, new_plugin

PAGES = Path(__file__).parent.parent / "docs/plugins"
KIT = PAGES / "testing.md"
BLOCK = re.compile(r'^```(diff|python) title="([^"]+)"\n(.*?)^```$', re.M | re.S)
BEGIN = re.compile(r"^jishi plugins new (\w+)(?: --kind (\w+))?$", re.M)


def follow(page: Path, where: Path) -> Path:
    """Do what a page says: begin the plugin, make every change, add every test."""
    text = page.read_text("utf-8")
    ((name, kind),) = BEGIN.findall(text)
    folder = new_plugin(name, kind or "blank", where).folder
    for change, file, block in BLOCK.findall(text):
        path = folder / file
        before = path.read_text("utf-8")
        after = changed(before, block) if change == "diff" else f"{before}\n\n{block}"
        path.write_text(after, "utf-8")
    metadata = where / f"jishi_{name}-0.1.0.dist-info"
    metadata.mkdir()
    headers = f"Metadata-Version: 2.1\nName: jishi-{name}\nVersion: 0.1.0\n"
    (metadata / "METADATA").write_text(headers)
    class_name = "".join(word.capitalize() for word in name.split("_"))
    entry = f"[jishi.plugins]\n{name} = jishi_{name}:{class_name}\n"
    (metadata / "entry_points.txt").write_text(entry)
    return folder


def changed(text: str, diff: str) -> str:
    """A text with one change of a page made in it; the page must have found it as it says."""
    lines = diff.splitlines(keepends=True)
    old = "".join(line[1:] or "\n" for line in lines if not line.startswith("+"))
    new = "".join(line[1:] or "\n" for line in lines if not line.startswith("-"))
    assert text.count(old) == 1, f"a page changes what is not there once:\n{old}"
    return text.replace(old, new)


def test_there_is_a_page_for_every_kind():
    told = {
        kind or "blank"
        for page in PAGES.glob("first-*.md")
        for _, kind in BEGIN.findall(page.read_text("utf-8"))
    }
    assert told == set(KINDS)


def test_what_the_pages_say_works(tmp_path: Path):
    """All in one run of pytest, on SQLite; whole contracts run in tests/whole/test_scaffold.py."""
    pages = sorted(PAGES.glob("first-*.md"))
    folders = [follow(page, tmp_path) for page in pages]
    kit = tmp_path / "test_shop.py"
    kit.write_text("import asyncio\nfrom datetime import timedelta\n" + blocks_of(KIT), "utf-8")
    names = [name for page in [*pages, KIT] for name in promised(page)]
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    own["PYTHONPATH"] = os.pathsep.join(map(str, [tmp_path, *folders]))
    tested = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-rA", "--import-mode=importlib"),
            *("-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir", tmp_path),
            *("-c", folders[0] / "pyproject.toml"),
            *("-k", f"not postgresql and (test_readme or {' or '.join(names)})"),
            *(kit, *(folder / "tests" for folder in folders)),
        ],
        cwd=tmp_path,
        env=own,
        capture_output=True,
        text=True,
        check=False,
    )
    assert tested.returncode == 0, tested.stdout[-6000:] + tested.stderr[-1000:]
    for name in names:
        assert re.search(rf"^PASSED .*::{name}\b", tested.stdout, re.M), name


def blocks_of(page: Path) -> str:
    """All tests of a page that belong into one file."""
    return "\n\n".join(text for _, _, text in BLOCK.findall(page.read_text("utf-8")))


def promised(page: Path) -> list[str]:
    """The names of the tests that a page writes."""
    names = re.findall(r"^[+ ]*(?:async )?def (test_\w+)", blocks_of(page), re.M)
    assert names, f"{page.name} tests nothing"
    return [str(name) for name in names]


def test_a_page_that_is_out_of_date_is_noticed():
    with pytest.raises(AssertionError, match="not there once"):
        changed("one\ntwo\n", "-three\n+four\n")

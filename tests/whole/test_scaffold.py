"""A new plugin of each kind passes its tests at once: elsewhere, against the wheel."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from jishi.problems import Invalid
from jishi.scaffold import KINDS, new_plugin

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).parent / "uv"


def run(*command: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    clean.pop("JISHI_REQUIRE_POSTGRES", None)
    parts = [str(part) for part in command]
    return subprocess.run(parts, cwd=cwd, env=clean, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and its extra for testing, and nothing of this repository."""
    folder = tmp_path_factory.mktemp("elsewhere")
    built = run(UV, "build", "--quiet", "--wheel", "--out-dir", folder, ROOT, cwd=folder)
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("*.whl")
    made = run(UV, "venv", "--quiet", "--python", sys.executable, folder / "venv", cwd=folder)
    assert made.returncode == 0, made.stderr
    install(folder, f"jishi[testing] @ file://{wheel}")
    return folder


def install(elsewhere: Path, *what: object) -> None:
    python = elsewhere / "venv/bin/python"
    done = run(UV, "pip", "install", "--quiet", "--python", python, *what, cwd=elsewhere)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_new_plugin_passes_its_tests_at_once(elsewhere: Path):
    """One kind here; all of them take minutes: JISHI_SCAFFOLD=all."""
    folders = []
    kinds = KINDS if os.environ.get("JISHI_SCAFFOLD") == "all" else ("pricing",)
    for kind in kinds:
        jishi = elsewhere / "venv/bin/jishi"
        started = run(jishi, "plugins", "new", f"my_{kind}", "--kind", kind, cwd=elsewhere)
        assert started.returncode == 0, started.stderr
        folders.append(elsewhere / f"jishi-my-{kind}")
    install(elsewhere, *(part for folder in folders for part in ("-e", folder)))
    for kind, folder in zip(kinds, folders, strict=True):
        pytests = elsewhere / "venv/bin/pytest"
        tested = run(pytests, "-q", "-p", "no:cacheprovider", cwd=folder)
        assert tested.returncode == 0, f"{kind}\n{tested.stdout[-3000:]}\n{tested.stderr[-1000:]}"
        assert " passed" in tested.stdout


def test_what_is_written_is_formatted_typed_and_says_its_own_name(tmp_path: Path):
    for kind in KINDS:
        started = new_plugin("flash_cash", kind, tmp_path / kind)
        checked = run(
            Path(sys.executable).parent / "ruff",
            "check",
            "--isolated",
            "--select=E,F,UP,B,D1",
            "--ignore=D103,D104,D105,D107,E501",
            started.folder / "jishi_flash_cash",
            cwd=tmp_path,
        )
        assert checked.returncode == 0, checked.stdout
        for file in started.files:
            text = (started.folder / file).read_text("utf-8")
            assert "hello" not in f"{file} {text}".lower(), file
            assert "@settings@" not in text
        shutil.rmtree(started.folder)


@pytest.mark.parametrize("name", ["", "Loyalty", "1st", "two--dashes", "a__b", "_x", "vat", "é"])
def test_a_name_that_cannot_be_one_is_refused_and_nothing_is_written(name: str, tmp_path: Path):
    with pytest.raises(Invalid):
        new_plugin(name, "blank", tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["stock", "order", "plugin", "offer"])
def test_a_name_that_would_hide_one_of_jishis_own_is_refused(name: str, tmp_path: Path):
    with pytest.raises(Invalid, match="a word of Jishi's own") as refused:
        new_plugin(name, "pricing", tmp_path)
    assert refused.value.next_step == f"Say more: my_{name}."
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_not_written_over(tmp_path: Path):
    new_plugin("mine", "blank", tmp_path)
    mark = tmp_path / "jishi-mine/README.md"
    mark.write_text("mine")
    with pytest.raises(Invalid, match="is there already"):
        new_plugin("mine", "pricing", tmp_path)
    assert mark.read_text() == "mine"

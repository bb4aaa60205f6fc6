"""Installed distributions as pip leaves them, and a shop with pages."""

import sys
from pathlib import Path
from typing import Any

import pytest


class Installer:
    """Puts a distribution onto the path, as a wheel would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def theme(self, name: str, files: dict[str, str]) -> None:
        package = f"jishi_theme_{name}"
        told = f"{package}-1.0.dist-info"
        self.write({f"{package}/{path}": text for path, text in files.items()})
        self.write(
            {
                f"{package}/__init__.py": f'"""The theme {name}."""\n',
                f"{told}/METADATA": f"Name: {package}\nVersion: 1.0\n",
                f"{told}/entry_points.txt": f"[jishi.themes]\n{name} = {package}\n",
            }
        )

    def write(self, files: dict[str, str]) -> None:
        for path, text in files.items():
            file = self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    before = set(sys.modules)
    yield Installer(folder)
    for name in set(sys.modules) - before:
        if name.startswith(("jishi_theme_", "jishi_notes")):
            del sys.modules[name]


@pytest.fixture
def shop_tables(shop_tables: dict[str, Any]) -> dict[str, Any]:
    return shop_tables | {"web": {"storefront": "on"}}


@pytest.fixture
def themes_folder(tmp_path: Path) -> Path:
    """The build's own ``themes`` folder."""
    folder = tmp_path / "themes"
    folder.mkdir()
    return folder

"""Finds the walks that installed plugins bring."""

import tomllib
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from jishi.demo.structs import Walk

GROUP = "jishi.demo.walks"
"""The group of entry points: a function that is given a ``Ground`` and walks on it."""


def walks(folder: Path) -> dict[str, Walk]:
    """The walks of the plugins that a demo's build has on, by the plugin's name."""
    on = _enabled(folder)
    return {point.name: point.load() for point in _points() if point.name in on}


def resting(folder: Path) -> list[str]:
    """Installed plugins with a walk that a demo's build has off: it was made before them."""
    on = _enabled(folder)
    return [point.name for point in _points() if point.name not in on]


def _points() -> list[EntryPoint]:
    return sorted(entry_points(group=GROUP), key=lambda each: each.name)


def _enabled(folder: Path) -> list[str]:
    with (folder / "jishi.toml").open("rb") as file:
        return list(tomllib.load(file).get("plugins", {}).get("enabled", ()))

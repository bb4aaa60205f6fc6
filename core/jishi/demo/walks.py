"""Finds the walks that installed plugins bring."""

import tomllib
from importlib.metadata import entry_points
from pathlib import Path

from jishi.demo.structs import Walk

GROUP = "jishi.demo.walks"
"""The group of entry points: a function that is given a ``Ground`` and walks on it."""


def walks(folder: Path) -> dict[str, Walk]:
    """The walks of the plugins that a demo's build has on, by the plugin's name."""
    with (folder / "jishi.toml").open("rb") as file:
        enabled = tomllib.load(file).get("plugins", {}).get("enabled", [])
    points = sorted(entry_points(group=GROUP), key=lambda each: each.name)
    return {point.name: point.load() for point in points if point.name in enabled}

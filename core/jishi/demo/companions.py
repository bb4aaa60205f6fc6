"""Finds the companions that installed plugins bring."""

from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

from jishi.demo.structs import Companion

GROUP = "jishi.demo"
"""The group of entry points: a function from the build's folder to a ``Companion``."""


def companions(folder: Path) -> dict[str, Companion]:
    """The companions of a demo's build, by the plugin's name."""
    found: dict[str, Companion] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda each: each.name):
        bring: Callable[[Path], Companion] = point.load()
        found[point.name] = bring(folder.absolute())
    return found

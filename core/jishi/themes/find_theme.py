"""Finds the theme that the merchant named among those that pip installed."""

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import msgspec

from jishi.config import did_you_mean
from jishi.themes.problems import ThemeProblem

GROUP = "jishi.themes"
"""The entry point group of themes; the entry's value is the theme's package."""

DEFAULT = "default"
"""The theme of a build that names none; a shop without any theme installed has no pages."""

Filters = Mapping[str, Callable[..., Any]]


class Theme(msgspec.Struct, frozen=True, kw_only=True):
    """An installed theme.

    Attributes:
        name: What ``[shop] theme`` calls it.
        package: The import name of its package, which holds ``templates``.
        folder: Where the package lies; ``static`` and ``words`` are in it.
        filters: Filters that its templates need, from ``FILTERS`` of the package.
    """

    name: str
    package: str
    folder: Path
    filters: Filters = {}


def find_theme(name: str) -> Theme | None:
    """The theme of that name; None when no theme is installed at all and none was asked for.

    Raises:
        ThemeProblem: It is not installed, or cannot be loaded.
    """
    points = {point.name: point for point in entry_points(group=GROUP)}
    if name in points:
        return _load(name, points[name])
    if name == DEFAULT and not points:
        return None
    meant = did_you_mean(name, points, ".")
    raise ThemeProblem(
        f"The theme {name!r} of [shop] theme is not installed{meant}",
        next_step=f"pip install jishi-theme-{name.replace('_', '-')}",
    )


def _load(name: str, point: EntryPoint) -> Theme:
    try:
        package = import_module(point.value)
    except Exception as error:
        raise ThemeProblem(
            f"The theme {name!r} is installed but cannot be loaded: "
            f"{type(error).__name__}: {error}.",
            next_step=f"pip install --force-reinstall jishi-theme-{name}",
        ) from error
    folder = Path(package.__file__ or "").parent
    if not (folder / "templates").is_dir():
        raise ThemeProblem(
            f"The theme {name!r} has no templates: {point.value} is not a theme's package.",
            next_step="Tell its author.",
        )
    return Theme(
        name=name,
        package=point.value,
        folder=folder,
        filters=getattr(package, "FILTERS", {}),
    )

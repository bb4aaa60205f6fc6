"""Finds the plugins that the merchant switched on, and imports no other."""

from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points

from jishi.config import PLUGINS_OWN, did_you_mean
from jishi.plugins.declaration import Declaration, Plugin
from jishi.plugins.problems import PluginProblem
from jishi.plugins.structs import Installed
from jishi.plugins.versions import distribution_of

GROUP = "jishi.plugins"
"""The entry point group of plugins."""

TAKEN = frozenset(
    {
        "admin",
        "catalogue",
        "checkout",
        "compliance",
        "core",
        "docs",
        "events",
        "fulfilment",
        "health",
        "jishi",
        "ledger",
        "media",
        "membership",
        "metrics",
        "notify",
        "openapi",
        "orders",
        "payments",
        "plugins",
        "pos",
        "pricing",
        "schema",
        "staff",
        "static",
        "store",
        "stock",
        "themes",
        "web",
    }
)
"""Names of rooms and addresses of the core: a plugin's tables and routes would mix with theirs."""


def installed() -> list[Installed]:
    """Every plugin that pip installed here, sorted by name; none is imported."""
    return [
        Installed(name=name, version=_version(point), distribution=_dist(point), state="off")
        for name, points in sorted(_points().items())
        for point in points
    ]


def find_plugins(
    enabled: Iterable[str], builtin: Mapping[str, type[Plugin]], off: Iterable[str] = ()
) -> dict[str, type[Plugin]]:
    """The classes of the plugins that take part, in the order they are asked.

    Args:
        enabled: The merchant's list; its order is the order of asking.
        builtin: The core's own plugins; those not listed come last.
        off: The core's own plugins that do not take part.

    Raises:
        PluginProblem: A listed plugin is missing, ambiguous, broken or no plugin.
    """
    builtin = _without(builtin, off)
    points = _points()
    found: dict[str, type[Plugin]] = {}
    for name in enabled:
        if name in found:
            raise PluginProblem(
                f"The plugin {name!r} stands twice in [plugins] enabled.",
                next_step="Remove one of them.",
            )
        found[name] = builtin[name] if name in builtin else _load(name, points)
    return found | {name: plugin for name, plugin in builtin.items() if name not in found}


def _without(builtin: Mapping[str, type[Plugin]], off: Iterable[str]) -> dict[str, type[Plugin]]:
    for name in off:
        if name not in builtin:
            meant = did_you_mean(name, builtin, ".")
            raise PluginProblem(
                f"[plugins] off names {name!r}, which is none of the core's own plugins{meant}",
                next_step="To switch off another one, take it out of enabled.",
            )
    return {name: plugin for name, plugin in builtin.items() if name not in off}


def _points() -> dict[str, list[EntryPoint]]:
    points: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=GROUP):
        points.setdefault(point.name, []).append(point)
    return points


def _load(name: str, points: Mapping[str, list[EntryPoint]]) -> type[Plugin]:
    if name not in points:
        meant = did_you_mean(name, points, ".")
        raise PluginProblem(
            f"The plugin {name!r} is switched on but not installed{meant}",
            next_step=f"pip install {distribution_of(name)}",
        )
    point, *others = points[name]
    if others:
        homes = " and ".join(_dist(each) for each in points[name])
        raise PluginProblem(
            f"The plugin {name!r} is offered by {homes}.",
            next_step=f"pip uninstall {_dist(others[0])}, or the other one.",
        )
    try:
        plugin = point.load()
    except Exception as error:
        raise PluginProblem(
            f"The plugin {name!r} is installed ({_dist(point)} {_version(point)}) but cannot be "
            f"loaded: {type(error).__name__}: {error}.",
            next_step=f"pip install --force-reinstall {_dist(point)}",
        ) from error
    return _checked(name, plugin, point)


def _checked(name: str, plugin: object, point: EntryPoint) -> type[Plugin]:
    wrong = ""
    if not (isinstance(plugin, type) and issubclass(plugin, Plugin)):
        wrong = f"is no plugin: {point.value} is not a class made from jishi.plugins.Plugin"
    elif not isinstance(getattr(plugin, "declaration", None), Declaration):
        wrong = f"does not declare itself: {point.value} has no declaration"
    elif name in PLUGINS_OWN or name in TAKEN:
        wrong = "takes a name that the core uses itself"
    elif plugin.declaration.name != name:
        wrong = f"calls itself {plugin.declaration.name!r} in its declaration"
    if wrong:
        raise PluginProblem(
            f"What {_dist(point)} offers as {name!r} {wrong}.",
            next_step=f"Tell the author of {_dist(point)}.",
        )
    return plugin  # type: ignore[return-value]  # checked above


def _dist(point: EntryPoint) -> str:
    return point.dist.name if point.dist else "an unknown distribution"


def _version(point: EntryPoint) -> str:
    return point.dist.version if point.dist else "?"

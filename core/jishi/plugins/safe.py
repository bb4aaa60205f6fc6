"""Safe mode: which plugins take part when something is wrong with one of them."""

import logging
from collections.abc import Iterable, Mapping

from jishi.plugins.declaration import Plugin
from jishi.plugins.discovery import find_plugins
from jishi.plugins.problems import PluginProblem
from jishi.plugins.versions import names_of_needs

log = logging.getLogger("jishi.plugins")


def safe_ones(
    enabled: Iterable[str], builtin: Mapping[str, type[Plugin]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The plugins that take part in safe mode, and those that are left out.

    Those that declare themselves required take part (payments), with what they need, unless they
    cannot even be loaded; of the others only the core's own.

    Args:
        enabled: The merchant's list.
        builtin: The core's own plugins.
    """
    listed = tuple(enabled)
    classes = {name: _loaded(name, builtin) for name in listed}
    wanted = {name for name in listed if name in builtin or _is_required(classes[name])}
    for _ in listed:
        for name in tuple(wanted):
            found = classes.get(name)
            wanted |= set(names_of_needs(found.declaration)) if found else set()
    kept = tuple(name for name in listed if name in wanted)
    left_out = tuple(name for name in listed if name not in wanted)
    log.warning("safe mode: without %s", ", ".join(left_out) or "nobody")
    return kept, left_out


def _loaded(name: str, builtin: Mapping[str, type[Plugin]]) -> type[Plugin] | None:
    try:
        return find_plugins([name], builtin)[name]
    except PluginProblem as problem:
        log.warning("%s", problem.detail)
        return None


def _is_required(plugin: type[Plugin] | None) -> bool:
    return plugin is not None and plugin.declaration.required == "yes"

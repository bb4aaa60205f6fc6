"""Edits a build's jishi.toml as its owner would: comments, order and blank lines stay."""

import contextlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import Array

from jishi.config.structs import PLUGINS_OWN


def with_plugin(text: str, name: str, approved: Sequence[str] | None) -> str:
    """The file with a plugin switched on.

    Args:
        text: The file.
        name: The plugin; it is asked last.
        approved: What it is allowed; None leaves that as it is.
    """
    document = tomlkit.parse(text)
    plugins = _table(document, "plugins")
    if name in plugins.get("off", ()):
        _take(plugins["off"], name)
    else:
        listed = plugins.setdefault("enabled", tomlkit.array())
        if name not in listed:
            listed.append(name)
    if approved is not None:
        wishes = tomlkit.array()
        wishes.extend(list(approved))
        _table(plugins, "approved")[name] = wishes
    return tomlkit.dumps(document)


def without_plugin(text: str, name: str, builtin: Sequence[str] = ()) -> str:
    """The file with a plugin switched off; its settings stay for the day it comes back.

    Args:
        text: The file.
        name: The plugin.
        builtin: The core's own plugins, which are on unless they stand in ``off``.
    """
    document = tomlkit.parse(text)
    plugins = _table(document, "plugins")
    if name in plugins.get("enabled", ()):
        _take(plugins["enabled"], name)
    if name in builtin and name not in plugins.setdefault("off", tomlkit.array()):
        plugins["off"].append(name)
    for place in _places(document):
        if name in place.get("on", ()):
            _take(place["on"], name)
    for hook in [hook for hook, chosen in plugins.get("choose", {}).items() if chosen == name]:
        del plugins["choose"][hook]
    return tomlkit.dumps(document)


def without_traces(text: str, name: str) -> str:
    """The file with nothing about a plugin left in it."""
    document = tomlkit.parse(without_plugin(text, name))
    plugins = document.get("plugins", {})
    for table in (plugins, *_places(document)):
        if name not in PLUGINS_OWN:
            table.pop(name, None)
        if name in table.get("off", ()):
            _take(table["off"], name)
    for word in ("on_failure", "budgets", "approved"):
        if word in plugins:
            plugins[word].pop(name, None)
            if not plugins[word]:
                del plugins[word]
    return tomlkit.dumps(document)


def write_whole(file: Path, text: str) -> None:
    """Write a file whole or not at all, with the rights it had."""
    mode = file.stat().st_mode & 0o777 if file.exists() else 0o644
    descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        Path(draft).chmod(mode)
        Path(draft).replace(file)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(draft).unlink()
        raise


def _table(parent: Any, name: str) -> Any:
    if name not in parent:
        parent[name] = tomlkit.table()
    return parent[name]


def _places(document: Any) -> list[Any]:
    """The tables of plugins in channels and stores."""
    groups = (document.get("channels", {}), document.get("stores", {}))
    return [place["plugins"] for group in groups for place in group.values() if "plugins" in place]


def _take(listed: Array, name: str) -> None:
    listed.remove(name)

"""Writes the files of a new plugin from templates that are a working plugin called hello."""

import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal, get_args

import msgspec

from jishi.builtin import BUILTIN
from jishi.config import PLUGINS_OWN
from jishi.plugins import TAKEN
from jishi.problems import Invalid

Kind = Literal["blank", "fulfilment", "payment", "pricing", "promotion", "review", "till"]
"""What a plugin is for; the first hook, the settings and the contract follow from it."""

KINDS: tuple[Kind, ...] = get_args(Kind)

_NAME = re.compile(r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$")
_TAKEN = TAKEN | {"test", "testing", *PLUGINS_OWN, *BUILTIN}


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """What was written.

    Attributes:
        folder: The new distribution.
        files: Its files, relative to the folder, sorted.
    """

    folder: Path
    files: tuple[str, ...]


def new_plugin(name: str, kind: Kind, where: Path) -> Started:
    """Write a new plugin.

    Args:
        name: The plugin's name: lower case, words joined by ``_``.
        kind: What it is for.
        where: The folder in which the distribution's folder ``jishi-<name>`` is made.

    Raises:
        Invalid: The name cannot be one, or the folder is there already; nothing was written.
    """
    _check_name(name, kind)
    folder = where / f"jishi-{name.replace('_', '-')}"
    if folder.exists():
        raise Invalid(
            f"{folder} is there already.", field="name", next_step="Choose another name or place."
        )
    texts = dict(_texts(name, "common")) | dict(_texts(name, kind))
    settings = texts.pop("settings.md").strip()
    texts["README.md"] = texts["README.md"].replace("@settings@", settings)
    for path, text in texts.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return Started(folder=folder, files=tuple(sorted(texts)))


def _check_name(name: str, kind: Kind) -> None:
    if not _NAME.match(name) or len(name) > 40:
        raise Invalid(
            f"{name!r} cannot be a plugin's name: it becomes a Python module and the beginning "
            "of table names.",
            field="name",
            next_step="Use lower-case letters, digits and single underscores: store_pickup.",
        )
    if name in _TAKEN or _is_imported(_class_of(name), kind):
        raise Invalid(
            f"{name!r} is a word of Jishi's own.",
            field="name",
            next_step=f"Say more: my_{name}.",
        )


def _class_of(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def _is_imported(word: str, kind: Kind) -> bool:
    """Whether a plugin's class of this name would hide something that the templates import."""
    taken = re.compile(rf"^(?:from|import) .*\b{word}\b", re.MULTILINE)
    texts = dict(_texts("hello", "common")) | dict(_texts("hello", kind))
    return word != "Hello" and any(taken.search(text) for text in texts.values())


def _texts(name: str, kind: str) -> Iterator[tuple[str, str]]:
    """Paths and texts of one set of templates, with the name in place."""
    root = files("jishi.scaffold") / "templates" / kind
    for path, template in _walk(root, ""):
        text = template.read_text("utf-8")
        yield _named(path.removesuffix(".txt"), name), _named(text, name)


def _walk(folder: Traversable, path: str) -> Iterator[tuple[str, Traversable]]:
    for each in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if each.is_dir():
            yield from _walk(each, f"{path}{each.name}/")
        elif each.name.endswith(".txt"):
            yield path + each.name, each


def _named(text: str, name: str) -> str:
    """The text of hello with another name: as a distribution, a class and a word."""
    words = name.split("_")
    return (
        text.replace("jishi-hello", "jishi-" + "-".join(words))
        .replace("Hello", _class_of(name))
        .replace("hello", name)
    )

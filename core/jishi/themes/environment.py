"""Where templates come from: the build's folder, then plugins', then the theme's."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
)

from jishi.plugins import Roster
from jishi.themes.find_theme import Theme


def make_environment(theme: Theme, folder: Path, roster: Roster) -> Environment:
    """The templates of a shop. Templates are files; no text from the database ever becomes one.

    Args:
        theme: The theme.
        folder: The build's own ``themes`` folder; may be missing. A file in it takes the place
            of the theme's or a plugin's template of the same name, and may extend the theme's as
            ``theme/<name>``.
        roster: The plugins that take part; theirs are ``<plugin>/<name>``.
    """
    own = PackageLoader(theme.package, "templates")
    loader = ChoiceLoader(
        [
            FileSystemLoader(folder),
            PrefixLoader({**_plugin_loaders(roster), "theme": own}),
            own,
        ]
    )
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(theme.filters)
    return environment


def _plugin_loaders(roster: Roster) -> Mapping[str, BaseLoader]:
    loaders: dict[str, BaseLoader] = {}
    for declaration in roster.declarations:
        plugin = roster.plugin(declaration.name)
        package = type(plugin).__module__.partition(".")[0]
        file = import_module(package).__file__
        folder = Path(file or "").parent / "templates" / declaration.name
        if plugin is not None and folder.is_dir():
            loaders[declaration.name] = FileSystemLoader(folder)
    return loaders

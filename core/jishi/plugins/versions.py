"""Whether a plugin, the core and the plugins it stands on go together."""

from collections.abc import Mapping

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from jishi.plugins.declaration import Declaration
from jishi.plugins.problems import PluginProblem


def distribution_of(name: str) -> str:
    """What pip calls a plugin: ``group_buy`` is ``jishi-group-buy``."""
    return "jishi-" + name.replace("_", "-")


def check_core(declaration: Declaration, core: str) -> None:
    """Refuse a plugin that was made for another core.

    Args:
        declaration: The plugin's.
        core: The version of the running core.

    Raises:
        PluginProblem: The core is outside of the plugin's range, or the range is no range.
    """
    name = declaration.name
    if not _range(name, declaration.requires).contains(core, prereleases=True):
        raise PluginProblem(
            f"The plugin {name!r} {declaration.version} needs jishi {declaration.requires}, "
            f"but this is jishi {core}.",
            next_step=f"pip install --upgrade {distribution_of(name)} jishi",
        )


def check_needs(declaration: Declaration, enabled: Mapping[str, Declaration]) -> None:
    """Refuse a plugin that stands on another one which is not there.

    Args:
        declaration: The plugin's.
        enabled: The declarations of all plugins that take part.

    Raises:
        PluginProblem: A plugin it needs is off, or has an unsuitable version.
    """
    for need in declaration.needs:
        wanted = _need(declaration.name, need)
        found = enabled.get(wanted.name)
        if found is None:
            raise PluginProblem(
                f"The plugin {declaration.name!r} needs {wanted.name!r}, "
                f"which is not switched on.",
                next_step=f"pip install {distribution_of(wanted.name)}, and add "
                f'"{wanted.name}" to enabled in [plugins].',
            )
        if not wanted.specifier.contains(found.version, prereleases=True):
            raise PluginProblem(
                f"The plugin {declaration.name!r} needs {wanted.name!r} {wanted.specifier}, "
                f"but {found.version} is installed.",
                next_step=f'pip install "{distribution_of(wanted.name)}{wanted.specifier}"',
            )


def names_of_needs(declaration: Declaration) -> list[str]:
    """The plugins that a plugin stands on."""
    return [_need(declaration.name, need).name for need in declaration.needs]


def is_needed(name: str, declaration: Declaration) -> bool:
    """Whether a plugin stands on the named one."""
    return name in names_of_needs(declaration)


def _range(name: str, text: str) -> SpecifierSet:
    try:
        return SpecifierSet(text)
    except InvalidSpecifier:
        raise PluginProblem(
            f"The plugin {name!r} declares requires={text!r}, which is no range of versions.",
            next_step='Its author writes it like ">=0.1,<0.2".',
        ) from None


def _need(name: str, text: str) -> Requirement:
    try:
        return Requirement(text)
    except InvalidRequirement:
        raise PluginProblem(
            f"The plugin {name!r} declares that it needs {text!r}, which names no plugin.",
            next_step='Its author writes it like "loyalty" or "loyalty>=0.2".',
        ) from None

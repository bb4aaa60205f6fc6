"""Which of a build's plugins run elsewhere."""

from collections.abc import Mapping

from jishi.config import PLUGINS_OWN, Config, ConfigProblem
from jishi.plugins import TAKEN, Plugin, PluginProblem, installed
from jishi.remote.plugin import make_remote
from jishi.remote.settings import RemoteSettings


def remote_plugins(config: Config) -> dict[str, type[Plugin]]:
    """The remote plugins that a build describes, switched on or not.

    A plugin that is installed under the same name goes first: ``remote`` is its own setting then.

    Raises:
        PluginProblem: The table of one cannot be used.
    """
    tables = config.plugins.settings
    described = [name for name, table in tables.items() if "remote" in table]
    if not described:
        return {}
    here = {each.name for each in installed()}
    return {name: _made(config, name, tables[name]) for name in described if name not in here}


def _made(config: Config, name: str, table: Mapping[str, object]) -> type[Plugin]:
    if name in PLUGINS_OWN or name in TAKEN:
        raise PluginProblem(
            f"The remote plugin {name!r} takes a name that the core uses itself.",
            next_step="Call its table [plugins.<another name>].",
        )
    try:
        return make_remote(name, config.source.read(table, RemoteSettings, f"plugins.{name}"))
    except ConfigProblem as problem:
        raise PluginProblem(
            f"The remote plugin {name!r} cannot be used:\n{problem}",
        ) from None

"""Reads a build's jishi.toml and lists everything that is wrong with it at once."""

import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from jishi.config.build import SECTIONS, Config
from jishi.config.decode import Decoder
from jishi.config.problems import ConfigProblem, Finding, did_you_mean
from jishi.config.source import Source
from jishi.config.structs import (
    PLUGINS_OWN,
    ChannelSettings,
    CheckoutSettings,
    DatabaseSettings,
    PluginsTable,
    ServerSettings,
    ShopSettings,
    StoreSettings,
)

SHARED: dict[str, type[msgspec.Struct]] = {
    "shop": ShopSettings,
    "database": DatabaseSettings,
    "server": ServerSettings,
    "plugins": PluginsTable,
    "checkout": CheckoutSettings,
}
"""Tables that every build reads."""

SHORT = {"JISHI_HOST": "JISHI_SERVER_HOST", "JISHI_PORT": "JISHI_SERVER_PORT"}
"""Short names of variables that hosting platforms set."""


def load_config(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Config:
    """Read and check a build's configuration.

    Args:
        path: The file; without it the file that ``JISHI_CONFIG`` names, else ``./jishi.toml``.
        environ: The environment; without it the process's own. ``JISHI_<TABLE>_<KEY>`` overrides
            a setting of the file (``JISHI_DATABASE_URL``, ``JISHI_PLUGINS_LOYALTY_POINTS``).

    Raises:
        ConfigProblem: The file is missing, is not toml, or says something that cannot be used.
    """
    environ = dict(os.environ if environ is None else environ)
    for short, long in SHORT.items():
        if environ.get(short):
            environ.setdefault(long, environ[short])
    file = Path(path or environ.get("JISHI_CONFIG") or "jishi.toml").absolute()
    text = _text(file)
    tables = _tables(text, file)
    return read_config(
        Source(file.parent, tables=tables, text=text, name=file.name, environ=environ)
    )


def reread(config: Config, text: str) -> Config:
    """The build as it would be with another text in its file; nothing is written.

    Raises:
        ConfigProblem: It could not be used.
    """
    source = config.source
    tables = _tables(text, source.folder / source.name)
    return read_config(
        Source(source.folder, tables=tables, text=text, name=source.name, environ=source.environ)
    )


def read_config(source: Source) -> Config:
    """Check the tables of a build.

    Raises:
        ConfigProblem: Something in them cannot be used; it lists all of it.
    """
    decoder = Decoder(source.folder, source.environ)
    known = (*SHARED, "channels", "stores", *SECTIONS)
    for name in source.tables:
        if name not in known:
            decoder.found(name, f"unknown table{did_you_mean(name, known)}")
    parts: dict[str, Any] = {
        name: decoder.read(
            source.overridden(_table(source, name, decoder), struct, name), struct, name
        )
        for name, struct in SHARED.items()
    }
    for name, struct in SHARED.items():
        decoder.findings.extend(source.misspelt(struct, name))
    parts["channels"] = _places(source, "channels", ChannelSettings, decoder)
    parts["stores"] = _places(source, "stores", StoreSettings, decoder)
    _check_stores(parts["channels"], parts["stores"], decoder)
    if decoder.findings:
        raise source.problem(decoder.findings)
    parts["database"] = _placed(parts["database"], source.folder)
    parts["channels"] = parts["channels"] or {"web": ChannelSettings(name=parts["shop"].name)}
    return Config(folder=source.folder, source=source, **parts)


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except FileNotFoundError:
        said = f"there is no such file in {file.parent}; run jishi init, or set JISHI_CONFIG"
    except UnicodeDecodeError:
        said = "the file is not UTF-8 text; save it as UTF-8"
    except OSError as error:
        said = f"the file cannot be read: {error.strerror}"
    raise ConfigProblem(file.name, [Finding(path="", said=said)])


def _tables(text: str, file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigProblem(
            file.name, [Finding(path="", said=f"this is not toml: {error}")]
        ) from None


def _table(source: Source, name: str, decoder: Decoder) -> Mapping[str, object]:
    table = source.tables.get(name, {})
    if not isinstance(table, Mapping):
        decoder.found(name, f"expected a table [{name}], found a value")
        return {}
    return _gathered(table, PLUGINS_OWN, name, decoder) if (name == "plugins") else table


def _places(
    source: Source, name: str, struct: type[msgspec.Struct], decoder: Decoder
) -> dict[str, Any]:
    """The tables of all channels, or of all stores."""
    places: dict[str, Any] = {}
    for code, table in _table(source, name, decoder).items():
        path = f"{name}.{code}"
        if not isinstance(table, Mapping):
            decoder.found(path, f"expected a table [{path}], found a value")
            continue
        plugins = table.get("plugins")
        if isinstance(plugins, Mapping):
            table = {
                **table,
                "plugins": _gathered(plugins, ("on", "off"), f"{path}.plugins", decoder),
            }
        places[code] = decoder.read(table, struct, path)
    return places


def _gathered(
    table: Mapping[str, object], words: Iterable[str], at: str, decoder: Decoder
) -> dict[str, object]:
    """The table with the plugins' own tables gathered under ``settings``."""
    own: dict[str, object] = {key: table[key] for key in words if key in table}
    rest = {key: value for key, value in table.items() if key not in own}
    for key, value in rest.items():
        if not isinstance(value, Mapping):
            decoder.found(f"{at}.{key}", f"unknown key{did_you_mean(key, words)}")
    return own | {
        "settings": {key: dict(value) for key, value in rest.items() if isinstance(value, Mapping)}
    }


def _check_stores(
    channels: Mapping[str, Any], stores: Mapping[str, Any], decoder: Decoder
) -> None:
    for code, channel in channels.items():
        for store in channel.stores if channel else ():
            if store not in stores:
                hint = did_you_mean(store, stores) or f"; add a table [stores.{store}]"
                decoder.found(f"channels.{code}.stores", f"there is no store {store!r}{hint}")


def _placed(database: DatabaseSettings, folder: Path) -> DatabaseSettings:
    """A relative SQLite file lies in the build's folder."""
    scheme, _, rest = database.url.partition(":///")
    if scheme != "sqlite" or rest.startswith(("/", ":memory:")):
        return database
    return msgspec.structs.replace(database, url=f"sqlite:///{folder / rest}")

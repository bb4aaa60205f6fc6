"""``jishi init``: a merchant's build in a folder of its own."""

import os
import secrets
from pathlib import Path
from typing import Any

import click
import msgspec

from jishi.cli.voice import Voice, spoken
from jishi.demo import companions

_TOML = """\
# {name}: a shop with Jishi. Every setting may also come from the environment:
# JISHI_<TABLE>_<KEY>, for instance JISHI_DATABASE_URL or JISHI_SERVER_PORT.

[shop]
name = "{name}"
secret = {{ file = "secrets/shop.key" }}   # signs tokens; keep it, and keep it secret
base_url = "{base_url}"                    # the public address
currency = "CNY"
theme = "default"                          # files in themes/ replace single templates

[database]
url = "sqlite:///shop.db"                  # or postgresql://user@host/name

[server]
host = "127.0.0.1"
port = 8000
workers = 1                                # more than 1 needs PostgreSQL

[plugins]
enabled = [{enabled}]                      # the order is the order of asking
"""
_CHANNELS = """
[channels.web]
name = "网店"

[channels.mini_program]
name = "小程序"
"""
_IGNORED = "shop.db*\nsecrets/\n"


class _NotEmpty(click.ClickException):
    """Nothing is ever overwritten."""

    exit_code = 2


@click.command("init")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--demo", is_flag=True, help="A shop to play with: channels and simulated payment.")
@click.option("--name", default="我的小店", show_default=True, help="The shop's name.")
@spoken
def init(voice: Voice, folder: Path, demo: bool, name: str) -> None:
    """Write a new build into FOLDER; nothing that is there is overwritten."""
    file = folder / "jishi.toml"
    if file.exists():
        raise _NotEmpty(f"{file} is there already; choose another folder, or edit that file.")
    for room in ("secrets", "themes", "media"):
        (folder / room).mkdir(parents=True, exist_ok=True)
    _write_secret(folder / "secrets" / "shop.key")
    beside = companions(folder) if demo else {}
    tables = {plugin: companion.settings for plugin, companion in beside.items()}
    enabled = ["printed_codes", *tables] if demo else []
    text = _TOML.format(
        name=name.replace("\\", "\\\\").replace('"', '\\"'),
        base_url="http://127.0.0.1:8000",
        enabled=", ".join(f'"{each}"' for each in enabled),
    )
    text += _CHANNELS if demo else ""
    stores = {code: title for each in beside.values() for code, title in each.stores.items()}
    text += "".join(table_text(f"stores.{code}", {"name": stores[code]}) for code in stores)
    text += "".join(table_text(f"plugins.{plugin}", table) for plugin, table in tables.items())
    _write_new(file, text)
    _write_new(folder / ".gitignore", _IGNORED)
    voice.say(f"{file} is written. Now:")
    voice.say(f"  cd {folder}\n  jishi db upgrade\n  jishi staff add-owner you@example.com")
    voice.say("  jishi serve")
    voice.document({"folder": str(folder), "config": str(file), "plugins": enabled})


def table_text(path: str, table: dict[str, object]) -> str:
    """A table as toml."""
    lines = [f"{key} = {_value(value)}" for key, value in table.items()]
    return "\n".join(["", f"[{path}]", *lines, ""])


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_value(each)}' for key, each in value.items())} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(each) for each in value)}]"
    # A JSON text, number or truth value is written the same in toml.
    return msgspec.json.encode(value).decode()


def _write_secret(file: Path) -> None:
    if not file.exists():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(secrets.token_urlsafe(48) + "\n")


def _write_new(file: Path, text: str) -> None:
    if not file.exists():
        file.write_text(text, "utf-8")

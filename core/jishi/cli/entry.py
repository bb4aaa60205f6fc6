"""Where every command begins, and where every error becomes a sentence."""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click

from jishi import __version__
from jishi.cli.bring_in import bring_in
from jishi.cli.consult_doctor import doctor
from jishi.cli.keep_database import database
from jishi.cli.look_after import ledger, plugins, staff
from jishi.cli.make_build import init
from jishi.cli.serve_shop import serve_command
from jishi.problems import Problem

UNUSABLE = 2
"""Exit code when a command could not begin: configuration, plugins, arguments."""

_LATER = {"demo": ("jishi.demo.walk", "demo_command")}
"""Commands that are imported when they are called, if they are there at all."""


class _Commands(click.Group):
    """The commands, those that are imported later among them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command's name, sorted."""
        later = [name for name, (module, _) in _LATER.items() if _there(module)]
        return sorted([*super().list_commands(ctx), *later])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by its name."""
        module, attribute = _LATER.get(cmd_name, ("", ""))
        if module and _there(module):
            found: click.Command = getattr(import_module(module), attribute)
            return found
        return super().get_command(ctx, cmd_name)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="jishi", message="%(prog)s %(version)s")
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="JISHI_CONFIG",
    help="The build's jishi.toml.  [default: ./jishi.toml]",
)
def jishi(config: Path | None) -> None:
    """集市 Jishi: a shop from one file, jishi.toml."""


for _command in (init, serve_command, database, bring_in, ledger, plugins, staff, doctor):
    jishi.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: What was typed; without it the process's own.

    Returns:
        The exit code: 0 done, 1 done but something is wrong, 2 could not begin.
    """
    try:
        code = jishi.main(args=arguments, prog_name="jishi", standalone_mode=False)
    except click.exceptions.Abort:
        return _told("Stopped.", 130)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except Problem as problem:
        step = f" {problem.next_step}" if problem.next_step else ""
        said = str(problem) if problem.next_step in (None, "") else problem.detail
        return _told(f"{said}{step}", UNUSABLE)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 1
    return code if isinstance(code, int) else 0


def _told(sentence: str, code: int) -> int:
    sys.stderr.write(f"jishi: {sentence}\n")
    return code


def _there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False

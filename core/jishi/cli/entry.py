"""Where every command begins, and where every error becomes a sentence."""

import gc
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click

from jishi import __version__
from jishi.problems import Problem

UNUSABLE = 2
"""Exit code when a command could not begin: configuration, plugins, arguments."""

_COMMANDS = {
    "db": ("jishi.cli.keep_database", "database"),
    "demo": ("jishi.demo.walk", "demo_command"),
    "doctor": ("jishi.cli.consult_doctor", "doctor"),
    "import": ("jishi.cli.bring_in", "bring_in"),
    "init": ("jishi.cli.make_build", "init"),
    "ledger": ("jishi.cli.look_after", "ledger"),
    "plugins": ("jishi.cli.care_for_plugins", "plugins"),
    "seal": ("jishi.cli.seal_again", "seal"),
    "serve": ("jishi.cli.serve_shop", "serve_command"),
    "staff": ("jishi.cli.look_after", "staff"),
    "work": ("jishi.cli.do_jobs", "work_command"),
}
"""Where each command is; it is imported when it is called, so that ``--version`` is quick."""


class _Commands(click.Group):
    """The commands, each imported when it is wanted."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command's name, sorted; those that are not installed are left out."""
        return sorted(name for name, (module, _) in _COMMANDS.items() if _there(module))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by its name."""
        module, attribute = _COMMANDS.get(cmd_name, ("", ""))
        if not module or not _there(module):
            return None
        gc.disable()  # nothing that an import makes is garbage; looking costs a sixth of it
        try:
            found: click.Command = getattr(import_module(module), attribute)
        finally:
            gc.enable()
        return found


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
    except PermissionError as error:
        file = error.filename2 or error.filename or "A file"
        said = f"{file} cannot be used: {error.strerror}. Look at its rights and its folder's."
        return _told(said, UNUSABLE)
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

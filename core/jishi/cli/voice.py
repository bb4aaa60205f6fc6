"""How commands speak: tables for people, one JSON document for programs."""

import functools
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, TypeVar

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

F = TypeVar("F", bound=Callable[..., Any])


class Voice:
    """Speaks to whoever started a command.

    Args:
        form: ``text`` for people, ``json`` for programs.
    """

    def __init__(self, form: Literal["text", "json"]) -> None:
        self.form = form
        self.out = Console(file=sys.stdout, highlight=False, soft_wrap=True)
        self.progress = Console(file=sys.stderr, highlight=False, quiet=form == "json")

    def say(self, text: str) -> None:
        """A line for people."""
        if self.form == "text":
            self.out.print(text, markup=False)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """A table for people; Chinese letters are two columns wide, `[plugins]` is no markup."""
        if self.form == "json":
            return
        table = Table(*columns, box=None, pad_edge=False, header_style="bold")
        for row in rows:
            table.add_row(*(Text(str(cell), overflow="fold") for cell in row))
        self.out.print(table)

    def document(self, document: object) -> None:
        """The whole answer, for programs."""
        if self.form == "json":
            sys.stdout.write(msgspec.json.encode(document, enc_hook=str).decode() + "\n")


def spoken(command: F) -> F:
    """Give a command ``--json`` and a `Voice` as its first argument."""

    @click.option("--json", "as_json", is_flag=True, help="Answer with one JSON document.")
    @functools.wraps(command)
    def with_voice(*args: Any, as_json: bool, **kwargs: Any) -> Any:
        return command(Voice("json" if as_json else "text"), *args, **kwargs)

    return with_voice  # type: ignore[return-value]

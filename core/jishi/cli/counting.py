"""Long work of a command: how far it is, and time enough for it."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from rich.progress import BarColumn, Progress, TextColumn

from jishi.cli import recount
from jishi.cli.voice import Voice
from jishi.config import Config

_SECONDS = 900
"""What one statement may take that counts a whole table."""


@contextmanager
def counting(voice: Voice) -> Iterator[recount.Progress]:
    """Show how far long work is, on stderr and only to people."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        console=voice.progress,
        transient=True,
    ) as shown:
        task = shown.add_task("", total=None, visible=False)

        def tell(what: str, done: int, whole: int) -> None:
            shown.update(task, description=what, completed=done, total=whole or None, visible=True)

        yield tell


def patient(config: Config) -> Config:
    """The same build for somebody who counts everything and is in no hurry."""
    database = msgspec.structs.replace(config.database, statement_seconds=_SECONDS)
    return msgspec.structs.replace(config, database=database)

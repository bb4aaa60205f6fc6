"""``jishi plugins new``: the beginning of a plugin."""

from pathlib import Path

import click

from jishi.cli.voice import Voice, spoken
from jishi.scaffold import KINDS, Kind, new_plugin


@click.command("new")
@click.argument("name")
@click.option(
    "--kind", type=click.Choice(KINDS), default="blank", show_default=True, help="What it is for."
)
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Where its folder is made.  [default: here]",
)
@spoken
def new(voice: Voice, name: str, kind: Kind, into: Path) -> None:
    """Write a plugin called NAME: a distribution whose tests pass at once."""
    started = new_plugin(name, kind, into)
    for file in started.files:
        voice.say(f"  {started.folder / file}")
    voice.say(f"A {kind} plugin. Its tests pass; now make it yours:")
    voice.say(f"  cd {started.folder} && pip install -e '.[test]' && pytest")
    voice.document(started)

"""``jishi import``: a catalogue file."""

import asyncio
from pathlib import Path
from typing import Literal

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from jishi.catalogue import Imported, import_catalogue
from jishi.cli.build import load_build, usable
from jishi.cli.voice import Voice, spoken
from jishi.config import Config

_SHOWN = 50
"""Bad rows in the table; ``--json`` gives all of them."""


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@click.option("--all-or-nothing", is_flag=True, help="One bad row keeps all rows out.")
@click.option(
    "--stock",
    type=click.Choice(["initial", "replace"]),
    default="initial",
    show_default=True,
    help="initial counts the stock of new SKUs only; replace sets all to the file's.",
)
@spoken
def bring_in(
    voice: Voice,
    file: Path,
    dry_run: bool,
    all_or_nothing: bool,
    stock: Literal["initial", "replace"],
) -> int:
    """Import a catalogue from a CSV FILE; exit code 1 when rows were bad."""
    result = asyncio.run(_import(load_build(), voice, file, dry_run, all_or_nothing, stock))
    _tell(voice, result)
    voice.document(result)
    return 1 if result.problems else 0


async def _import(
    config: Config,
    voice: Voice,
    file: Path,
    dry_run: bool,
    all_or_nothing: bool,
    stock: Literal["initial", "replace"],
) -> Imported:
    async with usable(config) as shop:
        with Progress(
            TextColumn("rows"),
            BarColumn(),
            MofNCompleteColumn(),
            console=voice.progress,
            transient=True,
        ) as progress:
            task = progress.add_task("rows", total=None)
            return await import_catalogue(
                shop,
                file,
                on_bad_row="stop" if all_or_nothing else "skip",
                write="dry_run" if dry_run else "commit",
                stock=stock,
                progress=lambda done, total: progress.update(task, completed=done, total=total),
            )


def _tell(voice: Voice, result: Imported) -> None:
    shown = result.problems[:_SHOWN]
    if shown:
        voice.table(
            ("line", "column", "found", "expected"),
            [(each.line, each.column, each.found, each.expected) for each in shown],
        )
    if len(result.problems) > _SHOWN:
        voice.say(f"… and {len(result.problems) - _SHOWN} more; --json lists all.")
    if result.held_back:
        rows = [
            (e.handle, e.verdict, "; ".join(f.message for f in e.findings))
            for e in result.held_back
        ]
        voice.table(("product", "review", "findings"), rows[:_SHOWN])
    would = "would be " if result.write == "dry_run" else ""
    voice.say(
        f"{result.rows} rows: {result.new} products {would}new, {result.changed} {would}changed, "
        f"{result.unchanged} unchanged, {result.new_skus} new SKUs; "
        f"{result.bad_rows} rows {would}left out."
    )

"""``python -m bench``: measure the shop, or some parts of it."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType

import msgspec
from rich.console import Console

from bench import (
    carts,
    checkout,
    footprint,
    freshness,
    inprocess,
    loyalty,
    members,
    placing,
    promotions,
    reads,
    report,
)
from bench.figures import BenchFailed, Row
from bench.report import Circumstances
from bench.stage import Pace, Stage

_PARTS: dict[str, Callable[[Stage], Iterator[Row]]] = {
    reads.PART: reads.measure,
    freshness.PART: freshness.measure,
    inprocess.PART: inprocess.measure,
    promotions.PART: promotions.measure,
    carts.PART: carts.measure,
    placing.PART: placing.measure,
    checkout.PART: checkout.measure,
    members.PART: members.measure,
    loyalty.PART: loyalty.measure,
    footprint.PART: footprint.measure,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the bench.

    Returns:
        0 when everything that was asked for was measured, whatever the figures say; 1 when
        something could not be, 130 after Ctrl-C.
    """
    asked = _asked(arguments)
    console = Console(width=None if sys.stdout.isatty() else 160)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupted)  # a shell in the background ignores SIGINT for us
    rows: list[Row] = []
    try:
        around = _measure(asked, console, rows)
    except KeyboardInterrupt:
        report.show(console, rows)
        console.print("interrupted; everything that was started has ended")
        return 130
    report.show(console, rows)
    folder = Path(asked.out)
    report.write(folder, rows, around)
    console.print(f"\n{folder / 'RESULTS.md'} is written.", highlight=False)
    failed = [row for row in rows if row.verdict == "not taken"]
    for row in failed:
        console.print(f"[red]{row.part}: {row.what}: {row.note}[/red]", highlight=False)
    return 1 if failed else 0


def _measure(asked: argparse.Namespace, console: Console, rows: list[Row]) -> Circumstances:
    """Measure all that is asked for; gives the circumstances."""
    begun, load, pace = time.monotonic(), os.getloadavg()[0], _pace(asked)
    names = asked.parts or list(_PARTS)
    with Stage(pace, console) as stage:
        for number, name in enumerate(names, 1):
            console.print(f"[bold]{name}[/bold] ({number} of {len(names)})", highlight=False)
            _take(name, stage, rows)
        settings = stage.postgres.settings if stage.has_postgres else {}
    minutes = round((time.monotonic() - begun) / 60, 1)
    return Circumstances(
        date=report.now(),
        machine=report.machine(),
        versions=report.versions(),
        postgres=settings,
        pace=msgspec.to_builtins(pace) | {"minutes": minutes},
        load=(load, os.getloadavg()[0]),
    )


def _take(name: str, stage: Stage, rows: list[Row]) -> None:
    """Measure one part; what fails is told in the table and does not end the rest."""
    try:
        for row in _PARTS[name](stage):
            rows.append(row)
            report.show_one(stage.console, row)
    except Exception as error:  # noqa: BLE001 whatever a part dies of, the others still count
        if not isinstance(error, BenchFailed):
            stage.console.print_exception()
        said = " ".join(str(error).split())[:600]
        rows.append(Row(part=name, what="the rest of this part", note=f"failed: {said}"))


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(_PARTS))
    parser.add_argument("--quick", action="store_true", help="short runs, fewer of them")
    parser.add_argument("--runs", type=int, help="repetitions of each figure (3; quick 1)")
    parser.add_argument("--seconds", type=float, help="of each run (3; quick 2)")
    parser.add_argument("--workers", type=int, default=1, help="processes of each server (1)")
    parser.add_argument(
        "--out", default="", help="folder of RESULTS.md (bench/; parts: bench/.partly/)"
    )
    asked = parser.parse_args(arguments)
    for part in asked.parts:
        if part not in _PARTS:
            parser.error(f"there is no part {part!r}; choose of {', '.join(_PARTS)}")
    whole = not asked.parts and not asked.quick
    asked.out = asked.out or str(Path(__file__).parent / ("" if whole else ".partly"))
    return asked


def _pace(asked: argparse.Namespace) -> Pace:
    return Pace(
        runs=asked.runs or (1 if asked.quick else 3),
        seconds=asked.seconds or (2 if asked.quick else 3),
        reading=asked.seconds or 2,
        warm_up=1 if asked.quick else 2,
        workers=asked.workers,
        depth="quick" if asked.quick else "full",
    )


def _interrupted(_signal: int, _frame: FrameType | None) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # clearing up is not interrupted a second time
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())

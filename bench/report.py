"""Shows what was measured: in the terminal, in RESULTS.md, in results.json."""

import platform
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from bench.figures import Figure, Row

_MARKS = {"met": "[green]met[/green]", "not met": "[red]not met[/red]"}


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """Where and how it was measured.

    Attributes:
        date: When, by the system's clock, UTC.
        machine: Processor, cores, memory.
        versions: Of everything that matters, by name.
        postgres: Settings as SHOW told them; empty without PostgreSQL.
        pace: Runs, seconds, workers.
        load: Load average of the machine at the start and at the end.
    """

    date: str
    machine: str
    versions: Mapping[str, str]
    postgres: Mapping[str, str]
    pace: Mapping[str, object]
    load: tuple[float, float]


def show(console: Console, rows: Sequence[Row]) -> None:
    """Print the table."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("", "what", "figure", "spread", "limit", "ratio", "bar", ""):
        right = name in ("figure", "limit", "ratio")
        table.add_column(name, justify="right" if right else "left", no_wrap=True)
    for row in rows:
        cells = _cells(row)
        table.add_row(row.part, *cells[:-2], _MARKS.get(row.verdict, row.verdict))
    console.print(table)


def show_one(console: Console, row: Row) -> None:
    """Print one row as soon as it is there."""
    what, mine, spread, best, ratio, bar, note, verdict = _cells(row)
    line = f"{what}: [bold]{mine}[/bold] ({spread})"
    line += f", limit {best}, ratio [bold]{ratio}[/bold]" if ratio else ""
    line += f", bar {bar}: {_MARKS.get(verdict, verdict)}" if bar else ""
    console.print(f"{line}\n   [dim]{note}[/dim]" if note else line, highlight=False)


def write(folder: Path, rows: Sequence[Row], around: Circumstances) -> None:
    """Write RESULTS.md and results.json."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "RESULTS.md").write_text(_page(rows, around), "utf-8")
    raw = {"circumstances": around, "rows": [_raw(row) for row in rows]}
    (folder / "results.json").write_bytes(
        msgspec.json.format(msgspec.json.encode(raw), indent=1) + b"\n"
    )


def versions() -> dict[str, str]:
    """What the shop ran on."""
    named = ("jishi", "granian", "litestar", "msgspec", "asyncpg", "uvloop", "piccolo", "pluggy")
    return {"Python": platform.python_version(), **{name: version(name) for name in named}}


def machine() -> str:
    """Processor, cores and memory."""
    cpu = _first("/proc/cpuinfo", "model name")
    memory = int((_first("/proc/meminfo", "MemTotal") or "0 kB").split()[0]) // 1_000_000
    cores = _first("/proc/cpuinfo", "processor", last=True)
    count = int(cores) + 1 if cores else 0
    return f"{cpu}, {count} cores, {memory} GB, {platform.system()} {platform.release()}"


def now() -> str:
    """The system's time."""
    return datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z")  # noqa: TID251 the system's own


def _first(file: str, name: str, *, last: bool = False) -> str:
    lines = Path(file).read_text().splitlines()
    found = [line.partition(":")[2].strip() for line in lines if line.startswith(name)]
    return (found[-1] if last else found[0]) if found else ""


def _cells(row: Row) -> tuple[str, str, str, str, str, str, str, str]:
    ratio = f"{row.ratio:.2f} ×" if row.ratio is not None else ""
    bar = ""
    if row.bar:
        unit = "×" if row.bar.of == "ratio" else (row.figure.unit if row.figure else "")
        bar = f"{row.bar.sign} {_number(row.bar.value)} {unit}".strip()
    spread = ""
    if row.figure:
        spread = "–".join(_number(each) for each in row.figure.spread)
    return (
        row.what,
        _amount(row.figure),
        spread,
        _amount(row.limit),
        ratio,
        bar,
        row.note,
        row.verdict,
    )


def _amount(figure: Figure | None) -> str:
    return f"{_number(figure.median)} {figure.unit}" if figure else "—"


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}".rstrip("0").rstrip(".")


def _page(rows: Sequence[Row], around: Circumstances) -> str:
    counts = {word: sum(row.verdict == word for row in rows) for word in ("met", "not met")}
    lines = [
        "# Results of the bench",
        "",
        "Written by `make bench`; `bench/README.md` says how to read it.",
        "",
        f"- {around.date}, {around.machine}; load average {around.load[0]:.1f} at the start, "
        f"{around.load[1]:.1f} at the end",
        f"- {', '.join(f'{name} {value}' for name, value in around.versions.items())}",
        f"- PostgreSQL: {', '.join(f'{k} = {v}' for k, v in around.postgres.items()) or 'none'}",
        f"- {', '.join(f'{name} = {value}' for name, value in around.pace.items())}",
        f"- bars met: {counts['met']}, not met: {counts['not met']}",
    ]
    for part in dict.fromkeys(row.part for row in rows):
        lines += ["", f"## {part}", ""]
        lines += [
            "| what | figure | spread | limit | ratio | bar | | |",
            "|---|--:|---|--:|--:|---|---|---|",
        ]
        for row in (each for each in rows if each.part == part):
            *cells, note, verdict = _cells(row)
            against = f" ({row.against})" if row.against else ""
            cells[3] += against
            lines.append(f"| {' | '.join(cells)} | {_verdict(verdict)} | {note} |")
    return "\n".join(lines) + "\n"


def _verdict(verdict: str) -> str:
    return {"met": "met", "not met": "**not met**", "not taken": "not taken"}.get(verdict, "")


def _raw(row: Row) -> dict[str, object]:
    told = {"ratio": row.ratio, "verdict": row.verdict}
    return {**msgspec.to_builtins(row), **told}

"""Drives one kind of request with wrk, as hard as a number of connections can."""

import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median

import msgspec

from bench.figures import BenchFailed, Figure, figure
from bench.processes import Server

_SCRIPTS = Path(__file__).with_name("wrk")


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What wrk found in one run; times in ms.

    Attributes:
        requests: Answers that came.
        seconds: How long it ran.
        refused: Answers of 400 and above.
        broken: Connections that broke.
        late: Answers that did not come within wrk's patience.
        spent: How often the prepared requests ran out.
        cpu: Seconds of processor time of the server meanwhile.
    """

    requests: int
    seconds: float
    refused: int
    broken: int
    late: int
    spent: int
    p50: float
    p90: float
    p99: float
    worst: float
    cpu: float = 0.0

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.requests / self.seconds

    @property
    def cost(self) -> float:
        """Processor time of the server for each answer, in µs."""
        return self.cpu / max(1, self.requests) * 1e6


class Shot(msgspec.Struct, frozen=True):
    """One kind of load.

    Attributes:
        server: Who is asked.
        connections: How many ask at once.
        seconds: For how long.
        path: What is asked for; empty with a script.
        script: ``get.lua`` or ``post.lua`` with what it reads.
    """

    server: Server
    connections: int
    seconds: float
    path: str = ""
    script: tuple[str, ...] = ()


def threads_for(connections: int) -> int:
    """How many threads wrk uses."""
    return min(2, connections)


def fire(shot: Shot) -> Load:
    """Run wrk once.

    Raises:
        BenchFailed: Something was refused or broke, so the rate would mean nothing.
    """
    before = shot.server.cpu()
    done = subprocess.run(_command(shot), capture_output=True, text=True, check=False)  # noqa: S603 our own arguments
    cpu = shot.server.cpu() - before
    line = next((one for one in done.stdout.splitlines() if one.startswith("JSON ")), "")
    if done.returncode or not line:
        raise BenchFailed(f"wrk failed: {done.stdout[-500:]}{done.stderr[-500:]}")
    load = msgspec.structs.replace(msgspec.json.decode(line[5:], type=Load), cpu=cpu)
    if load.refused or load.broken or load.late or load.spent:
        raise BenchFailed(
            f"of {load.requests} requests {load.refused} were refused, {load.broken} broke, "
            f"{load.late} were late, prepared ones ran out {load.spent} times: {done.stderr[:600]}"
        )
    return load


def _command(shot: Shot) -> list[str]:
    threads = threads_for(shot.connections)
    command = ["wrk", "-t", str(threads), "-c", str(shot.connections)]
    command += ["-d", f"{max(1, round(shot.seconds))}s", "--timeout", "20s", "--latency"]
    if not shot.script:
        return [*command, "-s", str(_SCRIPTS / "report.lua"), shot.server.address + shot.path]
    name, *arguments = shot.script
    whole = Path(shot.server.log).with_name(name)
    whole.write_text(f"{(_SCRIPTS / 'report.lua').read_text()}\n{(_SCRIPTS / name).read_text()}")
    return [*command, "-s", str(whole), shot.server.address, "--", *arguments]


def in_turn(runs: int, *ways: Callable[[], Load]) -> list[list[Load]]:
    """Run several ways one after the other, so many times; gives the loads of each way."""
    rounds = [[way() for way in ways] for _ in range(runs)]
    return [list(each) for each in zip(*rounds, strict=True)]


def rate_of(loads: Sequence[Load]) -> Figure:
    """Answers per second in each run."""
    return figure([load.rate for load in loads], "/s")


def told(loads: Sequence[Load], limit: Iterable[Load] = ()) -> str:
    """The note below a rate: p99 and the server's processor time, beside the limit's."""
    best = list(limit)
    p99 = median(load.p99 for load in loads)
    cost = median(load.cost for load in loads)
    said = f"p99 {p99:.1f} ms, server CPU {cost:.0f} µs"
    if best:
        least = median(one.cost for one in best)
        said += f" (limit: p99 {median(one.p99 for one in best):.1f} ms, CPU {least:.0f} µs; "
        said += f"by CPU alone {least / cost if cost else 0:.2f} ×)"
    return said

"""The full guest checkout: eight requests from an empty cart to a paid order."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median, quantiles

import msgspec

from bench.agreed import GATEWAY
from bench.builds import Build
from bench.driver import STEPS, Plan, Walked
from bench.figures import BenchFailed, Figure, Row, at_least, at_most, figure
from bench.placing import skus_of
from bench.plugins import install
from bench.processes import Server
from bench.stage import Stage

PART = "checkout"
FLOWS = 64
_DRIVERS = 2


class Run(msgspec.Struct, frozen=True):
    """What the customers of one run did.

    Attributes:
        walks: Of all processes: ms of the whole flow, then of each step.
        rate: Flows per second.
        cost: Processor time of the server for each flow, in µs.
    """

    walks: tuple[tuple[float, ...], ...]
    rate: float
    cost: float

    @property
    def p99(self) -> float:
        """Of the whole flow, in ms."""
        return quantiles((walk[0] for walk in self.walks), n=100)[98]


def measure(stage: Stage) -> Iterator[Row]:
    """With a gateway that costs nothing, then with WeChat Pay and its simulator."""
    yield from _with_till(stage)
    if not stage.pace.is_quick:
        yield from _with_wechat(stage)


def _with_till(stage: Stage) -> Iterator[Row]:
    site = stage.folder / "site-till"
    install(site, GATEWAY, "bench.till:TillPlugin", {})
    build = stage.build(plugins=(site, [GATEWAY]))
    answer = json.dumps({"id": "0" * 36, "filling": "x" * 700}).encode()
    with build.served(stage.pace.workers) as server, stage.bare(answer=answer) as bare:
        plan = _plan(stage, server, "till")
        nothing = msgspec.structs.replace(
            plan, shop=bare.address, way="nothing", warm_up=0.5, seconds=2
        )
        runs, ceilings = [], []
        for number in range(stage.pace.runs):
            stage.say(f"full checkout at {FLOWS} flows, run {number + 1}")
            stage.postgres.calm()
            server.settle()
            with server.frozen():
                ceilings.append(drive(nothing, bare))
            runs.append(drive(msgspec.structs.replace(plan, seed=number * 10), server))
    stage.postgres.drop(build.url)
    limit = figure([run.rate for run in ceilings], "/s")
    yield from _rows("gateway in the shop's process", runs, limit)


def _with_wechat(stage: Stage) -> Iterator[Row]:
    with ExitStack() as ends:
        try:
            build, simulator = _wechat(stage, ends)
        except ImportError:
            yield Row(part=PART, what="full checkout, WeChat", note="jishi-wechat-pay is missing")
            return
        server = ends.enter_context(build.served(stage.pace.workers))
        plan = _plan(stage, server, "wechat")
        plan = msgspec.structs.replace(plan, simulator=simulator)
        runs = []
        for number in range(stage.pace.runs):
            stage.say(f"full checkout with WeChat's simulator, run {number + 1}")
            stage.postgres.calm()
            server.settle()
            runs.append(drive(msgspec.structs.replace(plan, seed=number * 10 + 5), server))
    stage.postgres.drop(build.url)
    yield from _rows("WeChat Pay and its simulator (RSA)", runs, None)


def _wechat(stage: Stage, ends: ExitStack) -> tuple[Build, str]:
    """A shop that is paid through WeChat Pay, and its simulator."""
    from jishi_wechat_pay.simulator import running_simulator

    running = ends.enter_context(running_simulator(stage.folder / "wechat-keys"))
    table = "\n".join(f"{k} = {_toml(v)}" for k, v in running.settings.items())
    build = stage.build(
        plugins=(Path(), ["wechat_pay"]), more=f"\n[plugins.wechat_pay]\n{table}\n"
    )
    return build, running.address


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {json.dumps(v)}" for k, v in value.items()) + " }"
    return json.dumps(value)


def _plan(stage: Stage, server: Server, way: str) -> Plan:
    return msgspec.convert(
        {
            "shop": server.address,
            "flows": FLOWS // _DRIVERS,
            "warm_up": stage.pace.warm_up,
            "seconds": stage.pace.seconds * 2,
            "skus": tuple(skus_of(server)),
            "way": way,
        },
        Plan,
    )


def drive(plan: Plan, server: Server) -> Run:
    """Let all processes of customers walk at once.

    Raises:
        BenchFailed: Something was refused, or nothing came through.
    """
    before = server.cpu()
    with _customers() as processes:
        for number, process in enumerate(processes):
            mine = msgspec.structs.replace(plan, seed=plan.seed + number)
            if process.stdin:
                process.stdin.write(msgspec.json.encode(mine))
                process.stdin.close()
        walked = [_told(process) for process in processes]
    cpu = server.cpu() - before
    errors = [error for each in walked for error in each.errors]
    walks = tuple(walk for each in walked for walk in each.walks)
    if errors or len(walks) < 2:
        raise BenchFailed(f"{len(walks)} flows came through; {'; '.join(errors) or 'no error'}")
    flows = sum(each.asked for each in walked) / len(STEPS)
    return Run(walks, len(walks) / plan.seconds, cpu / flows * 1e6)


@contextmanager
def _customers() -> Iterator[list[subprocess.Popen[bytes]]]:
    command = [sys.executable, "-m", "bench.driver"]
    with ExitStack() as ends:
        processes = []
        for _ in range(_DRIVERS):
            process = subprocess.Popen(  # noqa: S603 our own arguments
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=Path(__file__).parents[1],
            )
            ends.enter_context(process)
            ends.callback(process.kill)
            processes.append(process)
        yield processes


def _told(process: subprocess.Popen[bytes]) -> Walked:
    said = process.stdout.read() if process.stdout else b""
    if not said:
        raise BenchFailed("a process of customers ended without a word")
    return msgspec.json.decode(said, type=Walked)


def _rows(how: str, runs: list[Run], limit: Figure | None) -> Iterator[Row]:
    medians = [median(step) for step in list(zip(*runs[-1].walks, strict=True))[1:]]
    steps = ", ".join(f"{n} {ms:.0f}" for n, ms in zip(STEPS, medians, strict=True))
    cost = median(run.cost for run in runs)
    yield Row(
        part=PART,
        what=f"full guest checkout, {FLOWS} flows, {how}",
        figure=figure([run.rate for run in runs], "/s"),
        limit=limit,
        against="the driver against a bare handler" if limit else "",
        bar=at_least(250),
        note=f"server CPU {cost:.0f} µs; medians in ms: {steps}",
    )
    yield Row(
        part=PART,
        what=f"… p99 of the whole flow, {how}",
        figure=figure([run.p99 for run in runs], "ms"),
        bar=at_most(250),
    )

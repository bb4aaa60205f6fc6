"""How soon it answers, how much memory it takes, how much disk."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.agreed import GATEWAY
from bench.builds import Build
from bench.figures import BenchFailed, Row, at_most, figure, never_above
from bench.load import Shot, fire
from bench.placing import skus_of
from bench.plugins import install
from bench.processes import Server
from bench.reads import LIST
from bench.shoppers import Shoppers
from bench.stage import Stage, look

PART = "footprint"
_PLUGINS = 20
_ROOT = Path(__file__).parents[1]


def measure(stage: Stage) -> Iterator[Row]:
    """Start, memory, disk."""
    yield from _start(stage)
    yield from _memory(stage)
    if not stage.pace.is_quick:
        yield from _disk(stage)


def _start(stage: Stage) -> Iterator[Row]:
    build = stage.reading_build(plugins=_PLUGINS)
    stage.say(f"starting with {_PLUGINS} plugins")
    first = _until_answer(build)
    taken = [_until_answer(build) for _ in range(stage.pace.runs)]
    yield Row(
        part=PART,
        what=f"jishi serve with {_PLUGINS} plugins, start to the first product list",
        figure=figure(taken, "s"),
        bar=at_most(1.5),
        note=f"modules compiled before; the very first start, which compiles them, {first:.1f} s",
    )


def _until_answer(build: Build) -> float:
    begun = time.monotonic()
    with build.served() as server:
        look(server, LIST)
        return time.monotonic() - begun


def _memory(stage: Stage) -> Iterator[Row]:
    site, names = stage.strangers(_PLUGINS)
    install(site, GATEWAY, "bench.till:TillPlugin", {})
    build = stage.build(plugins=(site, [*names, GATEWAY]))
    with build.served(stage.pace.workers) as server:
        at_rest = server.resident()
        stage.say("memory under load")
        _work(stage, build, server)
        loaded = server.resident()
    stage.postgres.drop(build.url)
    yield Row(
        part=PART,
        what=f"resident memory of the largest process after load, {_PLUGINS} plugins",
        figure=figure([loaded[0]], "MB"),
        bar=never_above(120),
        note=f"all its processes: {_listed(loaded)} MB; before the load {_listed(at_rest)} MB",
    )


def _work(stage: Stage, build: Build, server: Server) -> None:
    """Something of everything: lists, products, orders."""
    shoppers = Shoppers(build, skus_of(server))
    for _ in range(2):
        fire(Shot(server, 64, stage.pace.reading, LIST))
        fire(shoppers.orders(server, 64, stage.pace.seconds))
    server.settle()


def _listed(sizes: list[float]) -> str:
    return " + ".join(f"{size:.0f}" for size in sizes)


def _disk(stage: Stage) -> Iterator[Row]:
    stage.say("pip install jishi")
    what = "everything that pip install jishi brings"
    try:
        site = _installed(stage.folder / "install")
    except BenchFailed as failure:
        yield Row(part=PART, what=what, note=str(failure))
        return
    packages = len(list(site.glob("*.dist-info")))
    plain, letters, largest = _size(site), _letters(site), _largest(site)
    _run([sys.executable, "-m", "compileall", "-q", str(site)], check=False)
    yield Row(
        part=PART,
        what=what,
        figure=figure([plain], "MB"),
        bar=never_above(115),
        note=f"{packages} packages, blocks on disk as du counts them; the bytes in the files "
        f"{letters:.0f} MB; with compiled modules {_size(site):.0f} MB; largest: {largest}",
    )


def _installed(folder: Path) -> Path:
    """A wheel of this tree in an environment of its own; gives its site-packages."""
    uv = Path(sys.executable).with_name("uv")
    _run([uv, "build", "--wheel", "--quiet", "--out-dir", folder / "dist", _ROOT])
    _run([uv, "venv", "--quiet", "--python", sys.executable, folder / "env"])
    (wheel,) = (folder / "dist").glob("jishi-*.whl")
    python = folder / "env" / "bin" / "python"
    _run([uv, "pip", "install", "--quiet", "--link-mode", "copy", "--python", python, wheel])
    return next((folder / "env" / "lib").glob("python*/site-packages"))


def _size(folder: Path) -> float:
    """What ``du`` counts, in MB (10⁶ bytes)."""
    return sum(each.lstat().st_blocks * 512 for each in folder.rglob("*")) / 1e6


def _letters(folder: Path) -> float:
    """The files' lengths, in MB."""
    return sum(each.lstat().st_size for each in folder.rglob("*") if each.is_file()) / 1e6


def _largest(site: Path) -> str:
    """The folders that take the most."""
    sizes = sorted(((_size(each), each.name) for each in site.iterdir()), reverse=True)
    return ", ".join(f"{name} {size:.0f}" for size, name in sizes[:6])


def _run(command: list[str | Path], *, check: bool = True) -> None:
    done = subprocess.run(  # noqa: S603 our own arguments
        [str(each) for each in command],
        capture_output=True,
        text=True,
        check=False,
        cwd=_ROOT,
    )
    if check and done.returncode:
        raise BenchFailed(f"{Path(command[0]).name} {command[1]}: {done.stderr.strip()[-400:]}")

"""Seeds of a market with accidents: whatever happens when, the books are right."""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from jishi.testing.simulator import Run, simulate
from jishi.testing.unguarded import GUARDS

pytestmark = pytest.mark.slow

SEEDS = {"quick": 15, "long": 2000}


def _market():
    spec = spec_from_file_location("survival_market", Path(__file__).with_name("market.py"))
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


market = _market()
Seeded = Callable[[int], Run]


@pytest.fixture(scope="module")
def run(sqlite_template: Path) -> Iterator[Seeded]:
    """Give a function that runs the market of a seed; its files lie in memory where they can."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as place:
        folder = Path(place)
        shutil.copyfile(sqlite_template, folder / "shop.db")
        simulate(0, lambda world: market.stocked(folder, world))  # the same goods each time
        template = (folder / "shop.db").rename(folder / "template.db")
        yield lambda seed: simulate(
            seed, lambda world: market.Market(world, template, folder).happen()
        )


def seeds(profile: str) -> range:
    """The seeds of a profile, or the one that JISHI_TEST_SEED names."""
    one = os.environ.get("JISHI_TEST_SEED")
    return range(int(one), int(one) + 1) if one else range(SEEDS[profile])


def first_complaint(run: Seeded, those: range) -> Run | None:
    """The first seed at which something does not fit, with the command that replays it."""
    for seed in those:
        done = run(seed)
        if done.complaints:
            sys.stdout.write(
                f"seed {seed}, trace {done.trace}: {done.complaints}\n"
                f"again: JISHI_TEST_SEED={seed} pytest tests/survival/test_simulator.py\n"
            )
            return done
    return None


@pytest.mark.bar("B21")
@pytest.mark.timeout(7200)
def test_the_books_are_right_for_every_seed(run, profile):
    began = time.process_time()
    those = seeds(profile)
    assert first_complaint(run, those) is None
    sys.stdout.write(f"{len(those)} seeds in {time.process_time() - began:.0f} s of CPU\n")


@pytest.mark.bar("B21", "B22")
@pytest.mark.parametrize("guard", ["paid once"])
def test_a_planted_fault_is_found(run, guard, monkeypatch):
    """The positive control: without a guard some seed goes wrong, and goes wrong again."""
    for where, what, instead in GUARDS[guard].patches:
        monkeypatch.setattr(where, what, instead)
    found = first_complaint(run, range(30))
    assert found is not None
    again = run(found.seed)
    assert (again.trace, again.complaints) == (found.trace, found.complaints)


@pytest.mark.bar("B21")
def test_the_same_seed_is_the_same_run(run):
    first, again, other = run(7), run(7), run(8)
    assert (first.trace, first.events) == (again.trace, again.events)
    assert first.trace != other.trace

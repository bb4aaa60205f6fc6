import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
def test_an_interrupted_bench_leaves_nothing_behind(tmp_path):
    command = [sys.executable, "-m", "bench", "freshness", "--out", str(tmp_path / "out")]
    (tmp_path / "rooms").mkdir()
    environment = os.environ | {"TMPDIR": str(tmp_path / "rooms"), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as bench:
        started = next(line for line in bench.stdout if line.startswith("PostgreSQL "))
        home = Path(started.split()[-1])
        assert home.exists()
        bench.send_signal(signal.SIGINT)
        assert "interrupted" in bench.stdout.read()
    assert bench.returncode == 130
    assert not home.exists()
    assert not list((tmp_path / "rooms").iterdir())
    assert not (tmp_path / "out").exists()

import subprocess
import sys
from pathlib import Path

import pytest
from bench.figures import BenchFailed
from bench.processes import free_port, running

PARENT = """
import http.server, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open("child", "w").write(str(child.pid))
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), None).serve_forever()
"""


def ends(pid):
    """Whether a process is over soon."""
    command = ["timeout", "10", "tail", "--pid", str(pid), "-f", "/dev/null"]
    return subprocess.run(command, check=False).returncode == 0


def test_a_server_and_what_it_started_end_also_after_a_failure(tmp_path):
    port = free_port()
    command = [sys.executable, "-c", PARENT, str(port)]
    pids = []

    def fail():
        with running(command, folder=tmp_path, name="server", port=port) as server:
            pids.extend(server.pids())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert pids[1] == int((tmp_path / "child").read_text())
    assert all(ends(pid) for pid in pids)


def test_a_running_server_is_weighed(tmp_path):
    port = free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    with running(command, folder=tmp_path, name="server", port=port) as server:
        assert server.cpu() > 0
        assert 5 < server.resident()[0] < 200


def test_a_server_that_ends_at_once_is_told_with_its_last_words(tmp_path):
    command = [sys.executable, "-c", "import sys; sys.exit('no port for me')"]
    with (
        pytest.raises(BenchFailed, match="no port for me"),
        running(command, folder=tmp_path, name="server", port=free_port()),
    ):
        pass


def test_a_server_dies_with_a_bench_that_is_killed(tmp_path):
    bench = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from bench.processes import running\n"
        "server = [sys.executable, '-m', 'http.server', sys.argv[1], '--bind', '127.0.0.1']\n"
        "with running(server, folder=Path(sys.argv[2]), name='s', port=int(sys.argv[1])) as it:\n"
        "    print(it.process.pid, flush=True)\n"
        "    time.sleep(600)\n"
    )
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", bench, str(free_port()), str(tmp_path)]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as killed:
        pid = int(killed.stdout.readline())
        assert Path(f"/proc/{pid}").exists()
        killed.kill()
        killed.wait()
    assert ends(pid)

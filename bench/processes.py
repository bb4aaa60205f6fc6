"""Processes of the bench: started, waited for, weighed, and ended whatever happens."""

import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.figures import BenchFailed

_PATIENCE = 60.0
"""Seconds a process may take to answer."""

_TICK = 1 / os.sysconf("SC_CLK_TCK")
_SIGTERM_WHEN_PARENT_DIES = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


class Server:
    """A running server.

    Args:
        process: Its first process; it leads a process group of its own.
        port: Where it listens on this machine.
        log: What it writes.
    """

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process = process
        self.port = port
        self.log = log

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def pids(self) -> list[int]:
        """Its first process and everything that came from it."""
        return _family(self.process.pid)

    def cpu(self) -> float:
        """Seconds of processor time that all its processes have used."""
        return sum(_cpu_of(pid) for pid in self.pids())

    def resident(self) -> list[float]:
        """Resident memory of each of its processes, in MB (10⁶ bytes), the largest first."""
        return sorted((_resident_of(pid) for pid in self.pids()), reverse=True)

    def settle(self, patience: float = 8.0) -> None:
        """Wait until it has nothing more to do, or until patience ends."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            before = self.cpu()
            time.sleep(0.4)
            if self.cpu() - before < 0.04:
                return

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Keep it from doing anything, so that it does not disturb who is measured meanwhile."""
        os.killpg(self.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self.process.pid, signal.SIGCONT)


@contextmanager
def running(
    command: Sequence[str | Path],
    *,
    folder: Path,
    name: str,
    environment: Mapping[str, str] | None = None,
    port: int,
) -> Iterator[Server]:
    """Run a server and end it, and all that it started, afterwards.

    Args:
        command: What to run.
        folder: Where it runs, and where its log goes.
        name: Names the log.
        environment: What it finds there besides ours.
        port: Where it will listen; it is ready as soon as somebody is let in there.

    Raises:
        BenchFailed: It ended, or did not listen in time.
    """
    log = folder / f"{name}.log"
    with log.open("ab") as out:
        process = subprocess.Popen(  # noqa: S603 our own arguments
            [str(each) for each in command],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
    server = Server(process, port, log)
    try:
        _wait(server, name)
        yield server
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process group: politely, then for good."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def free_port() -> int:
    """A port of this machine where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


def _wait(server: Server, name: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise BenchFailed(f"{name} ended at once; it said:\n{tail(server.log)}")
        try:
            with socket.create_connection(("127.0.0.1", server.port), timeout=1):
                return
        except OSError:
            time.sleep(0.02)
    raise BenchFailed(f"{name} does not listen at {server.port}; it said:\n{tail(server.log)}")


def tail(log: Path) -> str:
    """The last lines of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-15:])


def _die_with_parent() -> None:
    """Linux ends this process when the bench dies, even when the bench is killed."""
    _LIBC.prctl(_SIGTERM_WHEN_PARENT_DIES, signal.SIGTERM)


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        born = [int(each) for each in children.read_text().split()]
    except OSError:
        return []
    return [pid, *(each for child in born for each in _family(child))]


def _cpu_of(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) * _TICK


def _resident_of(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    found = next((line for line in lines if line.startswith("VmRSS:")), "VmRSS: 0 kB")
    return int(found.split()[1]) * 1024 / 1e6

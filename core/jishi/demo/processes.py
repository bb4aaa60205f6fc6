"""Processes of the demo: started, waited for, ended with the demo whatever happens."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx


class DemoFailed(Exception):
    """A step of the demo did not do what it should; the sentence says which and how."""


class Processes:
    """The processes that belong to one demo."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = {**os.environ, **environment}
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []

    def run(self, *arguments: str) -> None:
        """Run one command of ``jishi`` in the build's folder, as a merchant would.

        Raises:
            DemoFailed: It ended with another code than 0.
        """
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "jishi.cli", *arguments],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            said = (done.stdout + done.stderr).decode(errors="replace").strip()
            raise DemoFailed(f"jishi {' '.join(arguments)} ended with {done.returncode}: {said}")

    def start(self, name: str, command: Sequence[str], ready: str) -> None:
        """Start a process and wait until it answers.

        Raises:
            DemoFailed: It ended, or did not answer within a minute.
        """
        log = self._folder / f"{name}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(  # noqa: S603 - our own command
                command,
                cwd=self._folder,
                env=self._environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._running.append((name, process))
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if process.poll() is not None:
                raise DemoFailed(f"{name} ended at once; the last lines of {log}:\n{_tail(log)}")
            if _answers(ready):
                return
            time.sleep(0.1)
        raise DemoFailed(f"{name} does not answer at {ready}; see {log}:\n{_tail(log)}")

    def fallen(self) -> str | None:
        """The name of a process that ended by itself, if one did."""
        return next((name for name, each in self._running if each.poll() is not None), None)

    def stop(self) -> None:
        """End everything, the youngest first."""
        for _, process in reversed(self._running):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for _, process in reversed(self._running):
            try:
                process.wait(timeout=12)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self._running.clear()


def free_port(wanted: int) -> int:
    """The wanted port of this machine, or any other that is free."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            return found
    raise DemoFailed("no port is free on this machine")


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=2).is_success
    except httpx.HTTPError:
        return False


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-15:])

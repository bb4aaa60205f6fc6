"""Reads login codes where the demo's shop prints them: in its own log."""

import re
import time
from pathlib import Path

from jishi.demo.processes import DemoFailed

_WAIT = 30.0
"""Seconds; a job sends the code."""


def sent_code(log: Path, phone: str) -> str:
    """The youngest login code for a phone; waits until it is there.

    Args:
        log: What the shop's process prints.
        phone: Its digits.

    Raises:
        DemoFailed: No code came.
    """
    said = re.compile(rf"login code for \+?\d*{re.escape(phone)}: (\d+)")
    end = time.monotonic() + _WAIT
    while time.monotonic() < end:
        if found := said.findall(log.read_text("utf-8", errors="replace")):
            return str(found[-1])
        time.sleep(0.1)
    raise DemoFailed(f"no login code for {phone} came within {_WAIT:.0f} s; see {log}")

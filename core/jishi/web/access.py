"""The log's line of every request: made without a general logger's machinery, written in bundles.

A line for each of thousands of requests a second is most of what a small answer costs when it
goes through a chain of processors and a system call of its own. Everything in it is ours (the
method from a list, the route's template, numbers, a checked request id), so nothing is escaped
and nothing can leak.
"""

import asyncio
import atexit
import json
import time
from collections import deque
from typing import TextIO

HOLD = 0.05
"""Seconds that a line waits for others at most; what anybody else logs is written at once."""

BUNDLE = 500
"""Lines that are written even earlier."""


class RequestLines:
    """A stream for the log that also takes requests.

    Lines of requests wait for each other; any other text is written at once, after those that
    wait, so the order stays.

    Args:
        stream: Where to.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._waiting: deque[str] = deque()
        self._oldest = 0.0
        self._second = 0
        self._stamp = ""
        self._routes: dict[str, str] = {}
        atexit.register(self.settle)

    def note(
        self, request_id: str, method: str, route: str, status: int, seconds: float, caller: str
    ) -> None:
        """Take the line of a request.

        Args:
            request_id: Letters, digits, dots, dashes.
            method: A known method.
            route: The route's template.
            status: The answer's status.
            seconds: How long it took.
            caller: What kind of caller asked.
        """
        now = time.time()
        if int(now) != self._second:
            self._second = int(now)
            self._stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))
        written = self._routes.get(route) or self._written(route)
        line = (
            f'{{"method":"{method}","route":{written},"status":{status},'
            f'"ms":{seconds * 1000:.2f},"caller":"{caller}","event":"request",'
            f'"request_id":"{request_id}","level":"info",'
            f'"timestamp":"{self._stamp}.{int(now % 1 * 1_000_000):06d}Z"}}\n'
        )
        if not self._waiting:
            self._oldest = now
            asyncio.get_running_loop().call_later(HOLD, self.settle)
        self._waiting.append(line)
        # The second is for a loop that ended before its time came.
        if len(self._waiting) >= BUNDLE or now - self._oldest > 1:
            self.settle()

    def settle(self) -> None:
        """Write what waits."""
        lines = []
        while self._waiting:  # one by one: another thread may be logging
            lines.append(self._waiting.popleft())
        if lines and not self._stream.closed:
            self._stream.write("".join(lines))
            self._stream.flush()

    def write(self, text: str) -> int:
        """Write something else, at once."""
        self.settle()
        return self._stream.write(text)

    def flush(self) -> None:
        """Hand everything to the system."""
        self._stream.flush()

    def _written(self, route: str) -> str:
        self._routes[route] = json.dumps(route, ensure_ascii=False)
        return self._routes[route]

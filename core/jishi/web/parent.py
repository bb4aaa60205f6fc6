"""Between the server's process and its workers: who says stop, and who is left alone."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

PARENT = "JISHI_PARENT"
"""Names the process whose workers we are."""

STOPPING = signal.SIGUSR1
"""Sent to a worker when its server begins to stop, before the port is closed."""

LOOK_EVERY = 1.0
"""Seconds after which a worker notices that its server was killed."""


def name_parent() -> None:
    """Say, to the processes that are to come, that they are ours."""
    os.environ[PARENT] = str(os.getpid())


@asynccontextmanager
async def under_parent(stopping: Callable[[], None]) -> AsyncIterator[None]:
    """Hear of the stop when it begins, and end when nobody is left who could tell us to.

    Outside of a server's worker it does nothing.

    Args:
        stopping: Called once, when requests may still be under way.
    """
    parent = os.getppid()
    if os.environ.get(PARENT) != str(parent):
        yield
        return
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(STOPPING, stopping)
    watch = asyncio.create_task(_watch(parent), name="parent")
    try:
        yield
    finally:
        watch.cancel()
        loop.remove_signal_handler(STOPPING)


async def _watch(parent: int) -> None:
    while True:  # nothing tells a process that its parent died
        await asyncio.sleep(LOOK_EVERY)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)
            return

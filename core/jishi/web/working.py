"""A process that does jobs and serves nobody: `jishi work`."""

import asyncio
import signal
from collections.abc import Callable

from jishi.config import Config
from jishi.web.assemble import remembered_shop
from jishi.web.life import Life
from jishi.web.server import check_fleet


def work(config: Config, announce: Callable[[], None]) -> None:
    """Do jobs until SIGTERM or SIGINT; what is not finished within seconds is given back.

    Args:
        config: The build.
        announce: Called once jobs are done.

    Raises:
        ConfigProblem: The configuration cannot be used for this.
        MigrationsPending: The tables are older than the code.
        Unavailable: There is no database at the address.
    """
    check_fleet(config)
    asyncio.run(_work(Life(remembered_shop(config)), announce))


async def _work(life: Life, announce: Callable[[], None]) -> None:
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    async with life.working():
        announce()
        await over.wait()

"""Settles in several processes, which are killed again and again; run as a program.

``python settlers.py URL BOOKS PROCESSES KILLS``: each round forks so many processes, a quarter of
an hour later than the one before, and kills them all when the gateway has given some more back;
the last is left alone. Says for each round how many died of it, and how many refunds there were.
"""

import asyncio
import os
import signal
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from books import shop_at  # noqa: E402

from jishi.events import Runner  # noqa: E402
from jishi.web import handlers_of  # noqa: E402

DAY = 25 * 3600


async def settle(url: str, file: Path, seconds: float) -> None:
    shop = await shop_at(url, file, seconds)
    runner = Runner(shop, handlers_of(shop))
    while await runner.drain():
        pass
    await shop.database.stop()


def forked(url: str, file: Path, seconds: float) -> int:
    child = os.fork()
    if child:
        return child
    try:
        asyncio.run(settle(url, file, seconds))
    except Exception as error:  # noqa: BLE001 - a child says what it was and ends
        sys.stderr.write(f"{error!r}\n")
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def refunds(file: Path) -> int:
    with closing(sqlite3.connect(file, timeout=30)) as books:
        ((count,),) = books.execute("SELECT count(*) FROM back")
    return count


def wait_for_refunds(file: Path, count: int) -> None:
    """Until the gateway has given so many back: then settlement is in full swing."""
    patience = time.monotonic() + 60
    while refunds(file) < count and time.monotonic() < patience:
        time.sleep(0.005)


def main(url: str, file: Path, processes: int, kills: int) -> None:
    for turn in range(kills):
        ahead = DAY + turn * 900
        children = [forked(url, file, ahead) for _ in range(processes)]
        wait_for_refunds(file, 4 * (turn + 1))
        for child in children:
            os.kill(child, signal.SIGKILL)
        died = [os.WIFSIGNALED(os.waitpid(child, 0)[1]) for child in children]
        sys.stdout.write(f"{sum(died)} {refunds(file)}\n")
    for extra in range(2):
        ahead = DAY + (kills + extra) * 900
        children = [forked(url, file, ahead) for _ in range(processes)]
        for child in children:
            _, status = os.waitpid(child, 0)
            if status:
                raise SystemExit(f"a settler ended with {status}")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))

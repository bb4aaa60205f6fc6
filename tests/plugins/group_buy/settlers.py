"""Settles in several processes, which are killed again and again; run as a program.

``python settlers.py URL BOOKS PROCESSES KILLS``: each round forks so many processes a quarter of
an hour later than the one before, and kills them all after a moment; the last is left alone.
Says ``killed`` for each that died of it.
"""

import asyncio
import os
import random
import signal
import sys
import time
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


def main(url: str, file: Path, processes: int, kills: int) -> None:
    dice = random.Random(7)
    for turn in range(kills):
        ahead = DAY + turn * 900
        children = [forked(url, file, ahead) for _ in range(processes)]
        time.sleep(dice.uniform(0.25, 0.7))
        for child in children:
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            sys.stdout.write("killed\n" if os.WIFSIGNALED(status) else "ended\n")
    for extra in range(2):
        ahead = DAY + (kills + extra) * 900
        children = [forked(url, file, ahead) for _ in range(processes)]
        for child in children:
            _, status = os.waitpid(child, 0)
            if status:
                raise SystemExit(f"a settler ended with {status}")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))

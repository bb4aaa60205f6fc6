"""What is under way when a database is closed is answered, never left to wait for ever."""

import asyncio
from pathlib import Path

import pytest

from jishi.db import Database, Unavailable


async def test_a_transaction_that_is_open_at_the_end_is_told_so(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path}/closing.db")
    await database.start()
    opened, closed = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        async with database.transaction():
            opened.set()
            await closed.wait()

    task = asyncio.create_task(work())
    await opened.wait()
    await database.stop()
    closed.set()
    with pytest.raises(Unavailable):
        await asyncio.wait_for(task, timeout=60)


async def test_it_is_also_told_when_it_is_cancelled(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path}/closing.db")
    await database.start()
    opened = asyncio.Event()

    async def work() -> None:
        async with database.transaction():
            opened.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await opened.wait()
    await database.stop()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, timeout=60)

"""Import a catalogue file: good rows go in, bad ones are named, and again changes nothing."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from jishi.catalogue.check_batch import Batch, check_batch
from jishi.catalogue.csv_rows import BadRow, File, Row, read_rows
from jishi.catalogue.imported import HeldBack, Imported, OnBadRow, StockColumn, Write
from jishi.catalogue.judge import Draft, Judged, as_wanted, judge
from jishi.catalogue.memory import touch
from jishi.catalogue.save_products import save_products
from jishi.catalogue.shelves import Shelves, insert_categories, load_shelves
from jishi.catalogue.stock_rows import write_stock
from jishi.db import Conflict, Transaction
from jishi.identifiers import new_id
from jishi.problems import Clash
from jishi.shop import Shop

BATCH = 200
"""Rows of one transaction, about."""

Progress = Callable[[int, int], None]


class _Stopped(Exception):
    """Something is wrong after all; nothing of the file goes in."""


def _quiet(done: int, total: int) -> None:
    """Tell nobody."""


async def import_catalogue(
    shop: Shop,
    source: Path | bytes | BinaryIO,
    *,
    on_bad_row: OnBadRow = "skip",
    write: Write = "commit",
    stock: StockColumn = "initial",
    progress: Progress = _quiet,
) -> Imported:
    """Bring the catalogue up to a file: products by handle, SKUs by code.

    Args:
        shop: The shop.
        source: The file: a path, its bytes or an open binary file.
        on_bad_row: ``skip`` imports the good rows; ``stop`` imports all rows or none.
        write: ``dry_run`` only says what would happen, the review apart.
        stock: ``initial`` counts the stock of new SKUs and leaves the others alone, so that what
            was sold does not come back; ``replace`` sets all to the file's count.
        progress: Called with the rows done and the rows of the file.
    """
    content = await asyncio.to_thread(_content, source)
    file = await asyncio.to_thread(read_rows, content)
    work = _Import(shop, file, stock, Imported(write=write, rows=file.rows), progress)
    if not (file.bad and on_bad_row == "stop"):
        await (work.whole() if on_bad_row == "stop" else work.by_batches())
    result = work.result
    result.problems = sorted([*file.bad, *work.bad], key=lambda one: one.line)
    result.bad_rows = len({one.line for one in result.problems if one.line > 1})
    return result


def _content(source: Path | bytes | BinaryIO) -> bytes:
    if isinstance(source, bytes):
        return source
    return source.read_bytes() if isinstance(source, Path) else source.read()


class _Import:
    """One import under way."""

    def __init__(
        self, shop: Shop, file: File, stock: StockColumn, result: Imported, progress: Progress
    ) -> None:
        self.shop = shop
        self.result = result
        self.bad: list[BadRow] = []
        self._id = new_id()
        self._stock = stock
        self._file = file
        self._progress = progress
        self._done = 0
        self._shelves = Shelves()

    async def by_batches(self) -> None:
        """Each batch in a transaction of its own."""
        self._shelves = await load_shelves(self.shop.database)
        for rows in _batches(self._file.products):
            try:
                await self._batch(rows)
            except (Clash, Conflict):
                # Somebody changed these products at the same time: look again, once.
                self._shelves = await load_shelves(self.shop.database)
                await self._batch(rows)
            self._tell(sum(map(len, rows)))

    async def whole(self) -> None:
        """Everything in one transaction, or nothing."""
        self._shelves = await load_shelves(self.shop.database)
        batches = [await self._check(rows) for rows in _batches(self._file.products)]
        if self.bad:
            return
        if self.result.write == "dry_run":
            for batch in batches:
                self._count(batch, self._undecided(batch))
            return
        judged = [await self._judge(batch) for batch in batches]
        stocks = 0
        try:
            async with self.shop.database.transaction() as tx:
                for batch, some in zip(batches, judged, strict=True):
                    stocks += await self._write(tx, batch, some)
                    if self.bad:
                        raise _Stopped
                    self._tell(batch.rows)
        except _Stopped:
            return
        self.result.stock_changes = stocks
        for batch, some in zip(batches, judged, strict=True):
            self._count(batch, some)

    async def _batch(self, rows: Sequence[Sequence[Row]]) -> None:
        known, held = len(self.bad), len(self.result.held_back)
        try:
            batch = await self._check(rows)
            judged = self._undecided(batch)
            if self.result.write == "commit":
                judged = await self._judge(batch)
                async with self.shop.database.transaction() as tx:
                    stocks = await self._write(tx, batch, judged)
                self.result.stock_changes += stocks
        except (Clash, Conflict):
            del self.bad[known:], self.result.held_back[held:]
            raise
        self._count(batch, judged)

    async def _check(self, rows: Sequence[Sequence[Row]]) -> Batch:
        batch = await check_batch(self.shop.database, rows, self._shelves, self._stock)
        self.bad += batch.bad
        return batch

    async def _judge(self, batch: Batch) -> list[Judged]:
        """The products that are to be written, reviewed; those that say the same are left out."""
        judged = await judge(self.shop, _different(batch), self._shelves)
        self.result.held_back += [
            HeldBack(
                handle=one.product.listing.handle,
                verdict=one.review.verdict,
                findings=one.review.findings,
            )
            for one in judged
            if one.review is not None and one.review.verdict != "approved"
        ]
        return [one for one in judged if not _same(one)]

    def _undecided(self, batch: Batch) -> list[Judged]:
        """What a dry run would write: nobody is asked, everything is as it is wanted."""
        now = self.shop.clock.now()
        return [Judged(old=one.old, product=as_wanted(one, now)) for one in _different(batch)]

    async def _write(self, tx: Transaction, batch: Batch, judged: Sequence[Judged]) -> int:
        if judged:
            await insert_categories(tx, self._shelves.new)
            self._shelves.new = []
            changes = [(one.old, one.product) for one in judged]
            await save_products(tx, self.shop, changes, self._shelves)
        if not batch.stock:
            return 0
        stocks, bad = await write_stock(tx, self.shop, batch.stock, self._stock, self._id)
        self.bad += bad
        tx.after_commit(lambda: touch(self.shop.database, batch.known))
        return stocks

    def _count(self, batch: Batch, judged: Sequence[Judged]) -> None:
        result = self.result
        made = sum(one.old is None for one in judged)
        result.new += made
        result.changed += len(judged) - made
        result.unchanged += len(batch.drafts) - len(judged)
        result.new_skus += batch.new_skus

    def _tell(self, rows: int) -> None:
        self._done += rows
        self._progress(self._done, self._file.rows)


def _batches(products: Mapping[str, list[Row]]) -> Iterator[list[list[Row]]]:
    """Products whose rows together are about as many as one transaction should write."""
    batch: list[list[Row]] = []
    size = 0
    for rows in products.values():
        batch.append(rows)
        size += len(rows)
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _different(batch: Batch) -> list[Draft]:
    return [
        one
        for one in batch.drafts
        if one.old is None or (one.old.listing, one.old.status) != (one.listing, one.status)
    ]


def _same(judged: Judged) -> bool:
    old, new = judged.old, judged.product
    return old is not None and (old.listing, old.status) == (new.listing, new.status)

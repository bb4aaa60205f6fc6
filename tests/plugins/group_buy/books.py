"""A gateway whose books are a file: they outlive every process that is killed."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from jishi.clock import SystemClock
from jishi.config import Source, read_config
from jishi.payments import PaymentReport, RefundReport
from jishi.plugins import Declaration, Plugin, hookimpl
from jishi.shop import Shop
from jishi.testing.gateway import PaperGateway
from jishi.web import open_shop
from jishi_group_buy import GroupBuy

SECRET = {"SHOP_SECRET": "0123456789abcdef0123456789abcdef0123456789abcdef"}


class BooksGateway(PaperGateway):
    """Takes money at once, gives it back once per number, and is a little slow about it."""

    name = "books"

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file
        with self._books() as books:
            books.execute("CREATE TABLE IF NOT EXISTS paid (number TEXT PRIMARY KEY, fen INT)")
            books.execute(
                "CREATE TABLE IF NOT EXISTS back (number TEXT PRIMARY KEY, of TEXT, fen INT)"
            )

    def _books(self):
        books = sqlite3.connect(self.file, timeout=30, isolation_level=None)
        return closing(books)

    async def create(self, request):
        with self._books() as books:
            row = (request.attempt, request.amount)
            books.execute("INSERT OR IGNORE INTO paid VALUES (?, ?)", row)
        return await super().create(request)

    def took(self, attempt: str, amount: int) -> PaymentReport:
        """What it says of a payment that was made."""
        return PaymentReport(
            attempt=attempt,
            status="paid",
            transaction=f"T{attempt}",
            amount=amount,
            currency="CNY",
            merchant=self.merchant,
            app=self.app,
            paid_at=self.clock.now(),
        )

    async def refund(self, request):
        with self._books() as books:
            row = (request.refund, request.payment.attempt, request.amount)
            books.execute("INSERT OR IGNORE INTO back VALUES (?, ?, ?)", row)
        await asyncio.sleep(0.004)
        return RefundReport(
            refund=request.refund,
            status="refunded",
            reference=f"R{request.refund}",
            amount=request.amount,
            currency=request.currency,
        )

    def kept(self) -> dict[str, tuple[int, int]]:
        """By attempt: what it still has of it, and how often some of it went back."""
        with self._books() as books:
            return {
                number: (fen, times)
                for number, fen, times in books.execute(
                    "SELECT paid.number, paid.fen - coalesce(sum(back.fen), 0), count(back.number)"
                    " FROM paid LEFT JOIN back ON back.of = paid.number GROUP BY paid.number"
                )
            }


class Later(SystemClock):
    """The system's clock, so many seconds ahead."""

    def __init__(self, seconds: float) -> None:
        self._ahead = timedelta(seconds=seconds)

    def now(self) -> datetime:
        return super().now() + self._ahead


def plugins_of(file: Path) -> dict[str, type[Plugin]]:
    class Books(Plugin):
        declaration = Declaration(name="books", version="1.0.0")

        def __init__(self, settings: None = None) -> None:
            super().__init__(settings)
            self.gateway = BooksGateway(file)

        @hookimpl
        def register_gateways(self):
            return [self.gateway]

    return {"books": Books, "group_buy": GroupBuy}


def tables_of(url: str) -> dict[str, Any]:
    return {
        "shop": {"name": "测试小店", "secret": {"env": "SHOP_SECRET"}},
        "database": {"url": url},
        "web": {"storefront": "off"},
        "events": {"jobs": "elsewhere"},
        "checkout": {"unpaid_orders": 50},
        "channels": {"web": {"name": "网店"}},
        "plugins": {
            "courier": {"zones": [{"free_from": 0}]},
            # The machine that tests run on is busy: nobody is refused for being slow.
            "budgets": {"group_buy": {"load": 5000, "review": 5000, "pure": 5000}},
        },
    }


async def shop_at(url: str, file: Path, seconds: float = 0) -> Shop:
    """The shop of the test, opened once more, so many seconds ahead of the clock."""
    config = read_config(Source(file.parent, tables=tables_of(url), environ=SECRET))
    return await open_shop(config, Later(seconds), plugins_of(file))

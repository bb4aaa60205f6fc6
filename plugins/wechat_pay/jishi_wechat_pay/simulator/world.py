"""What a simulated WeChat Pay knows: its merchant, orders, refunds, and what was said."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Literal

import msgspec

from jishi.clock import Clock
from jishi_wechat_pay.simulator.faults import Faults
from jishi_wechat_pay.simulator.keys import Keys

BEIJING = timezone(timedelta(hours=8))
Mode = Literal["public_key", "certificates", "mixed"]


class Terms(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How WeChat treats the merchant; settable over the control API."""

    mode: Mode = "public_key"
    """What answers and notices are signed with; mixed takes turns in notices."""
    notices: bool = True
    """Whether notices are sent at all."""
    balance: int | None = None
    """Fen available for refunds; None is plenty."""
    refund_delay: float = 1.0
    """Seconds until a refund settles."""
    refund_outcome: Literal["SUCCESS", "ABNORMAL", "CLOSED"] = "SUCCESS"
    refund_spacing: float = 0.0
    """Seconds between two refunds of one order (WeChat: 60)."""
    paid_code: str = "ORDER_PAID"
    """The code for closing a paid order; sources differ about it."""


class Order(msgspec.Struct, kw_only=True):
    """A prepay order and what became of it. Amounts in fen."""

    kind: str
    appid: str
    out_trade_no: str
    description: str
    total: int
    currency: str
    notify_url: str
    fingerprint: bytes
    created_at: datetime
    expires_at: datetime
    prepay_id: str
    code: str
    openid: str | None = None
    attach: str | None = None
    state: str = "NOTPAY"
    transaction_id: str | None = None
    paid_at: datetime | None = None
    refused: int = 0


class Refund(msgspec.Struct, kw_only=True):
    """A refund and what became of it. Amounts in fen."""

    refund_id: str
    out_refund_no: str
    out_trade_no: str
    transaction_id: str
    amount: int
    total: int
    notify_url: str | None
    created_at: datetime
    status: str = "PROCESSING"
    settled_at: datetime | None = None


class Call(msgspec.Struct, kw_only=True):
    """One request of the merchant, for the record."""

    at: datetime
    call: str
    status: int
    code: str = ""


class World:
    """All that the simulator remembers; gone when it ends, apart from the journal.

    Args:
        keys: Both sides' keys.
        clock: The simulator's time.
        speed: Divides every waiting time of WeChat's.
        public_url: Where people reach the simulator's pages.
        journal: A file that gets one JSON line for everything that happens.
        sleep: Waits so many seconds.
    """

    def __init__(
        self,
        keys: Keys,
        clock: Clock,
        *,
        speed: float = 1.0,
        public_url: str = "http://127.0.0.1:8700",
        journal: Path | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.keys = keys
        self.clock = clock
        self.speed = speed
        self.public_url = public_url.rstrip("/")
        self.terms = Terms()
        self.faults = Faults()
        self.orders: dict[str, Order] = {}
        self.refunds: dict[str, Refund] = {}
        self.calls: deque[Call] = deque(maxlen=2000)
        self.tasks: set[asyncio.Task[None]] = set()
        self._journal = journal
        self._sleep = sleep

    def write(self, what: str, **members: object) -> None:
        """Add a line to the journal."""
        if self._journal is not None:
            line = msgspec.json.encode({"at": self.clock.now(), "what": what, **members})
            with self._journal.open("ab") as file:
                file.write(line + b"\n")

    def spawn(self, work: Coroutine[object, object, None]) -> None:
        """Do something in the background until it is done or the simulator stops."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def pause(self, seconds: float) -> None:
        """Wait as long as WeChat would, divided by the speed."""
        await self._sleep(seconds / self.speed)

    async def stop(self) -> None:
        """Give up everything that still runs."""
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


def beijing_time(moment: datetime) -> str:
    """A moment as WeChat writes it: RFC 3339 with +08:00."""
    return moment.astimezone(BEIJING).isoformat(timespec="seconds")

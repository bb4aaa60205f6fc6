"""A gateway that outlives the processes that use it: its books are a file."""

import asyncio
import pickle
from pathlib import Path

from jishi.plugins import Declaration, Plugin, hookimpl
from jishi.testing.gateway import PaperGateway

KEPT = ("requests", "statuses", "refunds", "calls", "_paid_at", "_notices")


class OutsideGateway(PaperGateway):
    """Reads its books before and writes them after each call; an await lies on either side."""

    def __init__(self, file: Path, clock=None) -> None:
        super().__init__(clock)
        self.file = file
        self.open_books()

    def open_books(self) -> None:
        if self.file.exists():
            self.__dict__.update(pickle.loads(self.file.read_bytes()))

    def close_books(self) -> None:
        new = self.file.with_suffix(".new")
        new.write_bytes(pickle.dumps({name: self.__dict__[name] for name in KEPT}))
        new.replace(self.file)

    async def _kept(self, call):
        await asyncio.sleep(0)
        self.open_books()
        answer = await call
        self.close_books()
        await asyncio.sleep(0)
        return answer

    async def create(self, request):
        return await self._kept(super().create(request))

    async def query(self, payment):
        return await self._kept(super().query(payment))

    async def close(self, payment):
        return await self._kept(super().close(payment))

    async def refund(self, request):
        return await self._kept(super().refund(request))

    async def query_refund(self, refund, payment):
        return await self._kept(super().query_refund(refund, payment))

    def pay(self, attempt):
        self.open_books()
        sheet = super().pay(attempt)
        self.close_books()
        return sheet


class Letters:
    """Keeps the codes that were sent."""

    name = "letters"

    def __init__(self) -> None:
        self.codes: list[str] = []

    def serves(self, kind: str) -> bool:
        return True

    async def send(self, identity, code: str) -> None:
        self.codes.append(code)


def outside_plugin(file: Path) -> type[Plugin]:
    """The gateway, a letterbox, and a witness that counts each transition in the ledger."""

    class Outside(Plugin):
        declaration = Declaration(name="outside", version="1.0")

        def __init__(self, settings=None) -> None:
            super().__init__(settings)
            self.gateway = OutsideGateway(file)
            self.letters = Letters()

        @hookimpl
        def register_gateways(self):
            return [self.gateway]

        @hookimpl
        def register_code_senders(self):
            return [self.letters]

        @hookimpl
        def effects_of_order(self, order, transition):
            from jishi.effects import Credit

            account = f"witness:{transition}"
            return [Credit(account=account, amount=1, key="seen", reason="witnessed")]

    return Outside

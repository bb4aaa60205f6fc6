"""A quarter of an hour at the market: more buyers than goods, and a gateway that has bad days."""

import asyncio
import shutil
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path

from jishi.callers import Caller
from jishi.checkout import Counter, PlaceOrder, WantedLine, place_order
from jishi.config import Source, read_config
from jishi.events import Runner
from jishi.fulfilment import Address
from jishi.identifiers import new_id
from jishi.payments import cancel_order, start_payment
from jishi.payments.gateways import find_gateway
from jishi.payments.notices import hear
from jishi.plugins import Declaration, Plugin, hookimpl
from jishi.problems import OutOfService, Problem
from jishi.shop import Shop
from jishi.testing.audit import Journal, Taken, audit, standing
from jishi.testing.gateway import PaperGateway
from jishi.testing.people import Seller
from jishi.testing.simulator import World, insisting
from jishi.web import handlers_of, make_shop

SECRET = {"SHOP_SECRET": "0123456789abcdef0123456789abcdef0123456789abcdef"}
STOCK = {"tea": 3, "cup": 2}
BUYERS = 6
BAD_DAYS = timedelta(minutes=40)
"""How long accidents happen."""
REST = timedelta(hours=3)
"""When everything must have come to rest."""
HANGZHOU = Address(
    name="李雷", phone="13800138000", region="浙江省", city="杭州市", street="文三路 1 号"
)


class MoodyGateway(PaperGateway):
    """Is slow, does not answer, answers too late; tells often, late, several times or never."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.world = world
        self.shop: Shop | None = None
        self.calm = False
        self.errands: set[asyncio.Task] = set()

    def _moody(self, call: str) -> None:
        chance = self.world.dice.random()
        mood = "silent" if chance < 0.1 else "deaf" if chance < 0.2 else "well"
        self.mood[call] = "well" if self.calm else mood

    async def _slowly(self, call: str, work):
        self.world.note(f"gateway {call}")
        await self.world.pause(0.2 if self.calm or self.world.happens(0.95) else 9)
        self._moody(call)
        answer = await work()
        await self.world.pause(0.2)
        return answer

    async def create(self, request):
        return await self._slowly("create", partial(super().create, request))

    async def query(self, payment):
        return await self._slowly("query", partial(super().query, payment))

    async def close(self, payment):
        return await self._slowly("close", partial(super().close, payment))

    async def refund(self, request):
        self.refunds_are = "processing" if self.world.happens(0.3) else "refunded"
        return await self._slowly("refund", partial(super().refund, request))

    async def query_refund(self, refund, payment):
        if refund in self.refunds and self.world.happens(0.5):
            self.finish_refund(refund)
        return await self._slowly("query_refund", partial(super().query_refund, refund, payment))

    def pay(self, attempt: str):
        sheet = super().pay(attempt)
        for _ in range(self.world.dice.choice([0, 1, 1, 2, 3])):
            task = asyncio.ensure_future(self._tell(sheet))
            self.errands.add(task)
            task.add_done_callback(self.errands.discard)
        return sheet

    async def _tell(self, sheet) -> None:
        for wait in (0.5, 15, 60, 300):
            await self.world.pause(wait)
            answer = await hear(self.shop, self, sheet.headers, sheet.body)
            self.world.note(f"notice {answer.status}")
            if answer.status == 200:
                return


def gateway_plugin(world: World) -> type[Plugin]:
    class Moody(Plugin):
        declaration = Declaration(name="moody", version="1.0")

        def __init__(self, settings=None) -> None:
            super().__init__(settings)
            self.gateway = MoodyGateway(world)

        @hookimpl
        def register_gateways(self):
            return [self.gateway]

    return Moody


class Market:
    """One run of the scene.

    Args:
        world: Its world.
        template: A database with goods in it.
        folder: Where the run's own copy lies.
    """

    def __init__(self, world: World, template: Path, folder: Path) -> None:
        self.world = world
        self.journal = Journal()
        shutil.copyfile(template, folder / "shop.db")
        for left in ("shop.db-wal", "shop.db-shm"):
            (folder / left).unlink(missing_ok=True)
        self.shop = make_market_shop(folder, world, {"moody": gateway_plugin(world)})

    async def happen(self) -> list[str]:
        """Open, sell, close; gives what did not fit."""
        await self.shop.database.start()
        self.gateway = find_gateway(self.shop, "paper")
        self.gateway.shop = self.shop
        self.counter = Counter(self.shop)
        self.runner = Runner(self.shop, handlers_of(self.shop))
        await self.counter.start()
        await self.runner.start()
        self.world.lost_commits = 0.02
        buyers = [asyncio.ensure_future(self._buyer(number)) for number in range(BUYERS)]
        found = await self._until(BAD_DAYS)
        self.world.lost_commits, self.gateway.calm = 0.0, True
        await asyncio.gather(*buyers)
        found += await self._until(REST)
        await self.counter.stop()
        await self.runner.stop()
        await self.runner.drain()
        found += await audit(self.shop, self.journal, self._taken(), STOCK)
        await self.shop.database.stop()
        return found

    async def _until(self, moment: timedelta) -> list[str]:
        """Let time pass, and look now and then whether everything stands."""
        found: list[str] = []
        while self.world.loop.time() < moment.total_seconds() and not found:
            await asyncio.sleep(600)
            found += await standing(self.shop)
        return [f"at {self.world.now():%H:%M}: {one}" for one in found]

    async def _buyer(self, number: int) -> None:
        await self.world.pause(5)
        me = Caller(kind="guest", id=new_id())
        sku = self.world.dice.choice(["tea", "tea", "cup"])
        wish = PlaceOrder(lines=(WantedLine(sku=sku, quantity=1),), address=HANGZHOU)
        with suppress(Problem):  # sold out, or the gateway refuses: such is life
            order = await self._place(me, wish, f"key-{number}")
            await self._pay_or_not(order)

    async def _place(self, me: Caller, wish: PlaceOrder, key: str) -> str:
        async def once() -> str:
            order, _ = await place_order(self.shop, self.counter, me, wish, key)
            self.journal.acknowledge(key, order.id)
            return order.id

        presses = self.world.dice.choice([1, 1, 2, 3])
        answers = await asyncio.gather(
            *(insisting(self.world, once, (OutOfService,)) for _ in range(presses)),
            return_exceptions=True,
        )
        for one in answers:
            if not isinstance(one, BaseException):
                return one
        raise answers[0]

    async def _pay_or_not(self, order: str) -> None:
        async def start():
            return await start_payment(self.shop, order, "paper", "scan", {}, "guest")

        attempt = await insisting(self.world, start, (Problem,))
        deeds = [self._pay(attempt.number), self._cancel(order)]
        await asyncio.gather(*(one for one in deeds))

    async def _pay(self, number: str) -> None:
        await self.world.pause(self.world.dice.choice([1, 2, 60, 900]))
        if self.world.happens(0.85):
            with suppress(ValueError):  # it was closed before
                self.gateway.pay(number)

    async def _cancel(self, order: str) -> None:
        await self.world.pause(self.world.dice.choice([1, 2, 60]))
        if self.world.happens(0.4):
            with suppress(Problem):
                await cancel_order(self.shop, order, "guest")

    def _taken(self) -> list[Taken]:
        books = self.gateway
        return [
            Taken(number=one, amount=books.requests[one].amount, returned=books.given_back(one))
            for one, status in books.statuses.items()
            if status == "paid"
        ]


def make_market_shop(folder: Path, clock, plugins) -> Shop:
    tables = {
        "shop": {"name": "集市", "secret": {"env": "SHOP_SECRET"}},
        "database": {"url": f"sqlite:///{folder / 'shop.db'}"},
        "channels": {"web": {"name": "网店"}},
    }
    return make_shop(read_config(Source(folder, tables=tables, environ=SECRET)), clock, plugins)


async def stocked(folder: Path, clock) -> list[str]:
    """Put the goods into the market's database; there is nothing to complain of."""
    shop = make_market_shop(folder, clock, {})
    await shop.database.start()
    for name, pieces in STOCK.items():
        await Seller(shop).product(name, stock=pieces)
    await shop.database.stop()
    return []

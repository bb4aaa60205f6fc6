"""A part is paid from a balance, and given back: told in a process that is killed on the way."""

from contextlib import suppress
from datetime import timedelta

from jishi.clock import FakeClock
from jishi.config import Source, read_config
from jishi.events import Runner
from jishi.identifiers import new_id
from jishi.ledger import check
from jishi.orders import find_order, pay_order
from jishi.payments import attempts_of, expire_unpaid, start_payment
from jishi.payments.problems import NothingCovered, NothingToPay
from jishi.testing.orders import draft_of, fill_stock, place_draft
from jishi.testing.shop import START, Paper
from jishi.web import handlers_of, make_shop, require_tables
from jishi_loyalty import Loyalty
from jishi_loyalty.value.book import left_of
from jishi_loyalty.value.routes import value_of
from jishi_loyalty.value.spend import Spending, spend
from jishi_loyalty.value.top_up import NewLot, top_up

SECRET = {"SHOP_SECRET": "0123456789abcdef0123456789abcdef0123456789abcdef"}


class PayPart:
    """A member pays 600 of 1,000 from his balance."""

    part = 600

    def shop(self, url, folder):
        tables = {
            "shop": {"name": "测试小店", "secret": {"env": "SHOP_SECRET"}},
            "database": {"url": url},
            "channels": {"web": {"name": "网店"}},
            "plugins": {"loyalty": {"value": {"enabled": "yes"}}},
        }
        config = read_config(Source(folder, tables=tables, environ=SECRET))
        return make_shop(config, FakeClock(START), {"paper": Paper, "loyalty": Loyalty})

    async def prepare(self, shop):
        await require_tables(shop, "upgrade")
        await Runner(shop, handlers_of(shop)).drain()  # signs the schedules up
        value = value_of(shop)
        lot = NewLot(
            id=new_id(),
            member="anna",
            source="till",
            reference="slip",
            paid=500,
            gift=100,
            spend_order="proportional",
            at=shop.clock.now(),
        )
        await top_up(value.desk, value.settings, lot)
        await fill_stock(shop, "tea", 1)
        draft = draft_of(shop, [("tea", 1, 1000)], owner="anna", member="anna")
        return await self.begin(shop, (await place_draft(shop, draft)).id)

    async def begin(self, shop, order):
        return {"order": order}

    async def act(self, shop, known):
        await self.tell(shop, known)
        await Runner(shop, handlers_of(shop)).drain()

    async def tell(self, shop, known):
        with suppress(NothingCovered, NothingToPay):
            await start_payment(shop, known["order"], "stored_value", "balance", {}, "member")

    async def judge(self, shop, known):
        found = [str(one) for one in await check(shop.database)]
        shop.clock.advance(timedelta(minutes=1))
        await self.act(shop, known)
        shop.clock.advance(timedelta(minutes=1))
        await Runner(shop, handlers_of(shop)).drain()
        found += [str(one) for one in await check(shop.database)]
        left = sum(one.total for one in await left_of(value_of(shop).desk, "anna"))
        attempts = await attempts_of(shop.database, known["order"])
        books = [(one.captured, one.refunded) for one in attempts]
        order = await find_order(shop.database, known["order"])
        return found + self.unlike(order, left, books)

    def unlike(self, order, left, books):
        seen = (order.status, order.paid, left, books)
        wanted = ("placed", self.part, 0, [(self.part, 0)])
        return [] if seen == wanted else [f"{seen}, not {wanted}"]


class GiveBack(PayPart):
    """… and the rest is never paid."""

    async def begin(self, shop, order):
        await start_payment(shop, order, "stored_value", "balance", {}, "member")
        return {"order": order}

    async def tell(self, shop, known):
        shop.clock.advance(timedelta(minutes=20))
        await expire_unpaid(shop, known["order"])

    def unlike(self, order, left, books):
        seen = (order.status, left, books)
        wanted = ("expired", self.part, [(self.part, self.part)])
        return [] if seen == wanted else [f"{seen}, not {wanted}"]


class PayNaively(PayPart):
    """The control: money is taken under a name of its own each time, then the order is told."""

    async def tell(self, shop, known):
        order = await find_order(shop.database, known["order"])
        if order.paid:
            return
        value = value_of(shop)
        wanted = Spending(id=new_id(), member="anna", amount=300, currency="CNY")
        await spend(value.desk, value.settings, wanted)
        await pay_order(shop, order.id, 300, "test")

    def unlike(self, order, left, books):
        return [] if (order.paid, left) == (300, 300) else [f"{order.paid} paid, {left} left"]


STORIES = {"pay_part": PayPart(), "give_back": GiveBack(), "pay_naively": PayNaively()}

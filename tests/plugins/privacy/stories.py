"""A member is forgotten: told in a process that is killed on the way."""

from datetime import timedelta

from jishi.callers import Caller
from jishi.clock import FakeClock
from jishi.config import Source, read_config
from jishi.dossiers import erase_member
from jishi.identifiers import new_id
from jishi.membership import Identity, MemberAddress, add_address, enter
from jishi.orders import complete_order, pay_order, ship_order
from jishi.testing.members import ALICE, BOB
from jishi.testing.orders import draft_of, fill_stock, place_draft
from jishi.testing.shop import START, Paper
from jishi.testing.traces import traces_of
from jishi.web import make_shop, require_tables
from jishi_privacy import Privacy
from jishi_privacy.jobs import forget, make_archive
from jishi_privacy.requests import ask_erasure, ask_export, find

SECRET = {"SHOP_SECRET": "0123456789abcdef0123456789abcdef0123456789abcdef"}


async def live(shop, words) -> str:
    """A member with an address, an order that is over, and an archive."""
    phone, _, name, street, _ = words
    async with shop.database.transaction() as tx:
        identity = Identity(kind="phone", value=f"86{phone}")
        member = (await enter(tx, shop, identity, Caller(kind="guest", id=new_id()), name)).member
    address = MemberAddress(name=name, phone=phone, region="浙江省", city="杭州市", street=street)
    await add_address(shop, member.id, address)
    await fill_stock(shop, "tea", 1)
    draft = draft_of(shop, [("tea", 1, 990)], owner=member.id, member=member.id)
    order = await place_draft(shop, draft)
    async with shop.database.transaction() as tx:
        await tx.execute("UPDATE orders_orders SET note = $2 WHERE id = $1", order.id, street)
    await pay_order(shop, order.id, order.total, "test")
    await ship_order(shop, order.id, "test", new_id())
    await complete_order(shop, order.id, "test")
    return member.id


class Forget:
    """The job that forgets, and what it leaves behind when it dies."""

    def shop(self, url, folder):
        tables = {
            "shop": {"name": "测试小店", "secret": {"env": "SHOP_SECRET"}},
            "database": {"url": url},
            "channels": {"web": {"name": "网店"}},
        }
        config = read_config(Source(folder, tables=tables, environ=SECRET))
        return make_shop(config, FakeClock(START), {"paper": Paper, "privacy": Privacy})

    async def prepare(self, shop):
        await require_tables(shop, "upgrade")
        plugin = shop.hooks.plugin("privacy")
        alice, bob = await live(shop, ALICE), await live(shop, BOB)
        archive = await ask_export(shop, plugin.desk, plugin.settings, alice, "member")
        await make_archive(shop, plugin.desk, {"request": archive.id})
        request = await ask_erasure(shop, plugin.desk, plugin.settings, alice, "member")
        left = len(await traces_of(shop.database, (bob, BOB[0], BOB[2], BOB[3])))
        return {"request": request.id, "alice": alice, "bob": bob, "left": left}

    async def act(self, shop, known):
        shop.clock.advance(timedelta(days=8))
        desk = shop.hooks.plugin("privacy").desk
        await forget(shop, desk, {"request": known["request"]})

    async def judge(self, shop, known):
        desk = shop.hooks.plugin("privacy").desk
        words = (ALICE[0], ALICE[2], ALICE[3])
        found = []
        request = await find(desk, known["request"])
        if request.state == "done" and await traces_of(shop.database, words):
            found.append("it says that it is done, and it is not")
        await self.act(shop, known)
        if (await find(desk, known["request"])).state != "done":
            found.append("told again, it is not done")
        found += [f"left: {each}" for each in await traces_of(shop.database, words)]
        bob = (known["bob"], BOB[0], BOB[2], BOB[3])
        if len(await traces_of(shop.database, bob)) != known["left"]:
            found.append("somebody else lost something")
        told = await shop.database.fetch(
            "SELECT 1 FROM events_outbox WHERE name = 'member.erased'"
        )
        if len(told) != 1:
            found.append(f"told {len(told)} times that the member was erased")
        return found


class ForgetsTooSoon(Forget):
    """The control: it says that it is done before it is."""

    async def act(self, shop, known):
        async with shop.database.transaction() as tx:
            await tx.execute(
                "UPDATE privacy_requests SET state = 'done' WHERE id = $1", known["request"]
            )
        await erase_member(shop, known["alice"])


STORIES = {"forget": Forget(), "too_soon": ForgetsTooSoon()}

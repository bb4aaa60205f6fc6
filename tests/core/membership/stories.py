"""What is killed at every point: two members become one, are parted, are swept up after."""

from pathlib import Path

from jishi.bookkeeping import Bookkeeper
from jishi.callers import Caller
from jishi.clock import FakeClock
from jishi.config import Source, read_config
from jishi.db import Database, Settings
from jishi.ledger import Credit, Debit, Group, Hold, Void, apply_one, balances, check
from jishi.membership import (
    Identity,
    MemberAddress,
    Why,
    add_address,
    enter,
    list_addresses,
    load_member,
    member_ids,
    merge_members,
    part_member,
    sweep,
)
from jishi.testing.purse import Purse, purse_of
from jishi.testing.shop import START
from jishi.web import make_shop

SECRET = {"SHOP_SECRET": "0123456789abcdef0123456789abcdef0123456789abcdef"}
STAFF = Why(actor="staff:1")
HOME = MemberAddress(
    name="李雷", phone="13800138000", region="浙江省", city="杭州市", street="文三路 1 号"
)


class Merge:
    """A member with 20 fen, an address and a token becomes the one with 100."""

    def shop(self, url, folder: Path):
        tables = {
            "shop": {"name": "测试小店", "secret": {"env": "SHOP_SECRET"}},
            "database": {"url": url},
            "channels": {"web": {"name": "网店"}},
        }
        config = read_config(Source(folder, tables=tables, environ=SECRET))
        shop = make_shop(config, FakeClock(START), {"purse": Purse})
        shop.database = Database.open(url, Settings(readers=1))
        shop.hooks.furnish(shop.database, shop.clock, Bookkeeper(shop))
        return shop

    async def prepare(self, shop):
        ids = []
        for number, amount in ((0, 100), (1, 20)):
            async with shop.database.transaction() as tx:
                phone = Identity(kind="phone", value=f"861380013800{number}")
                member = (await enter(tx, shop, phone, Caller())).member.id
            ids.append(member)
            await add_address(shop, member, HOME)
            await put(
                shop, Credit(account=purse_of(member), amount=amount, key=member, reason="t")
            )
        return await self.begin(shop, {"one": ids[0], "other": ids[1]})

    async def begin(self, shop, known):
        return known

    async def act(self, shop, known):
        await merge_members(shop, known["other"], known["one"], STAFF)

    async def judge(self, shop, known):
        found = [f"left behind: {one}" for one in await wrong(shop, known)]
        await self.act(shop, known)
        found += await wrong(shop, known)
        return found + [f"in the end: {one}" for one in await self.unlike(shop, known)]

    async def unlike(self, shop, known):
        return await differs(shop, known, ids=2, purses=(120, 0), steps=self.steps)

    steps = ("merge",)


class Part(Merge):
    """They are parted again."""

    steps = ("merge", "part")

    async def begin(self, shop, known):
        await merge_members(shop, known["other"], known["one"], STAFF)
        return known

    async def act(self, shop, known):
        await part_member(shop, known["other"], STAFF)

    async def unlike(self, shop, known):
        return await differs(shop, known, ids=1, purses=(100, 20), steps=self.steps)


class Sweep(Merge):
    """A hold of the absorbed member ends after the merge; what it held goes over."""

    steps = ("merge", "sweep")

    async def begin(self, shop, known):
        account = purse_of(known["other"])
        await put(shop, Hold(account=account, amount=15, key="h", owner="o", expires_at=None))
        await merge_members(shop, known["other"], known["one"], STAFF)
        await put(shop, Void(hold="h", key="v"))
        return known

    async def act(self, shop, known):
        await sweep(shop, known["other"])


async def put(shop, operation) -> None:
    async with shop.database.transaction() as tx:
        await apply_one(tx, Group(operations=(operation,)), shop.clock.now())


async def in_purses(shop, known) -> tuple[int, int]:
    accounts = [purse_of(known[name]) for name in ("one", "other")]
    found = await balances(shop.database, accounts)
    return found[accounts[0]].balance, found[accounts[1]].balance


async def wrong(shop, known) -> list[str]:
    """What may never be, however it was killed."""
    found = [f"ledger: {one}" for one in await check(shop.database)]
    if sum(await in_purses(shop, known)) != 120:
        found.append(f"purses {await in_purses(shop, known)}")
    ids = await member_ids(shop.database, known["one"])
    merged = known["other"] in ids
    if (len(ids) == 2) != merged:
        found.append(f"ids {ids}")
    member = await load_member(shop.database, known["one"])
    addresses = await list_addresses(shop.database, known["one"])
    if {len(member.identities), len(addresses)} != {len(ids)}:
        found.append(f"{len(ids)} ids, {member.identities}, {len(addresses)} addresses")
    rows = "SELECT kind FROM membership_merges ORDER BY id"
    steps = [str(row[0]) for row in await shop.database.fetch(rows)]
    if merged != (bool(steps) and "part" not in steps):
        found.append(f"{steps}, and merged is {merged}")
    events = "SELECT count(*) FROM events_outbox WHERE name IN ('member.merged', 'member.parted')"
    told = (await shop.database.fetch(events))[0][0]
    if told != len([step for step in steps if step != "sweep"]):
        found.append(f"{told} events of {steps}")
    return found


async def differs(shop, known, *, ids, purses, steps) -> list[str]:
    found = await in_purses(shop, known)
    rows = "SELECT kind FROM membership_merges ORDER BY id"
    is_ = (
        len(await member_ids(shop.database, known["one"])),
        found,
        tuple(sorted(str(row[0]) for row in await shop.database.fetch(rows))),
    )
    return [] if is_ == (ids, purses, steps) else [f"{is_}, not {(ids, purses, steps)}"]


class Naive(Merge):
    """The control: the accounts are moved in one transaction, the alias written in another."""

    async def act(self, shop, known):
        one, other = (purse_of(known[name]) for name in ("one", "other"))
        if (await balances(shop.database, [other]))[other].balance:
            await put(shop, Debit(account=other, amount=20, key="out", reason="m"))
            await put(shop, Credit(account=one, amount=20, key="in", reason="m"))


STORIES = {"merge": Merge(), "part": Part(), "sweep": Sweep(), "naive": Naive()}

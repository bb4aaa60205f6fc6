"""What is killed at every point: each story of the money and the goods, and a naive one.

A story is told in a fresh child each time; see `jishi.testing.crashing`.
"""

from datetime import timedelta
from pathlib import Path

import msgspec
from outside import outside_plugin

from jishi.callers import Caller
from jishi.checkout import (
    Counter,
    PlaceOrder,
    WantedLine,
    add_line,
    current_cart,
    merge_carts,
    open_cart,
    place_order,
)
from jishi.clock import FakeClock
from jishi.config import Source, read_config
from jishi.db import Database, DatabaseError, Migrations, Settings
from jishi.db import Source as Source_
from jishi.events import Runner
from jishi.fulfilment import Address
from jishi.ledger import Group, Hold, apply_one, balances, stock_account
from jishi.membership import Identity, log_in, send_login_code
from jishi.membership.problems import CodeRefused
from jishi.orders import (
    NewOrder,
    RefundLine,
    RefundWish,
    expire_order,
    find_order,
    insert_orders,
)
from jishi.payments import cancel_order, refund_order, start_payment
from jishi.payments.gateways import find_gateway
from jishi.payments.notices import hear
from jishi.testing.audit import Journal, Taken, audit, standing
from jishi.testing.orders import draft_of
from jishi.testing.people import Seller
from jishi.testing.shop import START
from jishi.testing.snapshots import TemplateSnapshot, snapshot_of
from jishi.web import handlers_of, make_shop
from jishi.web.rooms import migrations_of

SECRET = {"SHOP_SECRET": "0123456789abcdef0123456789abcdef0123456789abcdef"}
STOCK = {"tea": 5, "cup": 3}
HANGZHOU = Address(
    name="李雷", phone="13800138000", region="浙江省", city="杭州市", street="文三路 1 号"
)
PHONE = Identity(kind="phone", value="8613800138000")


class Told:
    """What all stories share: a shop with tea and cups, whose jobs are done in the end."""

    def shop(self, url: str, folder: Path):
        tables = {
            "shop": {"name": "测试小店", "secret": {"env": "SHOP_SECRET"}},
            "database": {"url": url},
            "channels": {"web": {"name": "网店"}},
        }
        config = read_config(Source(folder, tables=tables, environ=SECRET))
        plugins = {"outside": outside_plugin(folder / "outside.json")}
        shop = make_shop(config, FakeClock(START), plugins)
        shop.database = Database.open(url, Settings(readers=1))
        return shop

    async def prepare(self, shop):
        seller = Seller(shop)
        for name, pieces in STOCK.items():
            await seller.product(name, stock=pieces)
        await drained(shop)  # signs the schedules up
        return await self.begin(shop)

    async def begin(self, shop):
        return {}

    async def act(self, shop, known):
        await self.tell(shop, known)
        await drained(shop)

    async def judge(self, shop, known):
        found = [f"left behind: {one}" for one in await standing(shop)]
        before = {
            str(one) for one in await shop.database.fetch_as(str, "SELECT id FROM orders_orders")
        }
        # A minute later every lease of the dead process is over.
        shop.clock.advance(timedelta(minutes=1))
        await self.tell(shop, known)
        await drained(shop)
        after = {
            str(one) for one in await shop.database.fetch_as(str, "SELECT id FROM orders_orders")
        }
        if not before <= after or len(after) != 1:
            found.append(f"orders {sorted(before)} became {sorted(after)}")
        found += await standing(shop)
        found += await audit(shop, self.journal(known, after), taken(shop), STOCK)
        found += await witnessed(shop)
        return found + [f"in the end: {one}" for one in await self.unlike(shop, known)]

    def journal(self, known, orders):
        journal = Journal()
        journal.acknowledge("k1", known.get("order") or min(orders, default="none"))
        return journal

    async def unlike(self, shop, known):
        """What is not as the story ends."""
        return []


async def drained(shop) -> None:
    await Runner(shop, handlers_of(shop)).drain()


def books(shop):
    """The gateway, as it stands outside."""
    gateway = find_gateway(shop, "paper")
    gateway.open_books()
    return gateway


def taken(shop) -> list[Taken]:
    gateway = books(shop)
    return [
        Taken(number=one, amount=gateway.requests[one].amount, returned=gateway.given_back(one))
        for one, status in gateway.statuses.items()
        if status == "paid"
    ]


async def witnessed(shop) -> list[str]:
    """Each transition has had its effects once."""
    steps = await shop.database.fetch(
        "SELECT step, count(*) FROM orders_timeline "
        "WHERE step IN ('place', 'pay', 'cancel', 'expire', 'refund') GROUP BY step"
    )
    seen = await balances(shop.database, [f"witness:{step}" for step, _ in steps])
    return [
        f"{times} × {step}, {seen[f'witness:{step}'].balance} effects"
        for step, times in steps
        if seen[f"witness:{step}"].balance != times
    ]


def differs(**pairs) -> list[str]:
    return [
        f"{name} is {is_!r}, not {should!r}"
        for name, (is_, should) in pairs.items()
        if is_ != should
    ]


async def stock(shop, sku="tea"):
    found = (await balances(shop.database, [stock_account(sku)]))[stock_account(sku)]
    return found.balance, found.held


async def ordered(shop, known) -> str:
    """Place the order of the known cart, as the shopper's app does and repeats it."""
    counter = Counter(shop)
    await counter.start()
    try:
        wish = PlaceOrder(cart=known["cart"], address=HANGZHOU)
        caller = Caller(kind="guest", id=known["guest"])
        order, _ = await place_order(shop, counter, caller, wish, "k1")
    finally:
        await counter.stop()
    return order.id


async def filled_cart(shop, guest: str, **pieces: int) -> str:
    caller = Caller(kind="guest", id=guest)
    cart = await open_cart(shop, caller)
    for sku, quantity in pieces.items():
        wanted = WantedLine(sku=sku, quantity=quantity)
        await add_line(shop, guest, caller.channel, cart.id, wanted, None)
    return cart.id


class Place(Told):
    """A cart becomes an order, and its payment is started."""

    guest = "guest-1"

    async def begin(self, shop):
        return {"guest": self.guest, "cart": await filled_cart(shop, self.guest, tea=2, cup=1)}

    async def tell(self, shop, known):
        order = await ordered(shop, known)
        await start_payment(shop, order, "paper", "scan", {}, "guest")

    async def unlike(self, shop, known):
        attempts = books(shop).requests
        return differs(
            tea=(await stock(shop), (5, 2)),
            cup=(await stock(shop, "cup"), (3, 1)),
            payments=(len(attempts), 1),
        )


class Placed(Place):
    """Stories of an order that waits for its payment."""

    async def begin(self, shop):
        known = await super().begin(shop)
        known["order"] = await ordered(shop, known)
        attempt = await start_payment(shop, known["order"], "paper", "scan", {}, "guest")
        return known | {"number": attempt.number}


class Pay(Placed):
    """The notice of a payment comes."""

    async def begin(self, shop):
        known = await super().begin(shop)
        sheet = books(shop).pay(known["number"])
        return known | {"headers": sheet.headers, "body": sheet.body.decode()}

    async def tell(self, shop, known):
        gateway = books(shop)
        answer = await hear(shop, gateway, known["headers"], known["body"].encode())
        assert answer.status == 200, answer

    async def unlike(self, shop, known):
        order = await find_order(shop.database, known["order"])
        return differs(
            order=((order.status, order.paid), ("paid", order.total)),
            tea=(await stock(shop), (3, 0)),
        )


class PayTooLate(Pay):
    """The notice comes when somebody else has the goods: the money goes back, once."""

    async def begin(self, shop):
        known = await super().begin(shop)
        shop.clock.advance(timedelta(minutes=16))
        await expire_order(shop, known["order"])
        await Seller(shop).stock("tea", 1)
        return known

    async def act(self, shop, known):
        shop.clock.advance(timedelta(minutes=16))
        await super().act(shop, known)

    async def judge(self, shop, known):
        shop.clock.advance(timedelta(minutes=16))
        found = await super().judge(shop, known)
        return [one for one in found if not one.startswith("tea: ")]  # the shelf was counted anew

    async def unlike(self, shop, known):
        order = await find_order(shop.database, known["order"])
        back = books(shop).given_back(known["number"])
        refunds = await shop.database.fetch("SELECT status FROM payments_refunds")
        return differs(
            status=(order.status, "expired"),
            back=(back, order.total),
            refunds=(refunds, [("refunded",)]),
            tea=(await stock(shop), (1, 0)),
        )


class Cancel(Placed):
    """The shopper cancels, while a payment is open."""

    async def tell(self, shop, known):
        await cancel_order(shop, known["order"], "guest")

    async def unlike(self, shop, known):
        order = await find_order(shop.database, known["order"])
        status = books(shop).statuses[known["number"]]
        return differs(
            status=(order.status, "cancelled"),
            payment=(status, "closed"),
            tea=(await stock(shop), (5, 0)),
        )


class Paid(Pay):
    """Stories of a paid order."""

    async def begin(self, shop):
        known = await super().begin(shop)
        await Pay.tell(self, shop, known)
        order = await find_order(shop.database, known["order"])
        line = next(one for one in order.lines if one.sku == "tea")
        return known | {"line": line.id}


class Stop(Paid):
    """Staff cancel a paid order with all its money."""

    async def tell(self, shop, known):
        await cancel_order(shop, known["order"], "staff:1", "sold out")

    async def unlike(self, shop, known):
        order = await find_order(shop.database, known["order"])
        back = books(shop).given_back(known["number"])
        return differs(
            order=((order.status, order.refunded), ("cancelled", order.total)),
            back=(back, order.total),
            tea=(await stock(shop), (5, 0)),
        )

    async def judge(self, shop, known):
        return [one for one in await super().judge(shop, known) if not one.startswith("tea: ")]


class Refund(Paid):
    """One of two pieces comes back and goes on sale again."""

    async def tell(self, shop, known):
        wish = RefundWish(lines=(RefundLine(line=known["line"], quantity=1),))
        await refund_order(
            shop, known["order"], wish, restock="yes", reason="broken", key="r1", actor="staff:1"
        )

    async def judge(self, shop, known):
        # The general audit knows nothing of goods that came back; `unlike` counts them.
        return [one for one in await super().judge(shop, known) if not one.startswith("tea: ")]

    async def unlike(self, shop, known):
        order = await find_order(shop.database, known["order"])
        gateway = books(shop)
        return differs(
            refunded=(order.refunded, 1000),
            back=(gateway.given_back(known["number"]), 1000),
            refunds=(len(gateway.refunds), 1),
            tea=(await stock(shop), (4, 0)),
        )


class Expire(Placed):
    """Nobody pays: the schedule ends the order and closes its payment."""

    async def act(self, shop, known):
        shop.clock.advance(timedelta(minutes=16))
        await super().act(shop, known)

    async def tell(self, shop, known):
        await drained(shop)

    async def judge(self, shop, known):
        shop.clock.advance(timedelta(minutes=16))
        return await super().judge(shop, known)

    async def unlike(self, shop, known):
        order = await find_order(shop.database, known["order"])
        status = books(shop).statuses[known["number"]]
        return differs(
            status=(order.status, "expired"),
            payment=(status, "closed"),
            tea=(await stock(shop), (5, 0)),
        )


class Merge(Told):
    """A guest with a cart logs in for the first time; a member's older cart waits there."""

    async def begin(self, shop):
        old = await self.enter(shop, "guest-0", await filled_cart(shop, "guest-0", cup=2))
        shop.clock.advance(timedelta(minutes=2))
        cart = await filled_cart(shop, "guest-1", tea=2, cup=1)
        return {"member": old, "cart": cart, "code": await code_for(shop)}

    async def enter(self, shop, guest, cart):
        return await logged_in(shop, guest, await code_for(shop))

    async def act(self, shop, known):
        shop.clock.advance(timedelta(minutes=2))
        await super().act(shop, known)

    async def tell(self, shop, known):
        await logged_in(shop, "guest-1", known["code"])

    async def judge(self, shop, known):
        shop.clock.advance(timedelta(minutes=2))
        found = await standing(shop)
        found += await self.carts(shop, known, "left behind")
        try:
            await self.tell(shop, known)
        except CodeRefused:  # it was used up with the login that the kill cut off
            shop.clock.advance(timedelta(minutes=2))
            await logged_in(shop, "guest-1", await code_for(shop))
        return found + await self.carts(shop, known, "in the end")

    async def carts(self, shop, known, when):
        """Either the guest's cart is as it was, or the member has it all; never half."""
        guest = await contents(shop, "guest-1")
        member = await contents(shop, known["member"])
        apart = ({"tea": 2, "cup": 1}, {"cup": 2})
        together = (None, {"tea": 2, "cup": 2})
        allowed = [together] if when == "in the end" else [apart, together]
        members = await shop.database.fetch("SELECT count(*) FROM membership_members")
        wrong = [] if (guest, member) in allowed else [f"{when}: {guest} and {member}"]
        return wrong + differs(members=(members, [(1,)]))


async def contents(shop, owner):
    cart = await current_cart(shop, Caller(kind="guest", id=owner))
    return {line.sku: line.quantity for line in cart.lines} if cart else None


async def code_for(shop) -> str:
    await send_login_code(shop, PHONE, "")
    return shop.hooks.plugin("outside").letters.codes[-1]


async def logged_in(shop, guest: str, code: str) -> str:
    caller = Caller(kind="guest", id=guest)
    done = await log_in(shop, PHONE, code, caller, adopters=(merge_carts,))
    return done.member.id


class NaivePlace(Place):
    """The positive control: the goods are held, then the order is written, each by itself."""

    async def begin(self, shop):
        draft = draft_of(shop, [("tea", 2, 2000)])
        return {"draft": msgspec.json.encode(draft).decode(), "guest": "guest-1"}

    async def tell(self, shop, known):
        draft = msgspec.json.decode(known["draft"], type=type(draft_of(shop, [("tea", 2, 2000)])))
        hold = Hold(
            account=stock_account("tea"), amount=2, key=f"order:{draft.id}:tea", owner=draft.id,
            expires_at=draft.expires_at,
        )  # fmt: skip
        async with shop.database.transaction() as tx:
            await apply_one(tx, Group(operations=(hold,)), shop.clock.now())
        if await shop.database.fetch("SELECT 1 FROM orders_orders"):
            return
        new = NewOrder(draft=draft, key="k1", digest="", effects=())
        async with shop.database.transaction() as tx:
            await insert_orders(tx, shop, [new])

    async def unlike(self, shop, known):
        return differs(tea=(await stock(shop), (5, 2)))


class Migrate(Told):
    """A golden database is upgraded to this code and to a plugin that came later."""

    def snapshot(self, url: str):
        return snapshot_of(url) if url.startswith("sqlite:") else TemplateSnapshot(url)

    async def prepare(self, shop):
        return {"rows": await counted(shop), "applied": await applied(shop)}

    async def act(self, shop, known):
        await Migrations(shop.database, later_sources(shop)).upgrade()

    async def judge(self, shop, known):
        found = await half_migrations(shop)
        await self.act(shop, known)
        found += await half_migrations(shop)
        now = await counted(shop)
        found += differs(rows=({table: now[table] for table in known["rows"]}, known["rows"]))
        pending = await Migrations(shop.database, later_sources(shop)).pending()
        notes = await shop.database.fetch(
            "SELECT count(*), min(stars), max(stars) FROM later_notes"
        )
        sums = await shop.database.fetch("SELECT count(*) FROM later_sums")
        orders = now["orders_orders"][0]
        return found + differs(
            pending=(pending, []), notes=(notes, [(orders, 5, 5)]), sums=(sums, [(1,)])
        )


def later_sources(shop, package: str = "upgrades.survival_later"):
    ours = migrations_of(shop)
    return [*ours, Source_(name="later", package=package, after=tuple(one.name for one in ours))]


async def applied(shop):
    rows = await shop.database.fetch("SELECT source, module FROM jishi_migrations")
    return sorted(f"{source} {module}" for source, module in rows)


MONEY = {
    "orders_orders": "total + paid * 3 + refunded * 7",
    "orders_lines": "quantity + total * 3",
    "ledger_accounts": "balance + held * 3",
    "ledger_entries": "amount",
    "payments_attempts": "amount + captured * 3 + refunded * 7",
    "payments_refunds": "amount",
    "checkout_lines": "quantity",
    "membership_members": "1",
    "events_outbox": "1",
}


async def counted(shop):
    """Rows and a sum of every table that has to do with money, goods and people."""
    found = {}
    for table, amount in MONEY.items():
        text = f"SELECT count(*), CAST(COALESCE(sum({amount}), 0) AS BIGINT) FROM {table}"
        (row,) = await shop.database.fetch(text)
        found[table] = list(row)
    return found


async def half_migrations(shop):
    """A migration is recorded exactly when its tables are there."""
    done = await applied(shop)
    found = [] if len(done) == len(set(done)) else [f"recorded twice: {done}"]
    for module, probe in (
        ("later m0001_notes", "SELECT count(total) FROM later_notes"),
        ("later m0002_stars", "SELECT count(stars) FROM later_notes"),
        ("later m0002_stars", "SELECT count(total) FROM later_sums"),
    ):
        try:
            await shop.database.fetch(probe)
            there = True
        except DatabaseError:
            there = False
        if there != (module in done):
            found.append(
                f"{module} is {'' if module in done else 'not '}recorded; {probe}: {there}"
            )
    return found


STORIES = {
    "migrate": Migrate(),
    "place": Place(),
    "pay": Pay(),
    "pay_too_late": PayTooLate(),
    "cancel": Cancel(),
    "stop": Stop(),
    "refund": Refund(),
    "expire": Expire(),
    "merge": Merge(),
    "naive_place": NaivePlace(),
}

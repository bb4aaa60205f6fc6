"""A small shop with one of everything in it, and everybody who could ask for it.

- `town`: the same shop with its tokens and ids, in this process, on both engines
- `served`: the same in a process of its own, `jishi serve` on SQLite, for the fuzzer
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import msgspec
import pytest

from jishi.callers import Caller
from jishi.catalogue import CategoryInput, create_category
from jishi.checkout import WantedLine, add_line, open_cart
from jishi.codes import NewCode, give_code
from jishi.compliance import Subject, review
from jishi.config import load_config
from jishi.db import Transaction
from jishi.demo.processes import free_port
from jishi.events import Job, Runner, enqueue
from jishi.identifiers import new_id
from jishi.membership import (
    Identity,
    MemberAddress,
    Said,
    add_address,
    enter,
    join_by,
    list_identities,
    list_pairs,
    list_tokens,
    new_guest,
)
from jishi.orders import RefundWish
from jishi.payments import refund_order, settle, start_payment
from jishi.shop import Shop
from jishi.staff import NewPerson, add_person, create_owner, log_in_staff, set_role
from jishi.testing.orders import draft_of, place_draft
from jishi.testing.people import ADDRESS, Seller
from jishi.testing.shop import Paper
from jishi.web import handlers_of, open_shop, require_tables

SECRET = "0123456789abcdef0123456789abcdef0123456789abcdef"
PASSWORD = "long and winding road 7"
KEEPER = Caller(kind="staff", id="command-line", scopes=frozenset({"*"}))
GOODS = "tea"

_PATHS = [each for each in [os.environ.get("PYTHONPATH")] if each]

_TOML = """
[shop]
name = "测试小店"
secret = {{ env = "SHOP_SECRET" }}
base_url = "http://127.0.0.1:{port}"
[database]
url = "sqlite:///shop.db"
[server]
port = {port}
[web]
logins_per_minute = 1000000
[channels.web]
name = "网店"
[plugins]
enabled = ["paper", "printed_codes"]
"""
_DIE = """
UPDATE events_jobs SET state = 'dead', error = 'x', ended_at = created_at WHERE key = 'dead'
"""
_METADATA = "Metadata-Version: 2.1\nName: paper\nVersion: 1.0\n"
_PAPER = """
from jishi.plugins import Declaration
from jishi.testing.shop import Paper

class Own(Paper):
    declaration = Declaration(name="paper", version="1.0.0", scopes=("payments:provider",))
"""
_ENTRY = "[jishi.plugins]\npaper = paper:Own\n"


class Town(msgspec.Struct, frozen=True):
    """Everybody and everything.

    Attributes:
        tokens: Bearer tokens by the person's name; `anonymous` has none.
        things: By the person's name, then the name of a route's parameter: ids.
    """

    tokens: dict[str, str]
    things: dict[str, dict[str, str]]

    def headers(self, who: str) -> dict[str, str]:
        """What this person sends along."""
        return {"authorization": f"Bearer {self.tokens[who]}"} if who in self.tokens else {}


async def furnish(shop: Shop) -> Town:
    """Put one of everything into an empty shop."""
    product = await Seller(shop).product(GOODS, price=1990, stock=1000)
    tokens: dict[str, str] = {}
    things: dict[str, dict[str, str]] = {}
    for name in ("guest_a", "guest_b", "member_a", "member_b"):
        caller, token = await _shopper(shop, name)
        tokens[name] = token
        things[name] = await _belongings(shop, caller)
    tokens |= await _staff(shop)
    things["shop"] = await _shared(shop, product.id) | await _codes(shop)
    return Town(tokens, things)


async def _codes(shop: Shop) -> dict[str, str]:
    """A code of the goods, and another one that two SKUs want."""
    await Seller(shop).product("another")
    for sku, code in ((GOODS, "the-code"), (GOODS, "x"), ("another", "x")):
        given = await give_code(shop, NewCode(sku=sku, code=code, kind="alias"), "test")
    return {"conflict": given.conflict or ""}


async def _shopper(shop: Shop, name: str) -> tuple[Caller, str]:
    if name.startswith("guest"):
        guest = new_guest(shop)
        return Caller(kind="guest", id=guest.id), guest.token
    phone = "+8613800000001" if name == "member_a" else "+8613800000002"

    async def join(tx: Transaction):
        return await enter(tx, shop, Identity(kind="phone", value=phone), Caller())

    await shop.database.atomically(join)  # elsewhere; that token is his to end
    entered = await shop.database.atomically(join)
    return Caller(kind="member", id=entered.member.id), entered.token


async def _belongings(shop: Shop, caller: Caller) -> dict[str, str]:
    """A cart with a line, a placed order with a payment; a member's address, token, identity."""
    cart = await open_cart(shop, caller)
    cart = await add_line(
        shop, caller.owner, "web", cart.id, WantedLine(sku=GOODS, quantity=1), None
    )
    draft = draft_of(shop, [(GOODS, 1, 1990)], owner=caller.owner)
    order = await place_draft(shop, draft)
    attempt = await start_payment(shop, order.id, "paper", "scan", {}, caller.kind)
    own = {
        "cart_id": cart.id,
        "line_id": cart.lines[0].id,
        "order_id": order.id,
        "attempt_id": attempt.id,
    }
    if caller.kind == "guest":
        return own
    address = await add_address(shop, caller.owner, MemberAddress(**ADDRESS))
    (identity,) = await list_identities(shop, caller.owner)
    token, _ = await list_tokens(shop, caller.owner)
    return own | {
        "address_id": address.id,
        "identity_id": identity.id,
        "token_id": token.id,
        "member_id": caller.owner,
    }


async def _staff(shop: Shop) -> dict[str, str]:
    """The owner, somebody who may read orders, and somebody whose role allows nothing."""
    await create_owner(shop, "owner@example.com", PASSWORD)
    await set_role(shop, KEEPER, "clerk", ["orders:read"])
    await set_role(shop, KEEPER, "nobody", [])
    tokens = {}
    for name, role in (("owner", None), ("clerk", "clerk"), ("nobody", "nobody")):
        email = f"{name}@example.com"
        if role:
            await add_person(shop, KEEPER, NewPerson(email=email, password=PASSWORD, role=role))
        tokens[name] = (await log_in_staff(shop, email, PASSWORD, Caller())).token
    return tokens


async def _shared(shop: Shop, product: str) -> dict[str, str]:
    """What only staff reach."""
    category = await create_category(shop, CategoryInput(handle="teas", title="茶"))
    helper = NewPerson(email="helper@example.com", password=PASSWORD, role="packer")
    person = await add_person(shop, KEEPER, helper)
    subject = Subject(kind="text", id="about", title="Über uns", texts={"body": "全国第一"})
    order, refund = await _refunded(shop)
    return {
        "product_id": product,
        "handle": GOODS,
        "step": "withdraw",
        "category_id": category.id,
        "person_id": person.id,
        "review_id": (await review(shop, subject)).id,
        "order_id": order,
        "refund_id": refund,
        "pair_id": await _pair(shop),
        "account": f"stock:{GOODS}:main",
        "job": await _dead_job(shop),
        "name": "clerk",
        "plugin": "courier",
        "gateway": "paper",
    }


async def _pair(shop: Shop) -> str:
    """Two members who may be one, for people to decide."""
    phone = Identity(kind="phone", value="8613800000077")
    for name in ("李晓雷", "李晓雪"):
        said = Said(claimed=(phone,), name=name, address="文三路1号3-502")
        await join_by(shop, None, said, "mall")
    return (await list_pairs(shop, "open")).items[0].id


async def _refunded(shop: Shop) -> tuple[str, str]:
    """A paid order with a refund of one of its fen."""
    order = await place_draft(shop, draft_of(shop, [(GOODS, 2, 3980)], owner="guest-old"))
    attempt = await start_payment(shop, order.id, "paper", "scan", {}, "guest")
    gateway = shop.hooks.plugin("paper").gateway
    gateway.pay(attempt.number)
    await settle(shop, gateway.report(attempt.number), gateway="paper")
    done = await refund_order(
        shop,
        order.id,
        RefundWish(amount=1),
        restock="no",
        reason="",
        key=new_id(),
        actor="test",
    )
    return order.id, done.refunds[0].id


async def _dead_job(shop: Shop) -> str:
    async def die(tx: Transaction) -> str:
        await enqueue(tx, shop, [Job(kind="nobody.does", payload={}, key="dead")])
        await tx.execute(_DIE)
        return await tx.one_as(str, "SELECT id FROM events_jobs WHERE key = 'dead'")

    return await shop.database.atomically(die)


@pytest.fixture
async def town(shop: Shop) -> Town:
    """Give everybody and everything in the shop of this process."""
    town = await furnish(shop)
    await Runner(shop, handlers_of(shop)).drain()  # what is under way is done before anybody looks
    return town


class Keeper:
    """Says what roles may do.

    Args:
        shop: The shop.
    """

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    async def give(self, role: str, scopes: list[str]) -> None:
        """Let a role do this and nothing else."""
        await set_role(self.shop, KEEPER, role, scopes)


@pytest.fixture
def keeper(shop: Shop) -> Keeper:
    """Give somebody who changes roles."""
    return Keeper(shop)


class Served:
    """`jishi serve` on a furnished build, in a process group of its own.

    Args:
        folder: An empty folder for the build.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port(0)
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "SHOP_SECRET": SECRET,
            "JISHI_CONFIG": str(folder / "jishi.toml"),
            "PYTHONPATH": os.pathsep.join([str(folder / "site"), *_PATHS]),
        }
        self._write()
        self.town = asyncio.run(self._furnish())
        self.log = folder / "shop.log"
        self.process = self._start()

    def _write(self) -> None:
        (self.folder / "jishi.toml").write_text(_TOML.format(port=self.port), "utf-8")
        about = self.folder / "site" / "paper-1.0.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text(_METADATA)
        (about / "entry_points.txt").write_text(_ENTRY)
        (self.folder / "site" / "paper.py").write_text(_PAPER)

    async def _furnish(self) -> Town:
        config = load_config(self.folder / "jishi.toml", self.environment)
        off = msgspec.structs.replace(config.plugins, enabled=())
        config = msgspec.structs.replace(config, plugins=off)
        shop = await open_shop(config, also={"paper": Paper})
        try:
            await require_tables(shop, "upgrade")
            return await furnish(shop)
        finally:
            await shop.database.stop()

    def _start(self) -> subprocess.Popen[bytes]:
        with self.log.open("wb") as out:
            return subprocess.Popen(
                [sys.executable, "-m", "jishi.cli", "serve"],
                cwd=self.folder,
                env=self.environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def ready(self) -> None:
        """Wait until it serves."""
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            with suppress(httpx.HTTPError):
                if httpx.get(f"{self.address}/health/ready", timeout=5).is_success:
                    return
            time.sleep(0.05)
        raise TimeoutError(f"the shop does not serve:\n{self.log.read_text('utf-8', 'replace')}")

    def stop(self) -> None:
        """End it and everything that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """Give a furnished shop that serves."""
    folder = tmp_path / "build"
    folder.mkdir()
    running = Served(folder)
    try:
        running.ready()
        yield running
    finally:
        running.stop()

"""Stock as staff count it: every change is an entry in the ledger, done once per key."""

import hashlib
from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec

from jishi.catalogue.change_products import Note
from jishi.catalogue.memory import touch
from jishi.catalogue.problems import NotEnoughStock, SkuNotFound
from jishi.catalogue.structs import Code
from jishi.catalogue.tables import StockChange
from jishi.db import Database, Transaction
from jishi.events import Happened, emit
from jishi.idempotency import KeyReused
from jishi.ledger import (
    Balance,
    Credit,
    Debit,
    Group,
    Open,
    Refused,
    apply_one,
    balances,
    stock_account,
)
from jishi.problems import Invalid
from jishi.shop import Shop

Pieces = Annotated[int, msgspec.Meta(ge=0, le=10**9)]

_OWNER = "SELECT product FROM catalogue_skus WHERE code = $1"
_DONE = "SELECT digest, answer FROM catalogue_stock_changes WHERE key = $1"


class StockOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall happen to a stock.

    Attributes:
        sku: The SKU's code.
        kind: ``count`` sets what lies on the shelf, held pieces included; ``adjust`` adds to it.
        quantity: Pieces; below zero only to adjust.
        reason: Why, for the ledger.
        location: Where it is counted.
    """

    sku: Code
    kind: Literal["count", "adjust"]
    quantity: Annotated[int, msgspec.Meta(ge=-(10**9), le=10**9)]
    reason: Annotated[str, msgspec.Meta(pattern=r"\S", max_length=200)]
    location: Annotated[str, msgspec.Meta(pattern=r"^[\w\-]{1,60}$")] = "main"


class Stock(msgspec.Struct, frozen=True, kw_only=True):
    """How many pieces there are.

    Attributes:
        sku: The SKU's code.
        location: Where.
        on_hand: On the shelf, held ones included.
        held: For orders that are not paid yet.
        available: What can still be ordered.
    """

    sku: str
    location: str
    on_hand: int
    held: int
    available: int


class Stocked(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a stock order.

    Attributes:
        stock: How many pieces there are now.
        replayed: ``yes`` when it had been done before and nothing was done now.
    """

    stock: Stock
    replayed: Literal["yes", "no"] = "no"


async def change_stock(
    shop: Shop, order: StockOrder, key: str, actor: str, note: Note | None = None
) -> Stocked:
    """Count or adjust a stock, once per key.

    Args:
        shop: The shop.
        order: What shall happen.
        key: The caller's own; a repeat is answered and not done again.
        actor: Who did it, for the ledger.
        note: Writes it down in the same transaction.

    Raises:
        SkuNotFound: There is no such SKU.
        NotEnoughStock: It would go below zero or below what customers hold.
        KeyReused: The key belongs to another order.
    """
    if order.kind == "count" and order.quantity < 0:
        raise Invalid("A count is not below zero.", field="quantity")
    product = await shop.database.one_as(str, _OWNER, order.sku)
    if product is None:
        raise SkuNotFound(f"There is no SKU {order.sku!r}.", field="sku")
    async with shop.database.transaction() as tx:
        done = await _claim(tx, shop, order, key)
        if done is not None:
            return Stocked(stock=done, replayed="yes")
        stock = await _apply(tx, shop, order, key, actor)
        await tx.execute(
            "UPDATE catalogue_stock_changes SET answer = $1 WHERE key = $2",
            msgspec.json.encode(stock).decode(),
            key,
        )
        if note is not None:
            await note(tx, order.sku)
        moved = Happened(name="stock.changed", subject=product, data={}, key=f"stock:{key}")
        await emit(tx, shop, [moved])
        tx.after_commit(lambda: touch(shop.database, [product]))
    return Stocked(stock=stock)


async def stocks(
    reader: Database | Transaction, skus: Sequence[str], location: str = "main"
) -> list[Stock]:
    """How many pieces of SKUs there are, in their order."""
    found = await balances(reader, [stock_account(sku, location) for sku in skus])
    return [_stock(sku, location, found[stock_account(sku, location)]) for sku in skus]


async def _claim(tx: Transaction, shop: Shop, order: StockOrder, key: str) -> Stock | None:
    """Take the key, or give the answer it was used for."""
    digest = hashlib.sha256(msgspec.json.encode(order)).hexdigest()
    columns = ("key", "digest", "answer", "entered_at")
    row = (key, digest, "", shop.clock.now())
    if await tx.insert(StockChange, columns, [row], on_conflict="ignore"):
        return None
    (found,) = await tx.fetch(_DONE, key)
    if found[0] != digest:
        raise KeyReused(key)
    return msgspec.json.decode(str(found[1]), type=Stock)


async def _apply(tx: Transaction, shop: Shop, order: StockOrder, key: str, actor: str) -> Stock:
    account = stock_account(order.sku, order.location)
    # Opening locks: nobody moves the balance between its reading and the entry.
    await apply_one(tx, Group(operations=(Open(account=account),)), shop.clock.now())
    before = (await balances(tx, [account]))[account]
    change = order.quantity - (before.balance if order.kind == "count" else 0)
    if change:
        group = stock_group(account, change, f"stock:{key}", f"{order.reason} ({actor})")
        try:
            await apply_one(tx, group, shop.clock.now())
        except Refused as error:
            raise NotEnoughStock(
                f"There are {before.balance} pieces of {order.sku}, {before.held} of them held; "
                f"{change:+d} is not possible.",
                field="quantity",
                on_hand=before.balance,
                held=before.held,
            ) from error
    after = (await balances(tx, [account]))[account]
    return _stock(order.sku, order.location, after)


def stock_group(account: str, change: int, key: str, reason: str) -> Group:
    """The ledger's operation that adds to a stock or takes from it."""
    operation = (
        Credit(account=account, amount=change, key=key, reason=reason)
        if change > 0
        else Debit(account=account, amount=-change, key=key, reason=reason)
    )
    return Group(operations=(operation,), reference=key)


def _stock(sku: str, location: str, balance: Balance) -> Stock:
    return Stock(
        sku=sku,
        location=location,
        on_hand=balance.balance,
        held=balance.held,
        available=max(0, balance.available),
    )

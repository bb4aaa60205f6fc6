"""Sales: written down, scheduled, stopped; who did it, and when."""

from datetime import datetime
from typing import Literal

import msgspec

from jishi.db import Value
from jishi.effects import Credit, Debit, DeskEffect, Open
from jishi.identifiers import new_id
from jishi.plugins import Desk, NotEnough, Writing
from jishi.problems import Clash, Invalid, NotFound
from jishi_flash_sale import accounts, sql
from jishi_flash_sale.settings import FlashSaleSettings
from jishi_flash_sale.structs import ItemPlan, Plan, Sale
from jishi_flash_sale.tables import SaleTable

_items = msgspec.json.Decoder(tuple[ItemPlan, ...])


class SaleFixed(Clash):
    """A sale that is scheduled is not changed any more."""

    code = "sale_fixed"
    title = "The sale is scheduled"


class NoSuchSale(NotFound):
    """There is no such sale."""

    code = "sale_not_found"
    title = "There is no such sale"


class _Row(msgspec.Struct, frozen=True):
    id: str
    title: str
    state: Literal["draft", "scheduled", "stopped", "over"]
    starts_at: datetime
    ends_at: datetime
    items: str
    queue: Literal["no", "yes"]
    per_second: int
    at_once: int
    location: str
    created_by: str
    scheduled_by: str
    scheduled_at: datetime | None
    stopped_by: str
    stopped_at: datetime | None
    stopped_because: str


def sale_of(row: _Row) -> Sale:
    """A sale from its row."""
    return Sale(**{**msgspec.structs.asdict(row), "items": _items.decode(row.items)})


async def find_sale(desk: Desk, sale: str) -> Sale:
    """A sale by its id.

    Raises:
        NoSuchSale: There is none.
    """
    row = await desk.one_as(_Row, sql.SALE, sale)
    if row is None:
        raise NoSuchSale(f"There is no sale {sale[:64]!r}.")
    return sale_of(row)


async def sales(desk: Desk, statement: str, *args: Value) -> list[Sale]:
    """The sales that a statement finds."""
    return [sale_of(row) for row in await desk.fetch_as(_Row, statement, *args)]


async def write_down(desk: Desk, plan: Plan, settings: FlashSaleSettings, who: str) -> Sale:
    """Keep a new sale as a draft.

    Raises:
        Invalid: It ends before it begins, or names a SKU twice.
    """
    check(plan)
    columns = ("id", "state", "created_by", "title", *_PLANNED)
    row = (new_id(), "draft", who, plan.title, *_planned(plan, settings))
    names = (*columns, "next_turn_at", *_EMPTY)

    async def work(w: Writing) -> None:
        await w.insert(SaleTable, names, [(*row, plan.starts_at, *_EMPTY.values())])

    await desk.atomically(work)
    return await find_sale(desk, str(row[0]))


async def write_anew(desk: Desk, sale: str, plan: Plan, settings: FlashSaleSettings) -> Sale:
    """Change a draft.

    Raises:
        SaleFixed: It is scheduled, or over.
    """
    check(plan)
    values = (plan.title, *_planned(plan, settings))
    found = await find_sale(desk, sale)

    async def work(w: Writing) -> int:
        return await w.execute(sql.REPLACE, sale, *values)

    if not await desk.atomically(work):
        raise SaleFixed(
            f"The sale is {found.state}; only a draft can be changed.",
            next_step="Stop it and write another one down.",
        )
    return await find_sale(desk, sale)


async def schedule(desk: Desk, sale: str, who: str) -> Sale:
    """Take the quota from the shelf; from its start on the sale sells.

    Raises:
        SaleFixed: It is scheduled already, or over.
        NotEnough: The shelf has less than the quota; nothing was taken.
    """
    found, now = await find_sale(desk, sale), desk.now()
    if found.state == "draft" and found.ends_at <= now:
        raise Invalid("It would be over already.", field="ends_at")

    async def work(w: Writing) -> None:
        if not await w.execute(sql.SCHEDULED, sale, who, now):
            raise SaleFixed(f"The sale is {found.state}.")
        await w.apply(_taking(found), owner=sale)

    await desk.atomically(work)
    return await find_sale(desk, sale)


async def end(
    desk: Desk, sale: str, state: Literal["stopped", "over"], who: str, because: str = ""
) -> Sale:
    """End a sale and put what is left of its quota back on the shelf, once.

    Orders that were placed before keep their price.

    Raises:
        SaleFixed: It was never scheduled.
    """
    found, now = await find_sale(desk, sale), desk.now()
    if found.state == "draft":
        raise SaleFixed("The sale was never scheduled.", next_step="There is nothing to stop.")
    if found.state != "scheduled":
        return found
    for _ in range(_TRIES):
        try:
            await desk.atomically(lambda w: _end(w, found, state, who, now, because))
        except NotEnough:
            continue  # an order took a piece between our look and our touch
        return await find_sale(desk, sale)
    raise Clash("Shoppers keep buying.", next_step="Try again.")


async def _end(w: Writing, sale: Sale, state: str, who: str, now: datetime, because: str) -> None:
    if await w.execute(sql.ENDED, sale.id, state, who, now, because):
        await w.apply(await giving_back(w, sale, "end"), owner=sale.id)


async def giving_back(w: Writing, sale: Sale, key: str) -> list[DeskEffect]:
    """What puts the rest of a quota back on the shelf.

    Args:
        w: An open transaction.
        sale: The sale.
        key: Names this giving back.
    """
    named = {item.sku: accounts.quota(sale.id, item.sku) for item in sale.items}
    stands = await w.balances(named.values())
    effects: list[DeskEffect] = []
    for sku, account in named.items():
        if left := stands[account].available:
            effects += _move(account, accounts.shelf(sale, sku), left, f"{sale.id}:{sku}:{key}")
    return effects


def _taking(sale: Sale) -> list[DeskEffect]:
    effects: list[DeskEffect] = []
    for item in sale.items:
        account, key = accounts.quota(sale.id, item.sku), f"{sale.id}:{item.sku}"
        effects.append(Open(account=account, unit="piece", key=f"{key}:open"))
        effects += _move(accounts.shelf(sale, item.sku), account, item.quota, f"{key}:take")
    return effects


def _move(source: str, target: str, pieces: int, key: str) -> list[DeskEffect]:
    """Pieces from one account to another."""
    reason = f"flash sale: {source} to {target}"
    return [
        Debit(account=source, amount=pieces, key=f"{key}:out", reason=reason),
        Credit(account=target, amount=pieces, key=f"{key}:in", reason=reason),
    ]


def check(plan: Plan) -> None:
    """Refuse a plan that cannot be kept.

    Raises:
        Invalid: It ends before it begins, has no zone, or names a SKU twice.
    """
    if plan.starts_at.tzinfo is None or plan.ends_at.tzinfo is None:
        raise Invalid("Times need a zone, such as 2026-11-11T00:00:00+08:00.", field="starts_at")
    if plan.ends_at <= plan.starts_at:
        raise Invalid("It ends before it begins.", field="ends_at")
    if len({item.sku for item in plan.items}) < len(plan.items):
        raise Invalid("A SKU is named twice.", field="items")


_TRIES = 50
_PLANNED = ("starts_at", "ends_at", "items", "queue", "per_second", "at_once", "location")
_EMPTY: dict[str, Value] = {
    "turns": 0,
    "scheduled_by": "",
    "scheduled_at": None,
    "stopped_by": "",
    "stopped_at": None,
    "stopped_because": "",
}


def _planned(plan: Plan, settings: FlashSaleSettings) -> tuple[Value, ...]:
    items = msgspec.json.encode(plan.items).decode()
    per_second = plan.per_second or settings.per_second
    at_once = plan.at_once or settings.at_once
    times = (plan.starts_at, plan.ends_at)
    return (*times, items, plan.queue, per_second, at_once, plan.location)

"""What shoppers and the merchant see of a sale."""

from datetime import datetime
from typing import Literal

from jishi.plugins import Desk
from jishi_flash_sale import accounts, sql
from jishi_flash_sale.memory import Memory
from jishi_flash_sale.sales import find_sale
from jishi_flash_sale.structs import ItemReport, ItemShown, Report, Sale, SaleShown


async def shown(memory: Memory, sale: Sale, now: datetime) -> SaleShown:
    """A sale as shoppers see it."""
    items = []
    for item in sale.items:
        left = max(0, await memory.left(sale.id, item.sku)) if sale.state == "scheduled" else 0
        items.append(
            ItemShown(
                sku=item.sku,
                price=item.price,
                left=left,
                sold_percent=100 - left * 100 // item.quota,
                per_member=item.per_member,
            )
        )
    return SaleShown(
        id=sale.id,
        title=sale.title,
        state=_state(sale, now, sum(item.left for item in items)),
        now=now,
        starts_at=sale.starts_at,
        ends_at=sale.ends_at,
        seconds_to_start=_seconds(now, sale.starts_at),
        seconds_to_end=_seconds(now, sale.ends_at),
        queue=sale.queue,
        items=tuple(items),
    )


def _state(sale: Sale, now: datetime, left: int) -> Literal["coming", "on", "sold_out", "over"]:
    if sale.state != "scheduled" or now >= sale.ends_at:
        return "over"
    if now < sale.starts_at:
        return "coming"
    return "on" if left else "sold_out"


def _seconds(now: datetime, then: datetime) -> int:
    return max(0, -int((now - then).total_seconds() // 1))


async def report(desk: Desk, sale_id: str) -> Report:
    """How a sale goes, counted from its orders and from the ledger.

    Raises:
        NoSuchSale: There is none.
    """
    sale = await find_sale(desk, sale_id)
    ordered = {str(row[0]): row for row in await desk.fetch(sql.ORDERED, sale.id)}
    shelved = {str(row[0]): _int(row[1]) for row in await desk.fetch(sql.SHELVED, sale.id)}
    named = {item.sku: accounts.quota(sale.id, item.sku) for item in sale.items}
    stands = await desk.balances(named.values())
    keys = [f"desk:flash_sale:{sale.id}:{sku}:end:out" for sku in named]
    back = {str(row[0]): _int(row[1]) for row in await desk.fetch(sql.GIVEN_BACK, keys)}
    items = tuple(
        ItemReport(
            sku=item.sku,
            quota=item.quota,
            left=stands[named[item.sku]].balance,
            ordered=_int(ordered[item.sku][1]) if item.sku in ordered else 0,
            given_back=back.get(named[item.sku], 0) + shelved.get(item.sku, 0),
            revenue=_int(ordered[item.sku][2]) if item.sku in ordered else 0,
        )
        for item in sale.items
    )
    ((turns,),) = await desk.fetch(sql.TURNS, sale.id)
    return Report(sale=sale, items=items, turns=_int(turns))


def _int(value: object) -> int:
    return int(str(value))

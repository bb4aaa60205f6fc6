"""Orders at any stage, for tests that are not about how they come to be."""

from collections.abc import Sequence
from datetime import timedelta

from jishi.fulfilment.structs import Address, DeliveryOption
from jishi.identifiers import new_id, new_order_number
from jishi.ledger import Credit, Group, Hold, Open, Operation, apply_one, stock_account
from jishi.orders import (
    NewOrder,
    Order,
    OrderDraft,
    as_placed,
    ask_effects,
    claims_of,
    insert_orders,
)
from jishi.pricing import Quote, QuoteLine
from jishi.shop import Shop

ADDRESS = Address(
    name="李雷", phone="13800000000", region="浙江省", city="杭州市", street="文一路 1 号"
)


async def fill_stock(shop: Shop, sku: str, pieces: int) -> None:
    """Put pieces of a SKU on sale."""
    credit = Credit(
        account=stock_account(sku), amount=pieces, key=f"fill:{new_id()}", reason="test"
    )
    async with shop.database.transaction() as tx:
        await apply_one(tx, Group(operations=(credit,)), shop.clock.now())


def draft_of(
    shop: Shop,
    lines: Sequence[tuple[str, int, int]],
    *,
    delivery: int = 0,
    owner: str = "guest-1",
    member: str | None = None,
    minutes: int = 15,
) -> OrderDraft:
    """A priced draft.

    Args:
        shop: The shop.
        lines: SKU, pieces, and what the line costs in all, in fen.
        delivery: What the delivery costs, in fen.
        owner: Whose order.
        member: The member's id.
        minutes: How long the goods are held.
    """
    now = shop.clock.now()
    priced = tuple(
        QuoteLine(
            key=sku,
            sku=sku,
            product=f"product-{sku}",
            title=sku,
            quantity=quantity,
            unit_price=total // quantity,
            subtotal=total,
            total=total,
        )
        for sku, quantity, total in lines
    )
    goods = sum(line.total for line in priced)
    return OrderDraft(
        id=new_id(),
        number=new_order_number(),
        owner=owner,
        member=member,
        channel="web",
        store=None,
        quote=Quote(
            currency="CNY",
            lines=priced,
            subtotal=goods,
            delivery=delivery,
            total=goods + delivery,
            tax_included=0,
            adjustments=(),
        ),
        delivery=DeliveryOption(code="courier", kind="courier", title="快递", fee=delivery),
        address=ADDRESS,
        contact="13800000000",
        note="",
        placed_at=now,
        expires_at=now + timedelta(minutes=minutes),
    )


async def place_draft(shop: Shop, draft: OrderDraft) -> Order:
    """Place a draft as the counter does: goods held, plugins asked, everything at once.

    Raises:
        Refused: There is not enough.
    """
    asked = ask_effects(shop, as_placed(draft), "place")
    unpaid = f"unpaid:{draft.owner}"
    operations: list[Operation] = [Open(account=unpaid, balance=1000, unit="order")]
    wanted = [(stock_account(one.sku), one.quantity, one.sku) for one in draft.quote.lines]
    for account, amount, name in [*wanted, (unpaid, 1, "unpaid")]:
        key = f"order:{draft.id}:{name}"
        hold = Hold(
            account=account, amount=amount, key=key, owner=draft.id, expires_at=draft.expires_at
        )
        operations.append(hold)
    for plugin, effects in asked:
        operations += claims_of(plugin, effects, draft.id, "place", draft.expires_at)
    new = NewOrder(draft=draft, key=draft.id, digest="", effects=asked)
    async with shop.database.transaction() as tx:
        group = Group(operations=tuple(operations), reference=draft.id)
        await apply_one(tx, group, shop.clock.now())
        (order,) = await insert_orders(tx, shop, [new])
    return order


async def place(shop: Shop, lines: Sequence[tuple[str, int, int]], *, delivery: int = 0) -> Order:
    """A placed order of these lines (SKU, pieces, cost in fen), whose goods were in stock."""
    for sku, quantity, _ in lines:
        await fill_stock(shop, sku, quantity)
    return await place_draft(shop, draft_of(shop, lines, delivery=delivery))

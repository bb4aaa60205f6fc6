"""A shopper wants pieces of a sale: looked at, priced, and what they use up."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from jishi.effects import ORDER, Claim, Credit, Debit, Effect, Open, Record
from jishi.plugins import Desk
from jishi.pricing import Basket, Nets, Offer
from jishi_flash_sale import accounts
from jishi_flash_sale.memory import Memory
from jishi_flash_sale.settings import FlashSaleSettings
from jishi_flash_sale.structs import ItemPlan, Sale
from jishi_flash_sale.turns import has_turn

WISH = "flash_sale.sale"
"""What a shopper's client says with the order: the sale's id."""


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a shopper cannot have the sale's price.

    Attributes:
        code: For programs.
        message: For the shopper.
        sku: Of which goods; None for all.
    """

    code: str
    message: str
    sku: str | None = None


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces that a shopper can probably have; the ledger has the last word.

    Attributes:
        sale: The sale.
        member: Whose.
    """

    sale: Sale
    member: str


async def look(
    desk: Desk,
    memory: Memory,
    settings: FlashSaleSettings,
    extras: Mapping[str, str],
    member: str | None,
    skus: Mapping[str, int],
    now: datetime,
) -> Wanted | Refusal | None:
    """What a basket's extra asks for; None when it is not about a sale.

    Args:
        desk: The plugin's.
        memory: What this process knows of sales.
        settings: The plugin's.
        extras: What the shopper's client says.
        member: Who wants it.
        skus: SKU codes and pieces of the basket.
        now: The moment that counts, UTC.
    """
    wish = extras.get(WISH, "")
    if not wish:
        return None
    sale = (await memory.running()).get(wish)
    if sale is None or now >= sale.ends_at:
        return Refusal(code="sale_over", message="这场秒杀已经结束，或者没有这场秒杀。")
    if now < sale.starts_at:
        return Refusal(code="sale_not_begun", message="秒杀还没有开始。")
    if member is None:
        return Refusal(code="login_first", message="请先登录，再参加秒杀。")
    return (
        await _pieces(memory, sale, skus)
        or await _turn(desk, sale, member, settings)
        or Wanted(sale=sale, member=member)
    )


async def _pieces(memory: Memory, sale: Sale, skus: Mapping[str, int]) -> Refusal | None:
    """Whether there are pieces left, as far as this process knows; it asks no database."""
    items = {sku: item for sku in skus if (item := sale.item(sku))}
    if not items:
        return Refusal(code="not_in_sale", message="这些商品不在这场秒杀里。")
    for sku in items:
        left = await memory.left(sale.id, sku)
        if left < skus[sku]:
            message = f"秒杀商品只剩 {left} 件。" if left > 0 else "秒杀商品已经抢完。"
            return Refusal(code="sold_out", message=message, sku=sku)
    return None


async def _turn(
    desk: Desk, sale: Sale, member: str, settings: FlashSaleSettings
) -> Refusal | None:
    if await has_turn(desk, sale, member, settings):
        return None
    return Refusal(code="not_your_turn", message="请先排队，轮到您时再下单。")


def offers(wanted: Wanted, basket: Basket, nets: Nets) -> list[Offer]:
    """The sale's price, an offer for each of its lines: somebody cheaper may take one of them.

    What wins takes pieces out of the quota.
    """
    sale, found = wanted.sale, []
    for at, (item, net) in enumerate(zip(basket.items, nets.lines, strict=True)):
        plan = sale.item(item.sku)
        if plan is None or plan.price * item.quantity >= net:
            continue
        amounts = [0] * len(nets.lines)
        amounts[at] = plan.price * item.quantity - net
        found.append(
            Offer(
                rule=sale.id,
                reason=f"秒杀：{sale.title}",
                amounts=tuple(amounts),
                effects=tuple(_uses(wanted, plan, item.quantity, basket.at)),
            )
        )
    return found


def _uses(wanted: Wanted, item: ItemPlan, pieces: int, now: datetime) -> list[Effect]:
    """Pieces go from the quota to the shelf, where the order holds them in the same breath."""
    sale, sku = wanted.sale, item.sku
    share = accounts.share(sale.id, sku, wanted.member)
    reason = f"flash sale {sale.id}"
    return [
        Debit(
            account=accounts.quota(sale.id, sku),
            amount=pieces,
            key=f"quota:{sku}",
            reason=reason,
            refusal="秒杀商品已经抢完。",
        ),
        Credit(
            account=accounts.shelf(sale, sku), amount=pieces, key=f"shelf:{sku}", reason=reason
        ),
        Open(account=share, unit="piece", key=f"share:{sku}", balance=item.per_member),
        Claim(
            account=share,
            amount=pieces,
            key=f"mine:{sku}",
            refusal=f"每人限购 {item.per_member} 件。",
        ),
        Record(
            table="flash_sale_purchases",
            row={
                "order_id": ORDER,
                "sale": sale.id,
                "sku": sku,
                "member": wanted.member,
                "quantity": pieces,
                "price": item.price,
                "state": "ordered",
                "placed_at": now,
            },
            key=f"row:{sku}",
        ),
    ]

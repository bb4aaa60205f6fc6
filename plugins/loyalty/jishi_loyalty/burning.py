"""What a shopper's points pay for: pure, whole points and fen, from the lots that end first."""

from collections.abc import Sequence

import msgspec

from jishi.effects import Claim
from jishi.money import allocate
from jishi.pricing import Basket, Item, Offer, discount
from jishi_loyalty.settings import LoyaltySettings, Reward

POINTS = "loyalty.points"
"""The extra that says how many points are to be spent; ``all`` for as many as can be."""

REWARDS = "loyalty.rewards"
"""The extra that names rewards to be had with goods in the cart, with commas between."""

_MOST_LOTS = 80
"""Lots that one order takes from; the effects of one answer are limited."""


class Purseful(msgspec.Struct, frozen=True, kw_only=True):
    """What a shopper could spend.

    Attributes:
        member: Whose points.
        lots: Accounts and what is free in them, those that end first at the front, in points.
        spendable: What may be spent of them in all.
    """

    member: str
    lots: tuple[tuple[str, int], ...]
    spendable: int


def offer_of_points(
    settings: LoyaltySettings, basket: Basket, nets: Sequence[int], purse: Purseful
) -> Offer | None:
    """The offer that lets points pay, with the claims that make sure they are there.

    Args:
        settings: What points are worth, and the most they may pay.
        basket: What is priced; its extras are wishes.
        nets: What each line costs by now, in fen.
        purse: What could be spent.
    """
    left = min(purse.spendable, sum(free for _, free in purse.lots[:_MOST_LOTS]))
    by_line, off = _goods(settings, basket, nets, left)
    left -= sum(by_line)
    after = [net - less for net, less in zip(nets, off, strict=True)]
    fen, points = _cash(settings, basket.extras.get(POINTS, ""), sum(after), left)
    if fen:
        shares = [-share for share in discount(fen, after)]
        off = [one + more for one, more in zip(off, shares, strict=True)]
        more = allocate(points, shares)
        by_line = [one + each for one, each in zip(by_line, more, strict=True)]
    if not any(off):
        return None
    return Offer(
        rule="points",
        reason=f"积分抵扣 {sum(by_line)} 分",
        amounts=tuple(-each for each in off),
        effects=tuple(_claims(basket.items, by_line, purse.lots)),
    )


def _goods(
    settings: LoyaltySettings, basket: Basket, nets: Sequence[int], left: int
) -> tuple[list[int], list[int]]:
    """Points and fen per line for rewards: one piece of a SKU each."""
    points, off = [0] * len(nets), [0] * len(nets)
    rewards = {each.code: each for each in settings.rewards if each.sku}
    wanted = basket.extras.get(REWARDS, "").split(",")
    for code in dict.fromkeys(each.strip() for each in wanted):
        reward = rewards.get(code)
        at = _line_for(reward, basket.items, nets, off) if reward else None
        if reward is None or at is None or sum(points) + reward.points > left:
            continue
        points[at] += reward.points
        off[at] += nets[at] // basket.items[at].quantity
    return points, off


def _line_for(
    reward: Reward, items: Sequence[Item], nets: Sequence[int], off: Sequence[int]
) -> int | None:
    for at, item in enumerate(items):
        if item.sku == reward.sku and nets[at] // item.quantity <= nets[at] - off[at]:
            return at if nets[at] // item.quantity else None
    return None


def _cash(settings: LoyaltySettings, wish: str, goods: int, left: int) -> tuple[int, int]:
    """Fen that points pay, and the fewest points that are worth them."""
    wish = wish.strip()
    if not (wish == "all" or (wish.isascii() and wish.isdigit() and len(wish) <= 15)):
        return 0, 0
    rate = settings.points_for_yuan
    points = left if wish == "all" else min(int(wish), left)
    fen = min(points * 100 // rate, goods * settings.most_share // 100)
    needed = -(-fen * rate // 100)
    return fen, needed


def _claims(
    items: Sequence[Item], by_line: Sequence[int], lots: Sequence[tuple[str, int]]
) -> list[Claim]:
    """One claim for each line and lot; its key says which, so a refund finds its way back."""
    claims: list[Claim] = []
    free = list(lots)
    for item, points in zip(items, by_line, strict=True):
        wanted = points
        while wanted:
            account, has = free[0]
            part = min(wanted, has)
            lot = account.rpartition(":")[2]
            claims.append(
                Claim(
                    account=account,
                    amount=part,
                    key=f"points:{len(claims):03d}:{item.key}:{lot}",
                    refusal="积分已变动，请重新结算。",
                )
            )
            wanted -= part
            free = free[1:] if part == has else [(account, has - part), *free[1:]]
    return claims

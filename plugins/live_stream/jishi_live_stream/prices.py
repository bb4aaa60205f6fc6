"""A session's prices and coupons in a basket: looked at, offered, and what they use up."""

from collections.abc import Mapping

import msgspec

from jishi.effects import Claim, Effect, Open
from jishi.plugins import Desk
from jishi.pricing import Basket, Nets, Offer, discount
from jishi_live_stream import accounts
from jishi_live_stream.memory import Memory
from jishi_live_stream.sessions import coupons_hold
from jishi_live_stream.settings import LiveStreamSettings
from jishi_live_stream.structs import CardPlan, CouponPlan, Session

WISH = "live_stream.session"
"""What a viewer's client says with the order: the session's id."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a basket can have of a session.

    Attributes:
        session: The session.
        cards: SKUs that can be had at the session's price.
        coupons: The member's own coupons that can be used.
        member: The member's id; None for a guest.
    """

    session: Session
    cards: frozenset[str]
    coupons: tuple[str, ...]
    member: str | None


async def look(
    desk: Desk, memory: Memory, settings: LiveStreamSettings, basket: Basket
) -> Seen | None:
    """What the basket's session offers; None without one. Only who watches gets its prices."""
    session = (await memory.lately()).get(basket.extras.get(WISH, ""))
    if session is None:
        return None
    cards, coupons = frozenset[str](), tuple[str, ...]()
    wanted = {item.sku: item.quantity for item in basket.items}
    if session.is_live(basket.at):
        cards = await _cards(desk, session, basket.member, wanted)
    if basket.member and coupons_hold(session, basket.at, settings.coupon_minutes):
        coupons = await _coupons(desk, session, basket.member)
    return Seen(session=session, cards=cards, coupons=coupons, member=basket.member)


async def _cards(
    desk: Desk, session: Session, member: str | None, wanted: Mapping[str, int]
) -> frozenset[str]:
    """SKUs whose pieces, and the member's share of them, are not gone."""
    cards = [
        card
        for sku in wanted
        if (card := session.card(sku)) and card.price is not None
        if member or not card.per_member
    ]
    limited = {card.sku: accounts.card(session.id, card.sku) for card in cards if card.pieces}
    shares = {
        card.sku: accounts.card_share(member or "", session.id, card.sku)
        for card in cards
        if card.per_member
    }
    stands = await desk.balances([*limited.values(), *shares.values()])

    def is_there(card: CardPlan) -> bool:
        pieces = wanted[card.sku]
        if card.pieces and stands[limited[card.sku]].available < pieces:
            return False
        if not card.per_member:
            return True
        share = stands[shares[card.sku]]
        return (share.available if share.floor else card.per_member) >= pieces

    return frozenset(card.sku for card in cards if is_there(card))


async def _coupons(desk: Desk, session: Session, member: str) -> tuple[str, ...]:
    named = {
        coupon.code: accounts.own_coupons(member, session.id, coupon.code)
        for coupon in session.plan.coupons
    }
    stands = await desk.balances(named.values())
    return tuple(code for code, account in named.items() if stands[account].available)


def card_offers(seen: Seen, basket: Basket, nets: Nets) -> list[Offer]:
    """The session's prices, an offer for each line: somebody cheaper may take one of them."""
    offers = []
    for at, (item, net) in enumerate(zip(basket.items, nets.lines, strict=True)):
        card = seen.session.card(item.sku) if item.sku in seen.cards else None
        if card is None or card.price is None or card.price * item.quantity >= net:
            continue
        amounts = [0] * len(nets.lines)
        amounts[at] = card.price * item.quantity - net
        offers.append(
            Offer(
                rule=f"{seen.session.id}:card:{item.sku}",
                reason=f"直播价：{seen.session.plan.title}",
                amounts=tuple(amounts),
                effects=tuple(_card_uses(seen, card, item.quantity)),
            )
        )
    return offers


def _card_uses(seen: Seen, card: CardPlan, pieces: int) -> list[Effect]:
    session, sku = seen.session.id, card.sku
    uses: list[Effect] = []
    if card.pieces:
        account = accounts.card(session, sku)
        uses.append(
            Claim(
                account=account, amount=pieces, key=f"card:{sku}", refusal="直播价商品已经抢完。"
            )
        )
    if card.per_member and seen.member:
        share = accounts.card_share(seen.member, session, sku)
        # Below zero by what he had: an account that is used up is not one that nobody opened.
        uses.append(Open(account=share, unit="piece", key=f"share:{sku}", floor=-card.per_member))
        refusal = f"直播价每人限购 {card.per_member} 件。"
        uses.append(Claim(account=share, amount=pieces, key=f"mine:{sku}", refusal=refusal))
    return uses


def coupon_offers(seen: Seen, nets: Nets) -> list[Offer]:
    """Each coupon that fits; the best for the customer wins."""
    total = sum(nets.lines)
    offers = []
    for code in seen.coupons:
        coupon = seen.session.coupon(code)
        if coupon is None or total < max(coupon.over, 1) or seen.member is None:
            continue
        off = coupon.off or total * coupon.percent // 100
        offers.append(_coupon_offer(seen, coupon, discount(off, nets.lines)))
    return offers


def _coupon_offer(seen: Seen, coupon: CouponPlan, amounts: tuple[int, ...]) -> Offer:
    own = accounts.own_coupons(seen.member or "", seen.session.id, coupon.code)
    claim = Claim(account=own, amount=1, key=f"coupon:{coupon.code}", refusal="这张券已经用过了。")
    return Offer(
        rule=f"{seen.session.id}:coupon:{coupon.code}",
        reason=f"直播券：{coupon.title}",
        amounts=amounts,
        effects=(claim,),
    )

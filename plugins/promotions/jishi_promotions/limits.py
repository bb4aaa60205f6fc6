"""What a rule uses up when it applies, and the accounts of the ledger that count it.

An account is made when it is first needed, with its limit as the floor: its balance falls below
zero by what was used. So nothing has to be prepared, and a hundred thousand coupons cost the
ledger nothing before the first is used.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from jishi.effects import Claim, Effect, Open

if TYPE_CHECKING:
    from jishi_promotions.engine import HeldCoupon
    from jishi_promotions.index import Live

USED_UP = {
    "zh": "这个优惠刚刚用完，请重新结算。",
    "en": "This offer has just been used up; please look at the price again.",
}
"""What a shopper reads when somebody else was faster."""


NEED_KEYS = ("total", "day", "member", "member_day", "first", "coupon", "budget")
"""What a rule may take from."""


class Need(NamedTuple):
    """One account that a rule takes from.

    Attributes:
        account: Its id.
        limit: What it starts with.
        amount: How much one order takes.
        unit: What is counted: ``use`` or ``fen``.
        key: Names it among the needs of one rule.
    """

    account: str
    limit: int
    amount: int
    unit: str
    key: str


def account_of(campaign: str, *rest: str) -> str:
    """The ledger account of something of a campaign that can run out."""
    return ":".join(("promotions", campaign, *rest))


def coupon_account(coupon: str) -> str:
    """The ledger account of a coupon's uses."""
    return f"promotions:coupon:{coupon}"


def needs_of(
    live: "Live", coupon: "HeldCoupon | None", member: str | None, local: datetime
) -> tuple[Need, ...]:
    """What an order takes when this rule applies to it; the budget comes on top.

    Args:
        live: The rule.
        coupon: The coupon that brings it.
        member: Whose order.
        local: The moment in the shop's time zone: its day counts.
    """
    if coupon is None and not live.is_limited:
        return ()
    limits, campaign = live.rule.limits, live.campaign
    day = local.date().isoformat()
    needs: list[Need] = []

    def use(limit: int | None, key: str, *rest: str) -> None:
        if limit is not None:
            needs.append(Need(account_of(campaign, *rest), limit, 1, "use", key))

    use(limits.total, "total", "uses")
    use(limits.per_day, "day", "day", day)
    if member is not None:
        use(limits.per_member, "member", "member", member)
        use(limits.per_member_day, "member_day", "member", member, day)
        if live.rule.audience.who == "first_order" and limits.per_member is None:
            use(1, "first", "member", member)
    if coupon is not None and coupon.uses:
        needs.append(Need(coupon_account(coupon.id), coupon.uses, 1, "use", "coupon"))
    return tuple(needs)


def budget_need(live: "Live", amount: int) -> Need | None:
    """What an order takes from the campaign's budget, if it has one."""
    budget = live.rule.limits.budget
    if budget is None or amount <= 0:
        return None
    return Need(account_of(live.campaign, "budget"), budget, amount, "fen", "budget")


def accounts_asked(needs: Sequence[Need], live: "Live") -> list[str]:
    """The accounts whose balances decide whether a rule can still be used."""
    accounts = [need.account for need in needs]
    if live.rule.limits.budget is not None:
        accounts.append(account_of(live.campaign, "budget"))
    return accounts


def enough(needs: Sequence[Need], available: Mapping[str, int]) -> bool:
    """Whether every account has what is needed; one that nobody opened yet is full."""
    return all(available.get(need.account, need.limit) >= need.amount for need in needs)


def claims(campaign: str, needs: Sequence[Need], refusal: str) -> list[Effect]:
    """Effects that make the accounts if need be, and claim from them."""
    effects: list[Effect] = []
    for need in needs:
        name = f"{campaign}:{need.key}"
        effects.append(
            Open(account=need.account, unit=need.unit, key=f"open:{name}", floor=-need.limit)
        )
        effects.append(
            Claim(account=need.account, amount=need.amount, key=f"use:{name}", refusal=refusal)
        )
    return effects

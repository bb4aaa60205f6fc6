"""Fetch what a price needs: the rules if they changed, the shopper's coupons, what is left."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from jishi.plugins import Desk
from jishi.pricing import Basket
from jishi_promotions import sql
from jishi_promotions.codes import LETTERS, folded, is_right, shown
from jishi_promotions.engine import Facts, HeldCoupon, Usable, candidates, still_there
from jishi_promotions.index import Index, Version
from jishi_promotions.limits import accounts_asked
from jishi_promotions.offers import Loaded, Terms, pairs_for
from jishi_promotions.structs import Rule


class CouponRow(msgspec.Struct, frozen=True):
    """A coupon as it is stored."""

    id: str
    code: str
    campaign: str
    uses: int
    member: str | None
    valid_from_at: datetime | None
    expires_at: datetime | None


class Rules:
    """The index of a process: made anew when the number of the rules' state has grown."""

    def __init__(self) -> None:
        self._index = Index(-1, ())

    async def current(self, desk: Desk) -> Index:
        """The rules as they are now, in every process: one look at one row."""
        rows = await desk.fetch(sql.STATE)
        version = int(str(rows[0][0])) if rows else 0
        if version != self._index.version:
            self._index = await read_index(desk, version)
        return self._index


async def read_index(desk: Desk, version: int) -> Index:
    """All rules that are on, made ready.

    Args:
        desk: The plugin's.
        version: What was read before: what is newer is read again by the next who asks.
    """
    rows = await desk.fetch(sql.LIVE)
    collections = await desk.fetch(sql.COLLECTIONS)
    return Index(
        version,
        (
            Version(str(campaign), int(str(number)), rule_of_text(str(text)))
            for campaign, number, text in rows
        ),
        {
            str(name): frozenset(msgspec.json.decode(str(products), type=list[str]))
            for name, products in collections
        },
    )


_rule = msgspec.json.Decoder(Rule)


def rule_of_text(text: str) -> Rule:
    """A rule from its stored text."""
    return _rule.decode(text)


async def load(desk: Desk, rules: Rules, basket: Basket, terms: Terms, held: str) -> Loaded:
    """Everything that a basket's price needs.

    Args:
        desk: The plugin's.
        rules: The process's index.
        basket: What is to be priced.
        terms: The merchant's settings.
        held: ``best`` or ``chosen``: whether a member's coupons are used without being named.
    """
    index = await rules.current(desk)
    if not index.live:
        return Loaded(index)
    coupons = await _coupons(desk, basket, held)
    items = tuple(sorted(basket.items, key=lambda item: (item.sku, item.key)))
    found = candidates(pairs_for(index, coupons, items), basket, terms.zone)
    is_first: Literal["no", "yes"] = "no"
    if any(each.found.live.rule.audience.who == "first_order" for each in found):
        is_first = "no" if await desk.fetch(sql.HAS_ORDERED, basket.member) else "yes"
    facts = Facts(await _available(desk, found), is_first, terms.zone)
    usable = tuple(still_there(found, facts))
    return Loaded(index, coupons, facts.available, is_first, items, usable)


async def _coupons(desk: Desk, basket: Basket, held: str) -> tuple[HeldCoupon, ...]:
    """What the shopper named, and what he holds."""
    named = [
        code
        for code in {folded(typed) for typed in basket.codes}
        if code and (len(code) != LETTERS or is_right(code))
    ]
    rows: list[tuple[CouponRow, Literal["no", "yes"]]] = []
    if named:
        found = await desk.fetch_as(CouponRow, sql.NAMED, named, basket.at)
        rows += [(row, "yes") for row in found if row.member in (None, basket.member)]
    wanted = held == "best" and basket.extras.get("promotions.coupons") != "none"
    if basket.member is not None and wanted:
        known = {row.id for row, _ in rows}
        mine = await desk.fetch_as(CouponRow, sql.HELD, basket.member, basket.at)
        rows += [(row, "no") for row in mine if row.id not in known]
    return tuple(
        HeldCoupon(row.id, shown(row.code), row.campaign, row.uses, row.expires_at, chosen)
        for row, chosen in rows
    )


async def _available(desk: Desk, found: Sequence[Usable]) -> dict[str, int]:
    """What is left in the accounts that exist; a coupon's own was looked at with the coupon."""
    accounts = {
        account
        for each in found
        if each.found.live.is_limited
        for account in accounts_asked(each.needs, each.found.live)
        if not account.startswith("promotions:coupon:")
    }
    if not accounts:
        return {}
    rows = await desk.fetch(sql.AVAILABLE, sorted(accounts))
    return {str(account): int(str(left)) for account, left in rows}

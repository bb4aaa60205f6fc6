"""Fetch what a price needs: the rules if they changed, the shopper's coupons, what is left."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from jishi.db import Grouped
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
    """What a process knows of the rules, and how it looks.

    The index is made anew when the number of the rules' state has grown. Prices that are asked for
    at the same moment look together: under load a look costs one statement and not one each.
    """

    def __init__(self) -> None:
        self._index = Index(-1, ())
        self._looks: Grouped[Desk, Index] = Grouped(self._look, lambda _: False)
        self._counts: Grouped[tuple[Desk, Collection[str]], Mapping[str, int]] = Grouped(
            self._count, lambda _: False
        )

    async def current(self, desk: Desk) -> Index:
        """The rules as they are now, in every process: one look at one row."""
        return await self._looks.ask(desk)

    async def left(self, desk: Desk, accounts: Collection[str]) -> Mapping[str, int]:
        """What is left in accounts of the ledger; those that nobody opened are missing."""
        return await self._counts.ask((desk, accounts)) if accounts else {}

    async def _look(self, desks: Sequence[Desk]) -> Sequence[Index]:
        rows = await desks[0].fetch(sql.STATE)
        version = int(str(rows[0][0])) if rows else 0
        if version != self._index.version:
            self._index = await read_index(desks[0], version)
        return [self._index] * len(desks)

    async def _count(
        self, asked: Sequence[tuple[Desk, Collection[str]]]
    ) -> Sequence[Mapping[str, int]]:
        wanted = sorted({account for _, accounts in asked for account in accounts})
        rows = await asked[0][0].fetch(sql.AVAILABLE, wanted)
        found = {str(account): int(str(left)) for account, left in rows}
        return [found] * len(asked)


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
    facts = Facts(await rules.left(desk, _accounts(found)), is_first, terms.zone)
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


def _accounts(found: Sequence[Usable]) -> frozenset[str]:
    """The accounts that may be empty; a coupon's own was looked at with the coupon."""
    return frozenset(
        account
        for each in found
        if each.found.live.is_limited
        for account in accounts_asked(each.needs, each.found.live)
        if not account.startswith("promotions:coupon:")
    )

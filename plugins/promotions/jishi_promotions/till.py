"""A coupon is used at a till (核销): once, with store and receipt, and it can be undone."""

import hashlib
from datetime import datetime, tzinfo
from typing import Annotated, NamedTuple

import msgspec

from jishi.effects import Credit, Debit, DeskEffect, Event, Open
from jishi.plugins import Desk, NotEnough, Writing
from jishi.pricing import Basket, Item, Nets
from jishi.problems import Invalid
from jishi_promotions import sql
from jishi_promotions.campaigns import note
from jishi_promotions.claims import CouponState
from jishi_promotions.codes import LETTERS, folded, is_right, shown
from jishi_promotions.engine import Facts, HeldCoupon, Win, drive, usable
from jishi_promotions.index import Index
from jishi_promotions.limits import NEED_KEYS, Need, accounts_asked, budget_need, needs_of
from jishi_promotions.problems import BadCode, CouponGone, NoCoupon
from jishi_promotions.tables import RedemptionTable

_Word = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
_Words = Annotated[tuple[_Word, ...], msgspec.Meta(max_length=20)]


class TillLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What lies on the counter: the till's own prices count there.

    Attributes:
        sku: The SKU's code; anything where the till knows none.
        quantity: Pieces.
        unit_price: In fen, as the till rings it up.
        product: The product's id, for coupons of certain products.
        category: Category ids from the root down, for coupons of certain shelves.
        brand: For coupons of certain brands.
    """

    sku: _Word
    quantity: Annotated[int, msgspec.Meta(ge=1, le=9999)] = 1
    unit_price: Annotated[int, msgspec.Meta(ge=0, le=10**10)]
    product: Annotated[str, msgspec.Meta(max_length=64)] = ""
    category: _Words = ()
    brand: Annotated[str, msgspec.Meta(max_length=100)] = ""


class AtTill(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A coupon is to be used at a till.

    Attributes:
        code: As shown or scanned.
        store: Where; one of the build's stores.
        lines: What is bought.
        receipt: The till's number for it; may be empty.
    """

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    store: _Word
    lines: Annotated[tuple[TillLine, ...], msgspec.Meta(min_length=1, max_length=200)]
    receipt: Annotated[str, msgspec.Meta(max_length=64)] = ""


class Redeemed(msgspec.Struct, frozen=True):
    """A coupon that was used at a till.

    Attributes:
        id: Names it, to undo it.
        campaign: Whose coupon.
        version: Of the campaign.
        coupon: The coupon's id.
        member: Who holds it; None for nobody.
        store: Where.
        amount: What it saves, in fen.
        actor: Who did it.
        receipt: The till's number.
        total: What was bought before it, in fen.
        redeemed_at: UTC.
        returned_at: When it was undone, UTC; None while it counts.
        return_reason: Why.
    """

    id: str
    campaign: str
    version: int
    coupon: str
    member: str | None
    store: str | None
    amount: int
    actor: str
    receipt: str
    total: int
    redeemed_at: datetime
    returned_at: datetime | None
    return_reason: str


class _Worth(NamedTuple):
    coupon: CouponState
    win: Win
    total: int


async def redeem_at_till(
    desk: Desk, index: Index, zone: tzinfo, asked: AtTill, key: str, actor: str
) -> tuple[Redeemed, bool]:
    """Use a coupon at a till, once, and say what it takes off.

    Args:
        desk: The plugin's.
        index: The rules that are on.
        zone: Where the shop's days are counted.
        asked: The coupon and the goods.
        key: The request's: its repeat gives the same answer, whatever happened meanwhile.
        actor: The member of staff.

    Returns:
        What was redeemed, and whether it was before.

    Raises:
        BadCode: The check letter is not right.
        NoCoupon: There is none.
        CouponGone: It was used, ended, its campaign is over or does not fit these goods.
        Invalid: The same key came with something else.
    """
    name = f"till:{hashlib.sha256(key.encode()).hexdigest()[:32]}"
    known = await _known(desk, name)
    if known is not None:
        _same(known, asked)
        return known, True
    worth = await _worth(desk, index, zone, asked)

    async def work(w: Writing) -> None:
        needs, now = _needs(worth), desk.now()
        await w.apply(_taking(name, worth, needs), name)
        live = worth.win.usable.found.live
        row = (name, live.campaign, live.number, worth.coupon.id, worth.coupon.member, "till",
               asked.store, worth.win.worth, "till", actor, asked.receipt, worth.total, now,
               None, "")  # fmt: skip
        await w.insert(RedemptionTable, _COLUMNS, [row])

    try:
        await desk.atomically(work)
    except NotEnough as short:
        raise CouponGone(
            "This coupon has been used, or its campaign is used up.",
            next_step="Look at the member's coupons.",
        ) from short
    done = await _known(desk, name)
    if done is None:
        raise CouponGone("Somebody else used it at this moment.")
    _same(done, asked)
    return done, False


async def undo_at_till(desk: Desk, name: str, reason: str, actor: str) -> Redeemed:
    """Give a coupon back that was used at a till by mistake; twice is once.

    Raises:
        NoCoupon: Nothing was redeemed under this name.
    """
    known = await _known(desk, name)
    if known is None:
        raise NoCoupon("Nothing was redeemed under this name.")
    now = desk.now()

    async def work(w: Writing) -> None:
        if not await w.execute(sql.RETURNED, name, known.campaign, now, reason):
            return
        keys = [f"desk:promotions:{name}:{key}" for key in NEED_KEYS]
        taken = await w.fetch(sql.TAKEN_AT_DESK, keys)
        effects: list[DeskEffect] = [
            Credit(
                account=str(account),
                amount=-int(str(amount)),
                key=f"undo:{name}:{account}",
                reason="undone at the till",
            )
            for account, amount in taken
        ]
        if effects:
            await w.apply(effects, f"undo:{name}")
        await note(w, known.campaign, "undone_at_till", actor, f"{name}: {reason}", now)

    await desk.atomically(work)
    undone = await _known(desk, name)
    return undone or known


_COLUMNS = (
    "order_id", "campaign", "version", "coupon", "member", "channel", "store", "amount", "kind",
    "actor", "receipt", "total", "redeemed_at", "returned_at", "return_reason",
)  # fmt: skip


async def _known(desk: Desk, name: str) -> Redeemed | None:
    return await desk.one_as(Redeemed, sql.TILL_NOTE, name)


def _same(known: Redeemed, asked: AtTill) -> None:
    total = sum(line.unit_price * line.quantity for line in asked.lines)
    if (known.store, known.total, known.receipt) != (asked.store, total, asked.receipt):
        raise Invalid(
            "This Idempotency-Key came before with another content.",
            field="Idempotency-Key",
            next_step="Send a new key with a new request.",
        )


async def _worth(desk: Desk, index: Index, zone: tzinfo, asked: AtTill) -> _Worth:
    """What the coupon takes off these goods."""
    code = folded(asked.code)
    if not code or (len(code) == LETTERS and not is_right(code)):
        raise BadCode("This code has a typing error.", field="code", next_step="Scan it again.")
    row = await desk.one_as(CouponState, sql.COUPON, code)
    if row is None or row.state != "open":
        raise NoCoupon("There is no such coupon.", field="code", next_step="Check the code.")
    basket = _basket(asked, row, desk.now())
    if (row.valid_from_at and row.valid_from_at > basket.at) or (
        row.expires_at and row.expires_at <= basket.at
    ):
        raise CouponGone("The coupon is not good at this moment.")
    coupon = HeldCoupon(row.id, shown(row.code), row.campaign, row.uses, row.expires_at, "yes")
    found = index.of_campaign(row.campaign, basket.items)
    wins: list[Win] = []
    if found is not None:
        facts = await _facts(desk, basket, coupon, zone, index)
        rules = usable([(found, coupon)], basket, facts)
        lines = tuple(item.unit_price * item.quantity for item in basket.items)
        wins = drive(rules, basket, Nets(lines=lines), facts)
    if not wins:
        raise CouponGone(
            "The coupon does not fit these goods, this store or this moment, or is used up.",
            next_step="Look at the campaign's conditions.",
        )
    return _Worth(row, wins[0], sum(line.unit_price * line.quantity for line in asked.lines))


async def _facts(
    desk: Desk, basket: Basket, coupon: HeldCoupon, zone: tzinfo, index: Index
) -> Facts:
    live = index.by_campaign[coupon.campaign]
    needs = needs_of(live, coupon, basket.member, basket.at.astimezone(zone))
    rows = await desk.fetch(sql.AVAILABLE, sorted(accounts_asked(needs, live)))
    ordered = basket.member and await desk.fetch(sql.HAS_ORDERED, basket.member)
    return Facts(
        {str(account): int(str(left)) for account, left in rows}, "no" if ordered else "yes", zone
    )


def _basket(asked: AtTill, row: CouponState, now: datetime) -> Basket:
    items = tuple(
        Item(
            key=f"{at:03d}",
            sku=line.sku,
            product=line.product,
            title=line.sku,
            quantity=line.quantity,
            unit_price=line.unit_price,
            category=line.category,
            brand=line.brand,
        )
        for at, line in enumerate(asked.lines)
    )
    return Basket(items=items, at=now, channel="till", store=asked.store, member=row.member)


def _needs(worth: _Worth) -> list[Need]:
    needs = list(worth.win.usable.needs)
    budget = budget_need(worth.win.usable.found.live, worth.win.worth)
    return [*needs, budget] if budget else needs


def _taking(name: str, worth: _Worth, needs: list[Need]) -> list[DeskEffect]:
    effects: list[DeskEffect] = []
    for need in needs:
        effects.append(
            Open(account=need.account, unit=need.unit, key=f"open:{name}:{need.key}",
                 floor=-need.limit)
        )  # fmt: skip
        effects.append(
            Debit(account=need.account, amount=need.amount, key=f"{name}:{need.key}",
                  reason="redeemed at a till")
        )  # fmt: skip
    data: dict[str, str | int | None] = {
        "campaign": worth.win.usable.found.live.campaign,
        "coupon": worth.coupon.id,
        "amount": worth.win.worth,
    }
    effects.append(
        Event(name="promotions.redeemed_at_till", data=data, key=f"told:{name}", subject=name)
    )
    return effects

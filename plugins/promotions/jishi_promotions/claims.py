"""Coupons come to members: claimed, taken by their code, given on, bought with points."""

import hashlib
from datetime import datetime, timedelta, tzinfo
from typing import Literal, NamedTuple

import msgspec

from jishi.effects import Debit, DeskEffect, Event, Open
from jishi.identifiers import new_id
from jishi.plugins import Desk, NotEnough, Writing
from jishi_promotions import sql
from jishi_promotions.campaigns import Campaign, rule_in
from jishi_promotions.codes import LETTERS, folded, is_right, new_code, shown
from jishi_promotions.coupons import COLUMNS, for_coupons
from jishi_promotions.limits import account_of, coupon_account
from jishi_promotions.problems import (
    BadCode,
    CampaignOver,
    ClaimedEnough,
    CouponGone,
    NoCoupon,
    TooManyWrongCodes,
)
from jishi_promotions.structs import Rule
from jishi_promotions.tables import CouponTable
from jishi_promotions.words import Language, reason_of


class Coupon(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon as its holder sees it.

    Attributes:
        id: The coupon's id.
        code: To be typed, or shown at a till.
        campaign: Whose it is.
        reason: What it gives.
        state: ``good``, ``early``, ``used``, ``ended`` or ``stopped``.
        valid_from_at: From when it is good, UTC; None: at once.
        expires_at: When it ends, UTC; None: with the campaign.
    """

    id: str
    code: str
    campaign: str
    reason: str
    state: Literal["good", "early", "used", "ended", "stopped"]
    valid_from_at: datetime | None = None
    expires_at: datetime | None = None


class Claimer(NamedTuple):
    """Who claims, from where.

    Attributes:
        member: The member's id.
        device: What tells his device from others; empty when nothing is known.
        zone: Where the shop's days are counted.
        per_member_day: How many one member may claim a day, of all campaigns.
        per_device_day: How many one device may claim a day, of all campaigns.
    """

    member: str
    device: str
    zone: tzinfo
    per_member_day: int
    per_device_day: int


async def claim_coupon(
    desk: Desk, campaign: str, key: str, who: Claimer, language: Language
) -> Coupon:
    """Give a member a coupon of a campaign that everybody may claim from.

    Args:
        desk: The plugin's.
        campaign: Of which.
        key: The request's: its repeat gives the same coupon.
        who: The member.
        language: Of the answer.

    Raises:
        CampaignOver: It is not on, or not claimable.
        ClaimedEnough: A limit is reached; nothing was written.
    """
    source = f"claim:{campaign}:{_hashed(f'{who.member}:{key}')}"

    async def work(w: Writing) -> tuple[str, Rule]:
        known = await for_coupons(w, campaign)
        rule = await rule_in(w, campaign, known.version)
        if row := await w.fetch(sql.COUPON_OF_SOURCE, source):
            return str(row[0][0]), rule
        _check_open(known, rule, desk.now())
        try:
            await w.apply(_claim_effects(campaign, rule, who, source, desk.now()), source)
        except NotEnough as short:
            raise ClaimedEnough(
                _which_limit(str(short.extra.get("account", ""))),
                next_step="Use what you have, or come back tomorrow.",
            ) from short
        return await _give(w, known.id, rule, who.member, source, desk.now()), rule

    coupon, rule = await desk.atomically(work)
    return await coupon_of(desk, coupon, rule, language)


async def award_coupon(desk: Desk, campaign: str, member: str, source: str) -> str | None:
    """Give a member a coupon that he earned elsewhere, once per source; None: there is none.

    Claim limits are for who helps himself; what was bought is given whatever they say.
    """

    async def work(w: Writing) -> str | None:
        if row := await w.fetch(sql.COUPON_OF_SOURCE, source):
            return str(row[0][0])
        known = await for_coupons(w, campaign)
        rule = await rule_in(w, campaign, known.version)
        return await _give(w, campaign, rule, member, source, desk.now())

    return await desk.atomically(work)


async def take_coupon(
    desk: Desk, typed: str, who: Claimer, wrong_per_day: int, language: Language
) -> Coupon:
    """Put the coupon of a code into a member's wallet: one that is nobody's, or transferable.

    Raises:
        BadCode: The check letter is not right; nothing was looked up.
        NoCoupon: There is none for this member.
        TooManyWrongCodes: Too many tries today.
    """
    code, now = folded(typed), desk.now()
    if not code or (len(code) == LETTERS and not is_right(code)):
        raise BadCode("This code has a typing error.", field="code", next_step="Type it again.")
    row = await desk.one_as(CouponState, sql.COUPON, code)
    if row is None or row.uses != 1 or row.state != "open":
        await _wrong(desk, who, code, wrong_per_day)
        raise NoCoupon("There is no such coupon.", field="code", next_step="Check the code.")

    async def work(w: Writing) -> Rule:
        known = await for_coupons(w, row.campaign)
        rule = await rule_in(w, row.campaign, known.version)
        if row.member == who.member:
            return rule
        if row.member is not None and rule.claiming.transferable == "no":
            raise NoCoupon("There is no such coupon.", field="code", next_step="Check the code.")
        left = await w.fetch(sql.AVAILABLE, [coupon_account(row.id)])
        if left and int(str(left[0][1])) < 1:
            raise CouponGone("The coupon was used, or an unpaid order holds it.")
        first = row.member is None
        begins, ends = _times(rule, now) if first else (row.valid_from_at, row.expires_at)
        if row.expires_at is not None:
            ends = min(ends, row.expires_at) if ends else row.expires_at
        taken = await w.execute(
            sql.TAKE_COUPON, row.id, who.member, now, begins, ends, row.member or ""
        )
        if not taken:
            raise CouponGone("Somebody else took it.", next_step="Ask whoever gave it to you.")
        return rule

    rule = await desk.atomically(work)
    return await coupon_of(desk, row.id, rule, language)


class CouponState(msgspec.Struct, frozen=True):
    """A coupon as it is stored, with its state."""

    id: str
    code: str
    campaign: str
    uses: int
    member: str | None
    valid_from_at: datetime | None
    expires_at: datetime | None
    state: str


async def _wrong(desk: Desk, who: Claimer, code: str, per_day: int) -> None:
    """Count a wrong code; too many of them end the guessing."""
    now = desk.now()
    day = f"{now.astimezone(who.zone):%Y-%m-%d}"
    account = account_of("wrong", who.member, day)
    key = f"wrong:{who.member}:{day}:{_hashed(code)}"
    effects: list[DeskEffect] = [
        Open(account=account, unit="use", key=f"open:{account}", balance=per_day),
        Debit(account=account, amount=1, key=key, reason="a wrong code"),
    ]

    async def work(w: Writing) -> None:
        await w.apply(effects)

    try:
        await desk.atomically(work)
    except NotEnough as short:
        raise TooManyWrongCodes(
            "Too many codes were wrong today.", next_step="Try again tomorrow."
        ) from short


def _check_open(known: Campaign, rule: Rule, now: datetime) -> None:
    if known.status != "on" or rule.claiming.open_to_all == "no":
        raise CampaignOver("Coupons of this campaign cannot be claimed.")
    if (rule.starts_at and now < rule.starts_at) or (rule.ends_at and now >= rule.ends_at):
        raise CampaignOver("This is not the campaign's time.")


def _claim_effects(
    campaign: str, rule: Rule, who: Claimer, source: str, now: datetime
) -> list[DeskEffect]:
    """Take from every account that limits claiming."""
    day = f"{now.astimezone(who.zone):%Y-%m-%d}"
    claiming, member = rule.claiming, who.member
    device = _hashed(who.device) if who.device else ""
    counted: list[tuple[int | None, str]] = [
        (claiming.supply, account_of(campaign, "supply")),
        (claiming.per_member, account_of(campaign, "claims", member)),
        (claiming.per_member_day, account_of(campaign, "claims", member, day)),
        (who.per_member_day, account_of("all", "claims", member, day)),
    ]
    if device:
        counted.append((claiming.per_device_day, account_of(campaign, "device", device, day)))
        counted.append((who.per_device_day, account_of("all", "device", device, day)))
    effects: list[DeskEffect] = []
    for limit, account in counted:
        if limit is not None:
            effects.append(
                Open(account=account, unit="use", key=f"open:{account}:{source}", balance=limit)
            )
            effects.append(
                Debit(account=account, amount=1, key=f"{source}:{account}", reason="claimed")
            )
    data: dict[str, str | int | None] = {"campaign": campaign, "member": member}
    effects.append(
        Event(name="promotions.coupon_claimed", data=data, key=source, subject=campaign)
    )
    return effects


def _which_limit(account: str) -> str:
    kind = account.split(":")
    if "supply" in kind:
        return "All coupons of this campaign are claimed."
    if "device" in kind:
        return "This device has claimed as many coupons as it may today."
    return "You have claimed as many of these coupons as you may."


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


async def _give(
    w: Writing, campaign: str, rule: Rule, member: str, source: str, now: datetime
) -> str:
    """Write a member's coupon down; gives its id."""
    coupon = new_id()
    begins, ends = _times(rule, now)
    row = (coupon, new_code(), campaign, "", member, member, "open", 1, source,
           begins, ends, now, now)  # fmt: skip
    await w.insert(CouponTable, COLUMNS, [row])
    return coupon


def _times(rule: Rule, now: datetime) -> tuple[datetime | None, datetime | None]:
    """From when to when a coupon is good that comes to somebody now."""
    begins = now + timedelta(hours=rule.claiming.from_hours)
    hours = rule.claiming.valid_hours
    ends = begins + timedelta(hours=hours) if hours is not None else None
    if rule.ends_at is not None:
        ends = min(ends, rule.ends_at) if ends else rule.ends_at
    return (begins if rule.claiming.from_hours else None), ends


async def coupon_of(desk: Desk, coupon: str, rule: Rule, language: Language) -> Coupon:
    """One coupon as its holder sees it."""
    (row,) = await desk.fetch(sql.ONE_COUPON, coupon)
    return _shown(list(row), rule, str(row[8]), int(str(row[7])), desk.now(), language)


async def wallet(
    desk: Desk, member: str, before: str, limit: int, language: Language
) -> list[Coupon]:
    """A member's coupons, the youngest first."""
    rows = await desk.fetch(sql.WALLET, member, before, limit)
    return [
        _shown(
            list(row), _decode(str(row[9])), str(row[8]), int(str(row[7])), desk.now(), language
        )
        for row in rows
    ]


_decode = msgspec.json.Decoder(Rule).decode


def _shown(
    row: list[object], rule: Rule, status: str, left: int, now: datetime, language: Language
) -> Coupon:
    begins, ends = row[5], row[6]
    state: Literal["good", "early", "used", "ended", "stopped"] = "good"
    if row[3] and left < 1:
        state = "used"
    elif status == "stopped":
        state = "stopped"
    elif isinstance(ends, datetime) and ends <= now:
        state = "ended"
    elif isinstance(begins, datetime) and begins > now:
        state = "early"
    return Coupon(
        id=str(row[0]),
        code=shown(str(row[1])),
        campaign=str(row[2]),
        reason=reason_of(rule, language),
        state=state,
        valid_from_at=begins if isinstance(begins, datetime) else None,
        expires_at=ends if isinstance(ends, datetime) else None,
    )

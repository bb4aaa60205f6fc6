"""A campaign's life: made, changed by new versions, started, stopped; who and when is kept."""

from datetime import datetime
from typing import Literal

import msgspec

from jishi.effects import Credit, Debit, DeskEffect, Open
from jishi.identifiers import new_id
from jishi.plugins import Desk, Writing
from jishi.problems import Invalid
from jishi_promotions import sql
from jishi_promotions.limits import account_of
from jishi_promotions.load import rule_of_text
from jishi_promotions.problems import CampaignMoved, CampaignOver, LimitFixed, NoCampaign
from jishi_promotions.structs import Rule


class Campaign(msgspec.Struct, frozen=True):
    """A campaign as it is kept.

    Attributes:
        id: The campaign's id.
        title: Of its present version.
        trigger: ``automatic`` or ``coupon``; it never changes.
        status: ``draft``, ``on`` or ``stopped``.
        version: The number of the version that counts.
        started_by: Who started it; empty before.
        started_at: UTC, None before.
        stopped_by: Who stopped it; empty while it is not.
        stopped_at: UTC, None while it is not.
        stop_reason: In the words of whoever stopped it.
        made_by: Who made it.
        created_at: UTC.
    """

    id: str
    title: str
    trigger: Literal["automatic", "coupon"]
    status: Literal["draft", "on", "stopped"]
    version: int
    started_by: str
    started_at: datetime | None
    stopped_by: str
    stopped_at: datetime | None
    stop_reason: str
    made_by: str
    created_at: datetime


class Event(msgspec.Struct, frozen=True):
    """One step of a campaign's life.

    Attributes:
        step: ``made``, ``changed``, ``started``, ``stopped``, ``codes_issued`` …
        actor: ``staff:<id>``.
        detail: One sentence; may be empty.
        happened_at: UTC.
    """

    step: str
    actor: str
    detail: str
    happened_at: datetime


async def make_campaign(desk: Desk, rule: Rule, actor: str) -> Campaign:
    """Write a campaign down, as a draft that gives nobody anything."""
    check_rule(rule)
    campaign, now = new_id(), desk.now()

    async def work(w: Writing) -> Campaign:
        await w.execute(sql.ADD_CAMPAIGN, campaign, rule.title, rule.trigger, actor, now)
        await w.execute(sql.ADD_VERSION, campaign, 1, text_of(rule), actor, now)
        await note(w, campaign, "made", actor, rule.title, now)
        return await campaign_in(w, campaign)

    return await desk.atomically(work)


async def change_campaign(
    desk: Desk, campaign: str, version: int, rule: Rule, actor: str
) -> Campaign:
    """Give a campaign a new version; orders that were placed before keep theirs.

    Args:
        desk: The plugin's.
        campaign: The campaign's id.
        version: The version that the change is based on.
        rule: The whole new rule.
        actor: Who changes it.

    Raises:
        CampaignMoved: Somebody else was faster.
        CampaignOver: It is stopped: that is for ever.
        LimitFixed: A limit would change that may not.
    """
    check_rule(rule)
    now = desk.now()

    async def work(w: Writing) -> Campaign:
        known = await campaign_in(w, campaign)
        if known.status == "stopped":
            raise CampaignOver("It was stopped.", next_step="Make another campaign.")
        if known.version != version:
            raise _moved(known)
        before = await rule_in(w, campaign, version)
        if known.status == "on":
            check_change(before, rule)
        elif rule.trigger != before.trigger:
            raise LimitFixed("A campaign keeps its trigger.", field="trigger")
        number = version + 1
        if not await w.execute(sql.SUPERSEDE, campaign, version, number, rule.title):
            raise _moved(known)
        await w.execute(sql.ADD_VERSION, campaign, number, text_of(rule), actor, now)
        await note(w, campaign, "changed", actor, f"version {number}", now)
        if known.status == "on":
            effects = _difference(campaign, number, before, rule)
            if effects:
                await w.apply(effects, owner=campaign)
            await w.execute(sql.MOVE)
        return await campaign_in(w, campaign)

    return await desk.atomically(work)


async def start_campaign(desk: Desk, campaign: str, actor: str) -> Campaign:
    """Switch a campaign on; it holds from ``starts_at`` on, or at once. Twice is once."""
    now = desk.now()

    async def work(w: Writing) -> Campaign:
        known = await campaign_in(w, campaign)
        if known.status == "stopped":
            raise CampaignOver("It was stopped.", next_step="Make another campaign.")
        if not await w.execute(sql.START, campaign, actor, now):
            return await campaign_in(w, campaign)
        rule = await rule_in(w, campaign, known.version)
        if effects := _openings(campaign, rule):
            await w.apply(effects, owner=campaign)
        await note(w, campaign, "started", actor, "", now)
        await w.execute(sql.MOVE)
        return await campaign_in(w, campaign)

    return await desk.atomically(work)


async def stop_campaign(desk: Desk, campaign: str, actor: str, reason: str) -> Campaign:
    """Switch a campaign off for ever: nobody new gets it, orders placed before keep it."""
    now = desk.now()

    async def work(w: Writing) -> Campaign:
        await campaign_in(w, campaign)
        if await w.execute(sql.STOP, campaign, actor, now, reason):
            await note(w, campaign, "stopped", actor, reason, now)
            await w.execute(sql.MOVE)
        return await campaign_in(w, campaign)

    return await desk.atomically(work)


async def keep_collection(desk: Desk, name: str, products: list[str], actor: str) -> None:
    """Say which products a collection holds; rules that name it follow at once."""
    now, text = desk.now(), msgspec.json.encode(sorted(set(products))).decode()

    async def work(w: Writing) -> None:
        await w.execute(sql.KEEP_COLLECTION, name, text, now)
        await note(w, f"collection:{name}", "changed", actor, f"{len(products)} products", now)
        await w.execute(sql.MOVE)

    await desk.atomically(work)


async def campaign_in(reader: Desk | Writing, campaign: str) -> Campaign:
    """A campaign.

    Raises:
        NoCampaign: There is none with this id.
    """
    rows = await reader.fetch(sql.CAMPAIGN, campaign)
    if not rows:
        raise NoCampaign(f"There is no campaign {campaign!r}.")
    return Campaign(*rows[0])  # type: ignore[arg-type]  # the columns are in the fields' order


async def rule_in(reader: Desk | Writing, campaign: str, number: int) -> Rule:
    """One version of a campaign."""
    rows = await reader.fetch(sql.RULE, campaign, number)
    if not rows:
        raise NoCampaign(f"The campaign {campaign!r} has no version {number}.")
    return rule_of_text(str(rows[0][0]))


async def note(
    w: Writing, campaign: str, step: str, actor: str, detail: str, now: datetime
) -> None:
    """Write down who did what."""
    await w.execute(sql.NOTE, new_id(), campaign, step, actor, detail, now)


def text_of(rule: Rule) -> str:
    """A rule as it is stored."""
    return msgspec.json.encode(rule).decode()


def check_rule(rule: Rule) -> None:
    """Refuse what can never hold.

    Raises:
        Invalid: It ends before it begins.
    """
    if rule.starts_at is not None and rule.ends_at is not None and rule.ends_at <= rule.starts_at:
        raise Invalid("It ends before it begins.", field="ends_at")


def check_change(before: Rule, after: Rule) -> None:
    """Refuse what would make the counting of a running campaign untrue.

    Raises:
        LimitFixed: It names the limit.
    """
    if before.trigger != after.trigger:
        raise LimitFixed("A campaign keeps its trigger.", field="trigger")
    for name in ("per_day", "per_member", "per_member_day"):
        if getattr(before.limits, name) != getattr(after.limits, name):
            raise _fixed(name)
    for name in ("total", "budget"):
        if (getattr(before.limits, name) is None) != (getattr(after.limits, name) is None):
            raise _fixed(name)


def _fixed(name: str) -> LimitFixed:
    return LimitFixed(
        f"The limit {name} of a running campaign cannot change like this: what was used so far is "
        "counted against it.",
        field=f"limits.{name}",
        next_step="Stop this campaign and start another; total and budget may be raised or "
        "lowered.",
    )


def _moved(known: Campaign) -> CampaignMoved:
    return CampaignMoved(
        f"It is at version {known.version}.",
        field="version",
        next_step="Look at it again, then change it.",
        version=known.version,
    )


_COUNTED = (("total", "uses", "use"), ("budget", "budget", "fen"))


def _openings(campaign: str, rule: Rule) -> list[DeskEffect]:
    """The accounts of a campaign, made with their limits when it starts."""
    return [
        Open(
            account=account_of(campaign, name),
            unit=unit,
            key=f"{campaign}:open:{name}",
            floor=-limit,
        )
        for field, name, unit in _COUNTED
        if (limit := getattr(rule.limits, field)) is not None
    ]


def _difference(campaign: str, number: int, before: Rule, after: Rule) -> list[DeskEffect]:
    """What a raised or lowered limit changes; below what is used already it cannot go."""
    effects: list[DeskEffect] = []
    for field, name, _ in _COUNTED:
        old, new = getattr(before.limits, field), getattr(after.limits, field)
        account, key = account_of(campaign, name), f"{campaign}:{number}:{name}"
        if old is None or new is None or new == old:
            continue
        if new > old:
            effects.append(
                Credit(account=account, amount=new - old, key=key, reason="the limit was raised")
            )
        else:
            effects.append(
                Debit(account=account, amount=old - new, key=key, reason="the limit was lowered")
            )
    return effects

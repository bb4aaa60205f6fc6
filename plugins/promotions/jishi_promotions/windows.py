"""When a rule holds: from when to when, and in which hours of the week."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from jishi_promotions.structs import Hours, Rule


def holds_at(rule: Rule, at: datetime, zone: tzinfo) -> bool:
    """Whether a rule holds at a moment.

    Args:
        rule: The rule; its beginning is inside, its end outside.
        at: The moment, UTC.
        zone: Where the shop's hours are counted.
    """
    if rule.starts_at is not None and at < rule.starts_at:
        return False
    if rule.ends_at is not None and at >= rule.ends_at:
        return False
    return not rule.hours or in_hours(rule.hours, at.astimezone(zone))


def in_hours(hours: Sequence[Hours], local: datetime) -> bool:
    """Whether a local moment lies in one of these hours of the week."""
    day, minute = local.isoweekday(), local.hour * 60 + local.minute
    return any(_covers(each, day, minute) for each in hours)


def _covers(hours: Hours, day: int, minute: int) -> bool:
    begins, ends = _minutes(hours.begins), _minutes(hours.ends)
    if begins < ends:
        return day in hours.days and begins <= minute < ends
    yesterday = day - 1 or 7  # past midnight it is still the evening before
    return (day in hours.days and minute >= begins) or (yesterday in hours.days and minute < ends)


def _minutes(clock: str) -> int:
    hour, _, minute = clock.partition(":")
    return int(hour) * 60 + int(minute)

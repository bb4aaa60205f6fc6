"""When points end: pure, in days of the shop's time zone."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from jishi_loyalty.settings import LoyaltySettings


def expires_at(
    settings: LoyaltySettings, available_at: datetime, zone: ZoneInfo
) -> datetime | None:
    """The moment from which a lot cannot be spent: the midnight after its last day, UTC.

    Args:
        settings: With the policy.
        available_at: When the lot could first be spent, UTC.
        zone: Where the shop's days begin.

    Returns:
        None for points without an end. Points that become available after a fixed last day end
        at once.
    """
    day = available_at.astimezone(zone).date()
    match settings.expiry:
        case "never":
            return None
        case "fixed":
            assert settings.expiry_day is not None  # noqa: S101 the settings were checked
            return midnight_after(settings.expiry_day, zone)
        case "rolling":
            return midnight_after(months_later(day, settings.expiry_months), zone)
        case "end_of_next_year":
            return midnight_after(date(day.year + 1, 12, 31), zone)


def midnight_after(day: date, zone: ZoneInfo) -> datetime:
    """The end of a day in the shop's time zone, as UTC."""
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def day_start(now: datetime, zone: ZoneInfo) -> datetime:
    """The midnight with which the shop's present day began, as UTC."""
    return datetime.combine(now.astimezone(zone).date(), time(), zone).astimezone(UTC)


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day (31 January + 1: 28 February)."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))

"""A member says his birthday once, and is given points on it every year."""

from datetime import date, datetime, timedelta
from typing import Annotated

import msgspec

from jishi.membership import ids_in_sql
from jishi.plugins import Writing
from jishi_loyalty import sql
from jishi_loyalty.grant_points import Grant, grant_points
from jishi_loyalty.problems import BirthdayKnown
from jishi_loyalty.purses import Known, known, lock_member, survivor
from jishi_loyalty.recount_tier import tier_of
from jishi_loyalty.scheme import Scheme

_PAGE = 500

_CELEBRATED = f"""
SELECT id FROM loyalty_grants
WHERE member_id IN {ids_in_sql("$1")} AND reason = 'birthday' AND granted_at > $2
"""  # noqa: S608 our own columns


class Birthday(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A day of the year, without the year.

    Attributes:
        month: 1 to 12.
        day: 1 to 31.
    """

    month: Annotated[int, msgspec.Meta(ge=1, le=12)]
    day: Annotated[int, msgspec.Meta(ge=1, le=31)]


async def say_birthday(scheme: Scheme, member: str, birthday: Birthday) -> None:
    """Note a birthday; a second time is refused, else every day would be one.

    Raises:
        BirthdayKnown: It was said before; staff can change it.
        ValueError: There is no such day.
    """
    text = date(2000, birthday.month, birthday.day).strftime("%m-%d")
    member = await survivor(scheme.desk, member)

    async def work(w: Writing) -> None:
        found = await lock_member(w, member, scheme.now())
        if found.birthday not in ("", text):
            raise BirthdayKnown("The birthday was said before.", next_step="Ask the shop.")
        await w.execute(sql.SET_BIRTHDAY, member, text)

    await scheme.desk.atomically(work)


async def give_birthday_points(scheme: Scheme) -> int:
    """Give points to everybody whose birthday is today or was in the last week, once a year.

    Returns:
        How many members were looked at.
    """
    if not any(tier.birthday_points for tier in scheme.settings.tiers):
        return 0
    today = scheme.now().astimezone(scheme.zone).date()
    days = {text: day for back in range(7) for text, day in _texts(today - timedelta(days=back))}
    done, last = 0, ""
    while rows := await scheme.desk.fetch(sql.BORN, sorted(days), last, _PAGE):
        for row in rows:
            born = known(row)
            await _give(scheme, born, days[born.birthday])
        done, last = done + len(rows), str(rows[-1][0])
    return done


def _texts(day: date) -> list[tuple[str, date]]:
    """The birthdays that are celebrated on a day; 29 February is on 28 when there is none."""
    texts = [(day.strftime("%m-%d"), day)]
    if texts[0][0] == "02-28" and (day + timedelta(days=1)).day == 1:
        texts.append(("02-29", day))
    return texts


async def _give(scheme: Scheme, born: Known, day: date) -> None:
    now: datetime = scheme.now()
    tier = scheme.settings.tier(tier_of(scheme.settings, born, now))
    if tier is None or not tier.birthday_points:
        return
    grant = Grant(
        member=born.id,
        points=tier.birthday_points,
        source="birthday",
        reason="birthday",
        actor="schedule",
        # The day's own year, so that a late run gives for last week and never twice.
        key=f"birthday:{born.id}:{day.year}",
    )
    existing = await scheme.desk.fetch(
        _CELEBRATED,
        born.id,
        now - timedelta(days=300),
    )
    if not existing:
        await grant_points(scheme, grant)

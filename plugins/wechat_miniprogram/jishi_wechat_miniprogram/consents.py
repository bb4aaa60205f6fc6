"""How many messages of a template a member still wants: WeChat allows one for each yes."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from jishi.identifiers import new_id
from jishi.plugins import Desk, Writing

MOST = 50
"""Consents that are counted; nobody says yes more often before a message comes."""

_ADD = (
    "INSERT INTO wechat_miniprogram_consents "
    "(id, member, app, template, remaining, changed_at) VALUES ($1, $2, $3, $4, 1, $5) "
    "ON CONFLICT (member, app, template) DO UPDATE SET changed_at = excluded.changed_at, "
    "remaining = CASE WHEN wechat_miniprogram_consents.remaining < $6 "
    "THEN wechat_miniprogram_consents.remaining + 1 "
    "ELSE wechat_miniprogram_consents.remaining END"
)
_TAKE = (
    "UPDATE wechat_miniprogram_consents SET remaining = remaining - 1, changed_at = $4 "
    "WHERE member = $1 AND app = $2 AND template = $3 AND remaining > 0"
)
_END = (
    "UPDATE wechat_miniprogram_consents SET remaining = 0, changed_at = $4 "
    "WHERE member = $1 AND app = $2 AND template = $3"
)
_OF = (
    "SELECT template, remaining FROM wechat_miniprogram_consents "
    "WHERE member = $1 AND app = $2 ORDER BY template"
)


class Consent(msgspec.Struct, frozen=True):
    """How many messages of a template may still be sent."""

    template: str
    remaining: int


async def consents_of(desk: Desk, member: str, app: str) -> list[Consent]:
    """What a member agreed to in a mini program."""
    return await desk.fetch_as(Consent, _OF, member, app)


async def add_consents(desk: Desk, member: str, app: str, templates: Sequence[str]) -> None:
    """Count a yes to one more message of each template."""

    async def work(tx: Writing) -> None:
        for template in sorted(set(templates)):
            await add_consent(tx, member, app, template, desk.now())

    await desk.atomically(work)


async def take_consent(tx: Writing, member: str, app: str, template: str, now: datetime) -> bool:
    """Use one yes up; False when there is none."""
    return await tx.execute(_TAKE, member, app, template, now) == 1


async def add_consent(tx: Writing, member: str, app: str, template: str, now: datetime) -> None:
    """Count one yes: a new one, or one that was taken and not used."""
    await tx.execute(_ADD, new_id(), member, app, template, now, MOST)


async def end_consent(tx: Writing, member: str, app: str, template: str, now: datetime) -> None:
    """The member said no to WeChat; what was counted means nothing."""
    await tx.execute(_END, member, app, template, now)

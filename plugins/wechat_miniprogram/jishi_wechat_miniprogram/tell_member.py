"""Tell a member of an event by a subscribe message: once, whatever crashes, never twice.

What was begun and whose outcome nobody knows is not sent again: a message too few is better than
one too many, for the second one nobody has agreed to.
"""

import hashlib
from collections.abc import Mapping
from itertools import product
from typing import Literal

import msgspec

from jishi.membership import load_member, member_ids
from jishi.plugins import Writing
from jishi.problems import NotFound
from jishi_wechat_miniprogram import calls
from jishi_wechat_miniprogram.account import Account
from jishi_wechat_miniprogram.consents import add_consent, end_consent, take_consent
from jishi_wechat_miniprogram.problems import Busy, NotReached, OutcomeUnknown, Refused
from jishi_wechat_miniprogram.settings import AppSettings, MessageSettings
from jishi_wechat_miniprogram.values import DoesNotFit
from jishi_wechat_miniprogram.wording import values_of, worded

NOT_WANTED = 43101
"""The user took his consent back."""

State = Literal["waiting", "sending", "sent", "refused", "unknown", "no_consent", "no_fit"]

_NOTE = (
    "INSERT INTO wechat_miniprogram_messages "
    "(id, event, member, app, template, state, code, noted_at) "
    "VALUES ($1, $2, $3, $4, $5, 'waiting', 0, $6) ON CONFLICT DO NOTHING"
)
_STATE = "SELECT state FROM wechat_miniprogram_messages WHERE id = $1"
_MOVE = (
    "UPDATE wechat_miniprogram_messages SET state = $3, code = $4, app = $5, noted_at = $6 "
    "WHERE id = $1 AND state = $2"
)


class News(msgspec.Struct, frozen=True, kw_only=True):
    """What a member is to be told.

    Attributes:
        event: The event's name.
        key: Told once per key and member.
        member: The member's id.
        channel: The channel whose mini program is asked first; may be empty.
        words: For the template.
    """

    event: str
    key: str
    member: str
    channel: str
    words: Mapping[str, str]


class Mailing(msgspec.Struct, frozen=True, kw_only=True):
    """A message that may be sent now: to whom, from which app; its consent is taken."""

    id: str
    member: str
    app: AppSettings
    openid: str
    template: str


async def tell_member(account: Account, news: News) -> State:
    """Send the message that the merchant wrote for an event.

    Returns:
        What became of it; a repeat gives what became of it the first time.

    Raises:
        Busy: WeChat has no time, nothing was sent; the job comes again.
        NotReached: The same.
    """
    told = account.settings.messages[news.event]
    try:
        values = values_of(told.values, news.words)
        page = worded(told.page, news.words)
    except DoesNotFit as error:
        account.desk.log.error("message_does_not_fit", event_name=news.event, why=str(error))
        return await _end(account, news, told, "no_fit")
    begun = await _begin(account, news, told)
    if not isinstance(begun, Mailing):
        return begun
    message = calls.message_of(begun.openid, told.template, values, page, begun.app.state)
    return await _send(account, begun, message)


async def _begin(account: Account, news: News, told: MessageSettings) -> Mailing | State:
    """Take a consent and note that it is being sent, or say why not."""
    people = await _openids(account, news)
    ids = await member_ids(account.shop.database, news.member)
    now, message_id = account.desk.now(), _id_of(news)

    async def work(tx: Writing) -> Mailing | State:
        await tx.execute(_NOTE, message_id, news.event, news.member, "", told.template, now)
        state = await _state(tx, message_id)
        if state == "sending":  # whoever began this is gone
            await tx.execute(_MOVE, message_id, "sending", "unknown", 0, "", now)
            return "unknown"
        if state != "waiting":
            return state
        for (app, openid), member in product(people, ids):
            if await take_consent(tx, member, app.appid, told.template, now):
                await tx.execute(_MOVE, message_id, "waiting", "sending", 0, app.appid, now)
                return Mailing(
                    id=message_id,
                    member=member,
                    app=app,
                    openid=openid,
                    template=told.template,
                )
        await tx.execute(_MOVE, message_id, "waiting", "no_consent", 0, "", now)
        return "no_consent"

    return await account.desk.atomically(work)


async def _send(account: Account, mailing: Mailing, message: calls.SubscribeMessage) -> State:
    try:
        await calls.send_message(account.client(mailing.app.appid), message)
    except (Busy, NotReached):
        await _settle(account, mailing, "waiting", 0)
        raise
    except OutcomeUnknown:
        return await _settle(account, mailing, "unknown", 0)
    except Refused as refused:
        account.desk.log.warning("message_refused", code=refused.code, template=mailing.template)
        return await _settle(account, mailing, "refused", refused.code)
    return await _settle(account, mailing, "sent", 0)


async def _settle(account: Account, mailing: Mailing, state: State, code: int) -> State:
    """Write down what became of a message, and what that means for the consent."""
    now = account.desk.now()
    consent = (mailing.member, mailing.app.appid, mailing.template, now)

    async def work(tx: Writing) -> None:
        await tx.execute(_MOVE, mailing.id, "sending", state, code, mailing.app.appid, now)
        if code == NOT_WANTED:
            await end_consent(tx, *consent)
        elif state in ("waiting", "refused"):
            await add_consent(tx, *consent)

    await account.desk.atomically(work)
    return state


async def _end(account: Account, news: News, told: MessageSettings, state: State) -> State:
    now, message_id = account.desk.now(), _id_of(news)

    async def work(tx: Writing) -> State:
        await tx.execute(_NOTE, message_id, news.event, news.member, "", told.template, now)
        await tx.execute(_MOVE, message_id, "waiting", state, 0, "", now)
        return await _state(tx, message_id)

    return await account.desk.atomically(work)


async def _state(tx: Writing, message_id: str) -> State:
    [(state,)] = await tx.fetch(_STATE, message_id)
    known: State = msgspec.convert(state, State)
    return known


async def _openids(account: Account, news: News) -> list[tuple[AppSettings, str]]:
    """The mini programs in which a member is known, that of the channel first."""
    try:
        member = await load_member(account.shop.database, news.member)
    except NotFound:
        return []
    known = {one.issuer: one.value for one in member.identities if one.kind == "wechat_openid"}
    apps = dict(sorted(account.settings.apps.items(), key=lambda each: each[0] != news.channel))
    return [(app, known[app.appid]) for app in apps.values() if app.appid in known]


def _id_of(news: News) -> str:
    return hashlib.sha256(f"{news.event}\n{news.key}\n{news.member}".encode()).hexdigest()

"""Consents as WeChat itself pushes them: what users answered, and what they took back later.

Source: WeChat's documentation for mini programs, 订阅消息/事件推送.
"""

import msgspec

from jishi.membership import Identity, Said, resolve
from jishi.plugins import Writing
from jishi_wechat_miniprogram.account import Account
from jishi_wechat_miniprogram.consents import add_consent, end_consent
from jishi_wechat_miniprogram.push import Pushed

ANSWERED, CHANGED = "subscribe_msg_popup_event", "subscribe_msg_change_event"
EVENTS = frozenset({ANSWERED, CHANGED})


class Spoken(msgspec.Struct, frozen=True):
    """What a user said about one template."""

    template: str = msgspec.field(name="TemplateId")
    status: str = msgspec.field(name="SubscribeStatusString")


class _Body(msgspec.Struct, frozen=True):
    openid: str = msgspec.field(name="FromUserName")
    said: list[Spoken] | Spoken = msgspec.field(name="List")


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """What a member answered.

    Attributes:
        member: The member.
        app: The mini program.
        accepted: Templates he wants one more message of.
        refused: Templates he wants none of any more.
    """

    member: str
    app: str
    accepted: tuple[str, ...]
    refused: tuple[str, ...]


async def answers_in(account: Account, appid: str, pushed: Pushed) -> Answers | None:
    """What a push says about consents; None when it concerns nobody and nothing of the shop's."""
    if pushed.event not in EVENTS or account.settings.consents != "push":
        return None
    try:
        body = msgspec.json.decode(pushed.body, type=_Body)
    except msgspec.MsgspecError:
        return None
    openid = Identity(kind="wechat_openid", value=body.openid, issuer=appid)
    matches = await resolve(account.shop, Said(proved=(openid,)))
    if not matches or matches[0].likeness.certainty != "certain":
        return None
    known = {each.template for each in account.settings.messages.values()}
    listed = body.said if isinstance(body.said, list) else [body.said]
    said = [each for each in listed if each.template in known]
    return Answers(
        member=matches[0].member,
        app=appid,
        accepted=tuple(
            each.template for each in said if (pushed.event, each.status) == (ANSWERED, "accept")
        ),
        refused=tuple(
            each.template for each in said if (pushed.event, each.status) == (CHANGED, "reject")
        ),
    )


async def count_answers(tx: Writing, account: Account, answers: Answers) -> None:
    """Count a yes once more, and forget those that were taken back."""
    now = account.desk.now()
    for template in sorted(answers.accepted):
        await add_consent(tx, answers.member, answers.app, template, now)
    for template in sorted(answers.refused):
        await end_consent(tx, answers.member, answers.app, template, now)

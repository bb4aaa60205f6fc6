"""Log in with what ``wx.login`` gave: WeChat says who it is, the core gives a token."""

from collections.abc import Sequence

from jishi.callers import Caller
from jishi.db import Transaction
from jishi.membership import Adopter, Also, Identity, LoggedIn, enter
from jishi.problems import Forbidden
from jishi_wechat_miniprogram import calls
from jishi_wechat_miniprogram.account import SOURCE, Account
from jishi_wechat_miniprogram.problems import (
    Busy,
    CodeRefused,
    MiniProgramProblem,
    Refused,
    WechatSilent,
)
from jishi_wechat_miniprogram.settings import AppSettings

RISKY = 40226
"""WeChat blocks this user for the sake of everybody else."""


async def log_in(
    account: Account,
    app: AppSettings,
    code: str,
    caller: Caller,
    name: str,
    adopters: Sequence[Adopter],
) -> LoggedIn:
    """Log in whoever opened the mini program; the first login joins.

    Args:
        account: The plugin's.
        app: The mini program that was opened.
        code: From ``wx.login``; it serves once, for five minutes.
        caller: Who asks; what a guest has becomes the member's.
        name: For a new member.
        adopters: Rooms that keep things for guests.

    Raises:
        CodeRefused: WeChat does not take the code.
        Forbidden: WeChat blocks the user.
        WechatSilent: WeChat does not answer.
    """
    session = await _session(account, app, code)
    shop = account.shop
    openid = Identity(kind="wechat_openid", value=session.openid, issuer=app.appid)
    unionid = Identity(kind="wechat_unionid", value=session.unionid)
    also = Also(identities=(unionid,) if session.unionid else (), source=SOURCE)

    async def work(tx: Transaction) -> LoggedIn:
        return await enter(tx, shop, openid, caller, name, adopters, also)

    return await shop.database.atomically(work)


async def _session(account: Account, app: AppSettings, code: str) -> calls.Session:
    try:
        return await calls.log_in(account.client(app.appid), code)
    except Busy:
        raise WechatSilent("WeChat has no time.", next_step="Try again in a moment.") from None
    except Refused as refused:
        account.desk.log.info("login_refused", code=refused.code)
        if refused.code == RISKY:
            raise Forbidden("WeChat does not let this user log in.") from None
        raise CodeRefused(
            "WeChat does not take this login code.",
            field="code",
            next_step="Call wx.login again and send the new code.",
        ) from None
    except MiniProgramProblem:
        raise WechatSilent(
            "WeChat does not answer.", next_step="Call wx.login and try again."
        ) from None

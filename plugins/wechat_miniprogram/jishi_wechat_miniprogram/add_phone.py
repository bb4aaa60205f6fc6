"""A member gives his phone number, which WeChat verified, by the button of the mini program."""

from jishi.db import Transaction
from jishi.membership import Identity, attach_proved, identity_of
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


async def phone_of(account: Account, app: AppSettings, code: str) -> Identity:
    """The phone number behind a code of ``getPhoneNumber``; the code serves once.

    Raises:
        CodeRefused: WeChat does not take the code, or gave it to another mini program.
        BadContact: It is no mobile number that this shop can write to.
        WechatSilent: WeChat does not answer.
    """
    try:
        info = await calls.phone_number(account.client(app.appid), code)
    except Busy:
        raise WechatSilent("WeChat has no time.", next_step="Try again in a moment.") from None
    except Refused as refused:
        account.desk.log.info("phone_refused", code=refused.code)
        raise _refused() from None
    except MiniProgramProblem:
        raise WechatSilent(
            "WeChat does not answer.", next_step="Press the button again."
        ) from None
    if info.watermark.appid not in ("", app.appid):
        raise _refused()
    return identity_of(f"+{info.country.lstrip('+')}{info.pure}", None)


def _refused() -> CodeRefused:
    return CodeRefused(
        "WeChat does not take this code.",
        field="code",
        next_step="Press the button again and send the new code.",
    )


async def add_phone(account: Account, app: AppSettings, member: str, code: str) -> None:
    """Recognise a member by the phone number behind a code.

    Raises:
        CodeRefused: WeChat does not take the code, or gave it to another mini program.
        IdentityTaken: The number is another member's.
        BadContact: It is no mobile number that this shop can write to.
        WechatSilent: WeChat does not answer.
    """
    identity, shop = await phone_of(account, app, code), account.shop

    async def work(tx: Transaction) -> None:
        await attach_proved(tx, shop, member, identity, SOURCE)

    await shop.database.atomically(work)

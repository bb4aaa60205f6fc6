"""What to do with a push: note it once, then ask WeChat itself before anything changes.

A push is a hint. In plaintext mode its signature does not even cover what it says, so how a
payment stands is read from WeChat (``get_order``), never from the push.
"""

from contextlib import suppress
from datetime import timedelta

import msgspec

from jishi.orders import OrderNotReady, complete_order
from jishi.plugins import Writing
from jishi_wechat_miniprogram import calls
from jishi_wechat_miniprogram.account import Account
from jishi_wechat_miniprogram.push import Pushed
from jishi_wechat_miniprogram.push_consents import answers_in, count_answers
from jishi_wechat_miniprogram.upload_shipping import upload_shipping

KEPT = timedelta(days=30)
RECEIVED, SETTLED = 3, 4
"""WeChat's order_state."""

ACTS = frozenset({"trade_manage_order_settlement", "trade_manage_remind_shipping"})
"""Events about one payment."""

WARNS = frozenset({"trade_manage_remind_access_api", "wxa_trade_controlled"})
"""Events that a person should know of."""

_NOTE = (
    "INSERT INTO wechat_miniprogram_pushes (id, app, event, arrived_at) "
    "VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
)
_FORGET = "DELETE FROM wechat_miniprogram_pushes WHERE arrived_at < $1"
_PAYMENT = (
    "SELECT order_id FROM payments_attempts WHERE gateway = 'wechat_pay' AND app = $1 "
    "AND transaction_id = $2 AND status = 'paid'"
)
_BEGIN = (
    "INSERT INTO wechat_miniprogram_uploads (id, order_id, app, shipments, state, code) "
    "VALUES ($1, $2, $3, '[]', 'untold', 0) ON CONFLICT DO NOTHING"
)
_REMINDED = "UPDATE wechat_miniprogram_uploads SET reminded_at = $2 WHERE id = $1"
_SETTLED = (
    "UPDATE wechat_miniprogram_uploads SET state = 'settled', settled_at = $2 "
    "WHERE id = $1 AND state <> 'settled'"
)


class About(msgspec.Struct, frozen=True):
    """Which payment a push is about."""

    transaction_id: str = ""


async def take_push(account: Account, appid: str, pushed: Pushed) -> None:
    """Note a push that was proved; a repeat is noted once and leads to one job."""
    try:
        about = msgspec.json.decode(pushed.body, type=About)
    except msgspec.MsgspecError:
        about = About()

    answers = await answers_in(account, appid, pushed)

    async def work(tx: Writing) -> None:
        new = await tx.execute(_NOTE, pushed.id, appid, pushed.event, account.desk.now())
        if new and pushed.event in ACTS and about.transaction_id:
            payload: dict[str, object] = {
                "app": appid,
                "event": pushed.event,
                "transaction": about.transaction_id,
            }
            await tx.enqueue("act_on_push", payload, key=pushed.id)
        if new and answers is not None:
            await count_answers(tx, account, answers)

    await account.desk.atomically(work)
    if pushed.event in WARNS:
        account.desk.log.warning("wechat_warns", app=appid, event_name=pushed.event)


async def act_on_push(account: Account, appid: str, event: str, transaction: str) -> None:
    """Do what a push is about, after asking WeChat how the payment stands.

    Raises:
        MiniProgramProblem: WeChat does not say now; the job comes again.
    """
    rows = await account.desk.fetch(_PAYMENT, appid, transaction)
    if not rows or account.settings.app_called(appid) is None:
        account.desk.log.info("push_about_nothing_of_ours", event_name=event)
        return
    order = str(rows[0][0])
    if event == "trade_manage_remind_shipping":
        await _note_reminder(account, appid, order, transaction)
        await upload_shipping(account, order)
        return
    state = (await calls.find_order(account.client(appid), transaction)).order_state
    if state == SETTLED:
        await _note_settled(account, appid, order, transaction)
    if state in (RECEIVED, SETTLED):
        with suppress(OrderNotReady):  # some of it is still to be shipped, or it is over
            await complete_order(account.shop, order, "gateway:wechat_miniprogram")


async def forget_pushes(account: Account) -> None:
    """Forget pushes that are too old to come again."""

    async def work(tx: Writing) -> None:
        await tx.execute(_FORGET, account.desk.now() - KEPT)

    await account.desk.atomically(work)


async def _note_reminder(account: Account, appid: str, order: str, transaction: str) -> None:
    async def work(tx: Writing) -> None:
        await tx.execute(_BEGIN, transaction, order, appid)
        await tx.execute(_REMINDED, transaction, account.desk.now())

    await account.desk.atomically(work)


async def _note_settled(account: Account, appid: str, order: str, transaction: str) -> None:
    async def work(tx: Writing) -> None:
        await tx.execute(_BEGIN, transaction, order, appid)
        await tx.execute(_SETTLED, transaction, account.desk.now())

    await account.desk.atomically(work)

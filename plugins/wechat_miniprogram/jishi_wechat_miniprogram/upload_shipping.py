"""Tell WeChat what was shipped for an order, until it knows everything; repeats do no harm."""

from datetime import datetime, timedelta

import msgspec

from jishi.orders import Order, find_order, shipments_of
from jishi.payments import Attempt, attempts_of
from jishi.plugins import Writing
from jishi_wechat_miniprogram import calls
from jishi_wechat_miniprogram.account import Account
from jishi_wechat_miniprogram.problems import Busy, Refused, StaleToken
from jishi_wechat_miniprogram.shipping import ByHand, Known, Payment, Plan, plan_upload

GATEWAY = "wechat_pay"
NOT_YET = 10060001
"""WeChat's shipping service does not know the payment; a fresh one takes minutes to arrive."""

AT_WORK = timedelta(minutes=10)

_FIND = "SELECT shipments, state FROM wechat_miniprogram_uploads WHERE id = $1"
_KEEP = (
    "INSERT INTO wechat_miniprogram_uploads "
    "(id, order_id, app, shipments, state, code, uploaded_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO UPDATE SET "
    "shipments = excluded.shipments, code = excluded.code, uploaded_at = excluded.uploaded_at, "
    "state = CASE WHEN wechat_miniprogram_uploads.state = 'settled' "
    "THEN 'settled' ELSE excluded.state END"
)
_BEHIND = (
    "SELECT DISTINCT a.order_id FROM payments_attempts a "
    "JOIN orders_orders o ON o.id = a.order_id "
    "LEFT JOIN wechat_miniprogram_uploads u ON u.id = a.transaction_id "
    "WHERE a.gateway = 'wechat_pay' AND a.status = 'paid' AND a.app = ANY($1) "
    "AND a.captured > a.refunded AND o.shipped_at > $2 AND o.shipped_at < $3 "
    "AND (u.id IS NULL OR u.state IN ('untold', 'partly')) LIMIT 500"
)


class _Kept(msgspec.Struct, frozen=True):
    shipments: str
    state: str


async def upload_shipping(account: Account, order_id: str) -> None:
    """Bring WeChat's knowledge of an order's shipments up to date.

    What WeChat refuses for good is written down for the report; all else comes again.

    Raises:
        MiniProgramProblem: WeChat does not take it now; the job is tried again.
    """
    order = await find_order(account.shop.database, order_id)
    for attempt in await attempts_of(account.shop.database, order_id):
        payment = payment_of(account, attempt)
        if payment is not None:
            await _bring_up_to_date(account, order, attempt, payment)


async def behind(account: Account, since: datetime) -> list[str]:
    """Ids of orders that were shipped and of whose shipments WeChat has not heard everything.

    Those of the last minutes are left out: their own jobs are at work.
    """
    until = account.desk.now() - AT_WORK
    rows = await account.desk.fetch(_BEHIND, list(account.settings.appids), since, until)
    return [str(order) for (order,) in rows]


def payment_of(account: Account, attempt: Attempt) -> Payment | None:
    """The payment that WeChat holds; None for money that came another way or went back."""
    ours = attempt.gateway == GATEWAY and attempt.app in account.settings.appids
    openid = msgspec.json.decode(attempt.payer or "{}", type=dict[str, str]).get("openid", "")
    if not ours or attempt.status != "paid" or attempt.captured <= attempt.refunded:
        return None
    if not attempt.transaction or not openid:
        return None
    return Payment(transaction=attempt.transaction, openid=openid)


async def _bring_up_to_date(
    account: Account, order: Order, attempt: Attempt, payment: Payment
) -> None:
    shipments = await shipments_of(account.shop.database, order.id)
    kept = await account.desk.one_as(_Kept, _FIND, payment.transaction)
    known = _known(kept) if kept is not None else Known()
    for _ in range(len(shipments) + 1):  # each turn tells WeChat of at least one more
        try:
            plan = plan_upload(
                order, shipments, known, payment, account.settings, account.desk.now()
            )
        except ByHand as reason:
            account.desk.log.warning("shipping_by_hand", order=order.id, why=str(reason))
            await _keep(account, order, attempt, known.shipments, "by_hand", 0)
            return
        if plan is None or not await _tell(account, order, attempt, known, plan):
            return
        known = Known(shipments=plan.shipments, closed=plan.is_last)


def _known(kept: _Kept) -> Known:
    shipments = msgspec.json.decode(kept.shipments, type=tuple[str, ...])
    return Known(shipments=shipments, closed=kept.state in ("uploaded", "settled"))


async def _tell(
    account: Account, order: Order, attempt: Attempt, known: Known, plan: Plan
) -> bool:
    """Upload one plan; False when WeChat refuses it for good."""
    try:
        await calls.upload_shipping(account.client(attempt.app), plan.info)
    except (Busy, StaleToken):
        raise
    except Refused as refused:
        if refused.code == NOT_YET:
            raise
        account.desk.log.warning("shipping_refused", order=order.id, code=refused.code)
        await _keep(account, order, attempt, known.shipments, "refused", refused.code)
        return False
    state = "uploaded" if plan.is_last else "partly"
    await _keep(account, order, attempt, plan.shipments, state, 0)
    return True


async def _keep(
    account: Account,
    order: Order,
    attempt: Attempt,
    known: tuple[str, ...],
    state: str,
    code: int,
) -> None:
    shipments, now = msgspec.json.encode(known).decode(), account.desk.now()

    async def work(tx: Writing) -> None:
        row = (attempt.transaction, order.id, attempt.app, shipments, state, code, now)
        await tx.execute(_KEEP, *row)

    await account.desk.atomically(work)

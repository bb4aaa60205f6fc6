"""WeChat Pay as the shop's payments see it: the core's gateway contract over API v3."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

import httpx
import msgspec

from jishi.clock import Clock, SystemClock
from jishi.egress import Reach, open_client
from jishi.payments import (
    Answer,
    GatewayRefused,
    Method,
    Notice,
    NoticeMisplaced,
    NoticeRefused,
    PaymentRef,
    PaymentReport,
    PaymentRequest,
    PaymentStarted,
    RefundReport,
    RefundRequest,
)
from jishi_wechat_pay import calls, messages
from jishi_wechat_pay.account import Account
from jishi_wechat_pay.messages import OrderAmount, OrderRequest, RefundRequestAmount
from jishi_wechat_pay.methods import WAYS, Opening, Way, payer_of, scene_of
from jishi_wechat_pay.problems import (
    NotThere,
    NotTrusted,
    OutcomeUnknown,
    Refused,
    Throttled,
    Unreadable,
)
from jishi_wechat_pay.reports import payment_report, refund_news_report, refund_report, shop_words
from jishi_wechat_pay.settings import WechatPaySettings

BEIJING = timezone(timedelta(hours=8))


_OWN_NETWORKS = (
    "127.0.0.0/8",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "::1/128",
    "fc00::/7",
)


def reach_of(settings: WechatPaySettings) -> Reach:
    """Where the gateway may call: the configured hosts and nobody else.

    A host that the merchant writes with ``http://`` is one of his own (a simulator), and lies in
    a network of his own.
    """
    urls = [httpx.URL(host) for host in settings.hosts]
    plain = any(url.scheme == "http" for url in urls)
    return Reach(
        hosts=tuple(url.raw_host.decode("ascii") for url in urls),
        inside=_OWN_NETWORKS if plain else (),
    )


class WechatGateway:
    """Takes and gives back money through WeChat Pay.

    Args:
        settings: The merchant's account.
        clock: Dates signatures and client parameters.
        http: Another HTTP client than its own; closed with the gateway.
    """

    name = "wechat_pay"
    title = "微信支付"

    def __init__(
        self,
        settings: WechatPaySettings,
        clock: Clock | None = None,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._http = http or open_client(reach_of(settings))
        self._account = Account(settings, self._http, self._clock)

    def methods(self, channel: str) -> tuple[Method, ...]:
        """The ways to pay in a channel, best first."""
        return tuple(WAYS[code].method for code in self._settings.methods_in(channel))

    async def create(self, request: PaymentRequest) -> PaymentStarted:
        """Place the order at WeChat and prepare what the device needs."""
        way = self._way(request)
        appid = self._settings.appid_in(request.channel)
        order = self._order(way, appid, request)
        async with shop_words():
            answer = await calls.place_order(self._account.client, way.kind, order)
        opening = Opening(
            request=request,
            answer=answer,
            appid=appid,
            mchid=order.mchid,
            key=self._account.signer.private_key,
            now=self._clock.now(),
        )
        return PaymentStarted(
            merchant=order.mchid,
            app=appid,
            parameters=way.parameters(opening),
            reference=answer.prepay_id or "",
        )

    async def query(self, payment: PaymentRef) -> PaymentReport:
        """Ask WeChat how a payment stands.

        An order that WeChat does not know counts as waiting: the call that places it may still
        be under way, and nobody can pay it before.
        """
        async with shop_words():
            try:
                found = await calls.query_order(
                    self._account.client, payment.merchant, payment.attempt
                )
            except NotThere:
                return PaymentReport(attempt=payment.attempt, status="waiting")
        return payment_report(found)

    async def close(self, payment: PaymentRef) -> None:
        """Close the order at WeChat; one that is closed or was never placed stays so."""
        async with shop_words():
            try:
                await calls.close_order(self._account.client, payment.merchant, payment.attempt)
            except NotThere:
                return
            except Refused as refused:
                if refused.code != "ORDER_CLOSED":
                    raise

    async def refund(self, request: RefundRequest) -> RefundReport:
        """Give money back.

        WeChat wants a refused refund to be looked up before anything is concluded from it.
        """
        order = messages.RefundRequest(
            out_trade_no=request.payment.attempt,
            out_refund_no=request.refund,
            amount=RefundRequestAmount(
                refund=request.amount, total=request.captured, currency=request.currency
            ),
            notify_url=request.notify_url,
            reason=_cut(request.reason, 80) or None,
        )
        async with shop_words():
            try:
                return refund_report(await calls.request_refund(self._account.client, order))
            except Throttled:
                raise
            except Refused:
                found = await self.query_refund(request.refund, request.payment)
                if found is None or found.amount != request.amount:
                    raise
                return found

    async def query_refund(self, refund: str, payment: PaymentRef) -> RefundReport | None:
        """Ask WeChat how a refund stands; None when WeChat never heard of it."""
        async with shop_words():
            try:
                return refund_report(await calls.query_refund(self._account.client, refund))
            except NotThere:
                return None

    async def read_notice(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:
        """Prove and read a notice.

        Raises:
            NoticeMisplaced: 400, it is WeChat's but makes no sense or is meant for somebody else.
            NoticeRefused: 401 when it is not proved to be WeChat's, 503 when it cannot be judged
                now.
        """
        try:
            notice = await self._account.notices.read(headers, body, now)
        except NotTrusted as error:
            raise NoticeRefused(str(error), 401) from error
        except Unreadable as error:
            raise NoticeMisplaced(str(error)) from error
        except OutcomeUnknown as error:
            raise NoticeRefused("the notice cannot be verified now", 503) from error
        if isinstance(notice.news, messages.Transaction):
            return Notice(id=notice.id, report=payment_report(notice.news))
        return Notice(id=notice.id, report=refund_news_report(notice.news))

    def answer(self, problem: str | None) -> Answer:
        """Nothing for accepted; otherwise WeChat's FAIL, after which it delivers again."""
        if problem is None:
            return Answer(status=204)
        body = msgspec.json.encode({"code": "FAIL", "message": problem})
        return Answer(status=500, body=body)

    async def stop(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def _way(self, request: PaymentRequest) -> Way:
        for code in self._settings.methods_in(request.channel):
            if code == request.method:
                missing = [n for n in WAYS[code].method.needs if not request.payer.get(n)]
                if missing:
                    raise GatewayRefused("PAYER_UNKNOWN", f"{code} needs the payer's {missing[0]}")
                return WAYS[code]
        raise GatewayRefused(
            "METHOD_UNKNOWN", f"{request.method[:40]!r} is not a way to pay in {request.channel}"
        )

    def _order(self, way: Way, appid: str, request: PaymentRequest) -> OrderRequest:
        return OrderRequest(
            appid=appid,
            mchid=self._settings.mchid,
            description=_cut(request.description, 127),
            out_trade_no=request.attempt,
            notify_url=request.notify_url,
            amount=OrderAmount(total=request.amount, currency=request.currency),
            time_expire=request.expires_at.astimezone(BEIJING).isoformat(timespec="seconds"),
            payer=payer_of(way, request),
            scene_info=scene_of(way, request),
        )


def _cut(text: str, most: int) -> str:
    """The beginning of a text that fits in so many bytes, without half a character."""
    return text.encode()[:most].decode(errors="ignore")

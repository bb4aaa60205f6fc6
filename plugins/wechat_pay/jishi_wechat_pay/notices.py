"""Reads WeChat's notices: proves, opens, decodes and checks whom they are for.

Whether amount, currency and order fit is for the shop to say, which knows what it asked for.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Literal

import msgspec

from jishi_wechat_pay.messages import RefundNews, Transaction
from jishi_wechat_pay.problems import NotTrusted, Unreadable
from jishi_wechat_pay.replay import ReplayWindow
from jishi_wechat_pay.resource import Resource, open_resource
from jishi_wechat_pay.signature import Verifier

LARGEST = 64 * 1024
"""Bytes; WeChat's notices have about 1 kB."""

PAYMENT_EVENTS = {"TRANSACTION.SUCCESS": "SUCCESS"}
REFUND_EVENTS = {
    "REFUND.SUCCESS": "SUCCESS",
    "REFUND.ABNORMAL": "ABNORMAL",
    "REFUND.CLOSED": "CLOSED",
}


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """A notice as it arrives."""

    id: str
    event_type: str
    resource_type: Literal["encrypt-resource"]
    resource: Resource
    create_time: str
    summary: str = ""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A genuine notice for this merchant; the same id may come many times."""

    id: str
    event_type: str
    news: Transaction | RefundNews


_decode_envelope = msgspec.json.Decoder(Envelope).decode


class NoticeReader:
    """A merchant's letter box.

    Args:
        verifier: Checks signatures.
        replays: Refuses nonces that were used for another message.
        api_v3_key: Opens the sealed part.
        mchid: The merchant.
        appids: The merchant's apps; a payment through another one is not ours.
    """

    def __init__(
        self,
        verifier: Verifier,
        replays: ReplayWindow,
        *,
        api_v3_key: bytes,
        mchid: str,
        appids: Collection[str],
    ) -> None:
        self._verifier = verifier
        self._replays = replays
        self._key = api_v3_key
        self._mchid = mchid
        self._appids = frozenset(appids)

    async def read(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:
        """Prove and read one notice.

        Raises:
            NotTrusted: It does not prove that WeChat sent it, or its nonce was used before.
            Unreadable: It is genuine but makes no sense, or is meant for somebody else.
            OutcomeUnknown: New certificates were needed and could not be fetched.
        """
        if len(body) > LARGEST:
            raise NotTrusted("no notice of WeChat Pay is that large")
        stamp = await self._verifier.verify(headers, body, now)
        notice = self._open(body)
        self._replays.accept(stamp, body, now)
        return notice

    def _open(self, body: bytes) -> Notice:
        try:
            envelope = _decode_envelope(body)
            news = self._read_news(envelope)
        except (msgspec.DecodeError, RecursionError) as error:
            raise Unreadable(f"the notice cannot be read: {error}") from error
        if news.mchid != self._mchid:
            raise Unreadable("the notice is about another merchant")
        return Notice(id=envelope.id, event_type=envelope.event_type, news=news)

    def _read_news(self, envelope: Envelope) -> Transaction | RefundNews:
        plaintext = open_resource(envelope.resource, self._key)
        if envelope.event_type in PAYMENT_EVENTS:
            return self._read_payment(plaintext, PAYMENT_EVENTS[envelope.event_type])
        if envelope.event_type in REFUND_EVENTS:
            return _read_refund(plaintext, REFUND_EVENTS[envelope.event_type])
        raise Unreadable(f"notices of the type {envelope.event_type[:40]!r} are not for this shop")

    def _read_payment(self, plaintext: bytes, state: str) -> Transaction:
        news = msgspec.json.decode(plaintext, type=Transaction)
        if news.appid not in self._appids:
            raise Unreadable("the notice is about another app")
        if news.trade_state != state:
            raise Unreadable("the notice's type and its trade_state differ")
        if news.amount is None or not news.transaction_id:
            raise Unreadable("a payment notice must carry an amount and a transaction_id")
        return news


def _read_refund(plaintext: bytes, status: str) -> RefundNews:
    news = msgspec.json.decode(plaintext, type=RefundNews)
    if news.refund_status != status:
        raise Unreadable("the notice's type and its refund_status differ")
    return news

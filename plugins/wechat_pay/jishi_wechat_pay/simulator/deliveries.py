"""Delivers notices as WeChat does: sealed, signed, and again until the merchant says yes."""

import asyncio
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

import httpx
import msgspec

from jishi_wechat_pay.resource import seal_resource
from jishi_wechat_pay.simulator.answers import probing, seal_for_notice, spoiled, stamp
from jishi_wechat_pay.simulator.faults import strikes
from jishi_wechat_pay.simulator.world import World, beijing_time

RETRY_AFTER = (
    15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600,
)  # fmt: skip
"""Seconds from one attempt to the next; 24 hours and 4 minutes in all."""

PATIENCE = 5.0
"""Seconds a merchant has for the answer; not divided by the speed."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try and what the merchant answered; status 0 is no answer."""

    at: datetime
    kind: str
    status: int
    answer: str = ""


class Delivery(msgspec.Struct, kw_only=True):
    """A notice on its way."""

    id: str
    event_type: str
    url: str
    subject: str
    body: bytes
    attempts: list[Attempt] = msgspec.field(default_factory=list)
    accepted: bool = False
    given_up: bool = False


class Postman:
    """Carries notices in the background.

    Args:
        world: Where they come from.
        http: The client that posts them; opened and closed by the caller.
    """

    def __init__(self, world: World, http: httpx.AsyncClient) -> None:
        self.deliveries: list[Delivery] = []
        self._world = world
        self._http = http
        self._held: list[Delivery] = []
        self._sent = 0

    def post(
        self, url: str, event_type: str, subject: str, news: Mapping[str, object]
    ) -> Delivery:
        """Write a notice and start to deliver it.

        Args:
            url: The merchant's address.
            event_type: Such as ``TRANSACTION.SUCCESS``.
            subject: The number of the order or refund, for the record.
            news: The plaintext of the sealed part.
        """
        delivery = Delivery(
            id=f"{secrets.token_hex(4)}-{secrets.token_hex(14)}",
            event_type=event_type,
            url=url,
            subject=subject,
            body=b"",
        )
        delivery.body = self._write(delivery, news)
        self.deliveries.append(delivery)
        if self._world.terms.notices:
            self._held.append(delivery)
            self.release()
        return delivery

    def send_again(self, delivery: Delivery) -> None:
        """Deliver a notice once more, from the beginning of the schedule."""
        delivery.accepted = delivery.given_up = False
        self._world.spawn(self._deliver([delivery]))

    def _write(self, delivery: Delivery, news: Mapping[str, object]) -> bytes:
        kind = delivery.event_type.partition(".")[0].lower()
        sealed = seal_resource(
            msgspec.json.encode(news),
            self._world.keys.api_v3_key,
            nonce=secrets.token_hex(6),
            associated_data=kind,
            original_type=kind,
        )
        return msgspec.json.encode(
            {
                "id": delivery.id,
                "create_time": beijing_time(self._world.clock.now()),
                "resource_type": "encrypt-resource",
                "event_type": delivery.event_type,
                "summary": _SUMMARIES.get(delivery.event_type, ""),
                "resource": sealed,
            }
        )

    def release(self) -> None:
        """Let go of what was held back once enough of it waits, the last first."""
        if self._held and len(self._held) >= self._world.faults.notices.reorder:
            held, self._held = self._held[::-1], []
            self._world.spawn(self._deliver(held))

    async def _deliver(self, deliveries: list[Delivery]) -> None:
        await asyncio.sleep(self._world.faults.notices.delay)
        # Each gets its first attempt before the next starts, so the order is the one asked for.
        for delivery in deliveries:
            await self._try(delivery)
            self._world.spawn(self._retry(delivery))

    async def _retry(self, delivery: Delivery) -> None:
        for seconds in RETRY_AFTER:
            if delivery.accepted:
                return
            await self._world.pause(seconds)
            await self._try(delivery)
        delivery.given_up = not delivery.accepted

    async def _try(self, delivery: Delivery) -> None:
        faults = self._world.faults.notices
        if strikes(faults, "drop"):
            self._note(delivery, "dropped", 0, "")
            return
        headers, kind = self._headers(delivery.body)
        if strikes(faults, "probe"):
            await self._send(delivery, probing(headers), "probe")
        copies = [self._copy(delivery, headers, kind) for _ in range(faults.duplicate)]
        results = await asyncio.gather(self._send(delivery, headers, kind), *copies)
        delivery.accepted = delivery.accepted or any(results)

    async def _copy(self, delivery: Delivery, headers: dict[str, str], kind: str) -> bool:
        if not self._world.faults.notices.replay:
            headers, kind = self._headers(delivery.body)
        return await self._send(delivery, headers, f"{kind} copy")

    def _headers(self, body: bytes) -> tuple[dict[str, str], str]:
        faults = self._world.faults.notices
        self._sent += 1
        seal = seal_for_notice(self._world, self._sent)
        if strikes(faults, "wrong_time"):
            offset = timedelta(seconds=faults.time_offset)
            return stamp(self._world, body, seal, offset=offset), "wrong time"
        headers = stamp(self._world, body, seal)
        if strikes(faults, "mis_sign"):
            return spoiled(headers), "mis-signed"
        return headers, "notice"

    async def _send(self, delivery: Delivery, headers: dict[str, str], kind: str) -> bool:
        content_type = {"Content-Type": "application/json", "User-Agent": "Mozilla/4.0"}
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await self._http.post(
                    delivery.url, content=delivery.body, headers=headers | content_type
                )
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            self._note(delivery, kind, 0, type(error).__name__)
            return False
        self._note(delivery, kind, answer.status_code, answer.text[:200])
        return kind != "probe" and answer.status_code in (200, 204)

    def _note(self, delivery: Delivery, kind: str, status: int, answer: str) -> None:
        now = self._world.clock.now()
        delivery.attempts.append(Attempt(at=now, kind=kind, status=status, answer=answer))
        self._world.write(
            "notice", id=delivery.id, subject=delivery.subject, kind=kind, status=status
        )


_SUMMARIES = {
    "TRANSACTION.SUCCESS": "支付成功",
    "REFUND.SUCCESS": "退款成功",
    "REFUND.ABNORMAL": "退款异常",
    "REFUND.CLOSED": "退款关闭",
}

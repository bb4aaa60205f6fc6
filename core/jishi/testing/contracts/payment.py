"""What every gateway promises; the money of the shop stands on it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

import pytest

from jishi.identifiers import new_id
from jishi.payments import (
    Gateway,
    GatewayRefused,
    NoticeRefused,
    PaymentRef,
    PaymentReport,
    PaymentRequest,
    PaymentStarted,
    RefundRequest,
)
from jishi.shop import Shop
from jishi.testing.contracts.plugin import PluginContract


class Delivery(NamedTuple):
    """A notice as it arrives: headers by lower-case names, and the body."""

    headers: Mapping[str, str]
    body: bytes


class PaymentContract(PluginContract):
    """Money is collected once, given back once, and believed only when it is proved.

    A subclass says how a customer pays at the gateway's simulator:

    ```
    async def pay(self, attempt: str) -> Delivery:
        ...  # have it paid there, and give the notice that follows
    ```

    and names in `payer` what its first method needs to know of the payer.
    """

    payer: Mapping[str, str] = {}

    async def pay(self, attempt: str) -> Delivery:
        """Have the customer pay an attempt at the simulator; gives the gateway's notice."""
        raise NotImplementedError("a payment contract says how a customer pays")

    @pytest.fixture
    def gateway(self, shop: Shop) -> Gateway:
        """Give the plugin's gateway, as the shop knows it."""
        from jishi.payments import gateways_of

        return gateways_of(shop)[self.plugin.declaration.name]

    def test_it_offers_a_way_to_pay(self, gateway: Gateway) -> None:
        """There is a first method, and no two share a code."""
        methods = gateway.methods("web")
        assert methods
        assert len({method.code for method in methods}) == len(methods)
        assert all(method.title.strip() for method in methods)
        assert gateway.title.strip()

    async def test_a_new_payment_waits(self, gateway: Gateway, shop: Shop) -> None:
        """Opened, and not paid."""
        request, started = await self._opened(gateway, shop)
        assert started.parameters
        report = await gateway.query(_ref(request, started))
        assert (report.attempt, report.status) == (request.attempt, "waiting")

    async def test_opening_twice_is_one_payment(self, gateway: Gateway, shop: Shop) -> None:
        """The core repeats a question whose answer was lost."""
        request, started = await self._opened(gateway, shop)
        again = await gateway.create(request)
        assert (again.merchant, again.app) == (started.merchant, started.app)

    async def test_a_payment_is_reported_as_it_was_made(
        self, gateway: Gateway, shop: Shop
    ) -> None:
        """Notice and query say the same amount, merchant, app and number."""
        request, started = await self._opened(gateway, shop)
        delivery = await self.pay(request.attempt)
        notice = await gateway.read_notice(delivery.headers, delivery.body, shop.clock.now())
        told = notice.report
        asked = await gateway.query(_ref(request, started))
        assert isinstance(told, PaymentReport)
        for report in (told, asked):
            assert (report.attempt, report.status) == (request.attempt, "paid")
            assert (report.amount, report.currency) == (request.amount, request.currency)
            assert (report.merchant, report.app) == (started.merchant, started.app)
            assert report.transaction
            assert report.paid_at is not None
            assert report.paid_at.tzinfo is not None
        assert told.transaction == asked.transaction
        assert notice.id

    async def test_a_forged_notice_is_refused(self, gateway: Gateway, shop: Shop) -> None:
        """One changed byte, or one header less, and nobody believes it."""
        request, _ = await self._opened(gateway, shop)
        headers, body = await self.pay(request.attempt)
        now, middle = shop.clock.now(), len(body) // 2
        changed = body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]
        for forged in (changed, body[:-1], b"", b"{}", b"\xff\x00"):
            with pytest.raises(NoticeRefused):
                await gateway.read_notice(headers, forged, now)
        with pytest.raises(NoticeRefused):
            await gateway.read_notice({}, body, now)

    async def test_what_was_paid_cannot_be_closed(self, gateway: Gateway, shop: Shop) -> None:
        """Closing answers that it was paid; it never loses the money."""
        request, started = await self._opened(gateway, shop)
        await self.pay(request.attempt)
        with pytest.raises(GatewayRefused):
            await gateway.close(_ref(request, started))
        assert (await gateway.query(_ref(request, started))).status == "paid"

    async def test_what_was_closed_stays_closed(self, gateway: Gateway, shop: Shop) -> None:
        """Closed, and closed again without complaint."""
        request, started = await self._opened(gateway, shop)
        await gateway.close(_ref(request, started))
        await gateway.close(_ref(request, started))
        assert (await gateway.query(_ref(request, started))).status == "closed"

    async def test_one_refund_number_is_one_refund(self, gateway: Gateway, shop: Shop) -> None:
        """Asked three times, given back once."""
        request, started = await self._opened(gateway, shop)
        await self.pay(request.attempt)
        paid = await gateway.query(_ref(request, started))
        refund = _refund(request, started, paid, 400)
        reports = [await gateway.refund(refund) for _ in range(3)]
        assert {(each.refund, each.amount) for each in reports} == {(refund.refund, 400)}
        found = await gateway.query_refund(refund.refund, refund.payment)
        assert found is not None
        assert found.status in ("processing", "refunded")
        rest = _refund(request, started, paid, request.amount - 400)
        assert (await gateway.refund(rest)).status in ("processing", "refunded")

    async def test_no_more_goes_back_than_came(self, gateway: Gateway, shop: Shop) -> None:
        """A fen too much is refused."""
        request, started = await self._opened(gateway, shop)
        await self.pay(request.attempt)
        paid = await gateway.query(_ref(request, started))
        with pytest.raises(GatewayRefused):
            await gateway.refund(_refund(request, started, paid, request.amount + 1))

    async def test_a_refund_nobody_asked_for_is_unknown(
        self, gateway: Gateway, shop: Shop
    ) -> None:
        """None, not an error: the core asks before it repeats."""
        request, started = await self._opened(gateway, shop)
        await self.pay(request.attempt)
        assert await gateway.query_refund(_number("R"), _ref(request, started)) is None

    def test_it_answers_its_gateway(self, gateway: Gateway) -> None:
        """Accepted is 2xx; "later" is not, so that the notice comes again."""
        assert 200 <= gateway.answer(None).status < 300
        assert gateway.answer("later").status >= 400

    async def _opened(self, gateway: Gateway, shop: Shop) -> tuple[PaymentRequest, PaymentStarted]:
        method = gateway.methods("web")[0]
        request = PaymentRequest(
            attempt=_number("P"),
            method=method.code,
            amount=1_000,
            currency=shop.config.shop.currency,
            description="毛巾",
            expires_at=shop.clock.now() + timedelta(minutes=15),
            notify_url=f"https://shop.example.com/notify/{gateway.name}",
            return_url="https://shop.example.com/orders/1",
            payer={"address": "203.0.113.7", **self.payer},
        )
        return request, await gateway.create(request)


def _number(letter: str) -> str:
    return letter + new_id().replace("-", "")[-24:]


def _ref(request: PaymentRequest, started: PaymentStarted, transaction: str = "") -> PaymentRef:
    return PaymentRef(
        attempt=request.attempt,
        merchant=started.merchant,
        app=started.app,
        transaction=transaction,
    )


def _refund(
    request: PaymentRequest, started: PaymentStarted, paid: PaymentReport, amount: int
) -> RefundRequest:
    return RefundRequest(
        refund=_number("R"),
        payment=_ref(request, started, paid.transaction),
        amount=amount,
        captured=request.amount,
        currency=request.currency,
        reason="不想要了",
        notify_url="https://shop.example.com/notify/refund",
    )

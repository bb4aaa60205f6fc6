"""The simulated WeChat Pay at work: what each call and each payer's decision sets in motion."""

from collections.abc import Mapping

from jishi_wechat_pay.simulator import orders, refunds
from jishi_wechat_pay.simulator.deliveries import Postman
from jishi_wechat_pay.simulator.incoming import RefundIn
from jishi_wechat_pay.simulator.world import Order, Refund, World


class CannotPay(Exception):
    """The order is not waiting for a payment."""


class Till:
    """Joins orders, refunds and the postman.

    Args:
        world: What is known.
        postman: Who tells the merchant.
    """

    def __init__(self, world: World, postman: Postman) -> None:
        self.world = world
        self.postman = postman

    def pay(
        self,
        order: Order,
        *,
        openid: str | None = None,
        changes: Mapping[str, object] | None = None,
    ) -> None:
        """The customer pays an order that waits, and the merchant is told.

        Args:
            order: Which one.
            openid: Who pays, when it is not the one the order names.
            changes: Put over the notice's plaintext, to try the merchant's attention.

        Raises:
            CannotPay: It is paid or closed, or its time is up.
        """
        if orders.find(self.world, order.out_trade_no) is not order or order.state != "NOTPAY":
            raise CannotPay(f"the order is {order.state}")
        self.pay_late(order, openid=openid, changes=changes)

    def pay_late(
        self,
        order: Order,
        *,
        openid: str | None = None,
        changes: Mapping[str, object] | None = None,
    ) -> None:
        """The customer's money arrives although the order may be closed by now.

        Raises:
            CannotPay: It is paid already.
        """
        if order.paid_at is not None:
            raise CannotPay("the order is paid")
        orders.pay(self.world, order, openid)
        news = changed(orders.describe(self.world, order), changes or {})
        self.postman.post(order.notify_url, "TRANSACTION.SUCCESS", order.out_trade_no, news)

    def refuse(self, order: Order) -> None:
        """The customer says no; the order goes on waiting."""
        order.refused += 1
        self.world.write("order_refused", out_trade_no=order.out_trade_no)

    def refund(self, asked: RefundIn) -> dict[str, object]:
        """Start a refund that settles by itself after a while."""
        before = len(self.world.refunds)
        refund = refunds.request(self.world, asked)
        if len(self.world.refunds) > before:
            self.world.spawn(self._settle_soon(refund))
        return refunds.describe(self.world, refund)

    def settle(self, refund: Refund, status: str) -> None:
        """End a refund now and tell the merchant."""
        refunds.settle(self.world, refund, status)
        if refund.notify_url is not None:
            news = refunds.news(self.world, refund)
            self.postman.post(refund.notify_url, f"REFUND.{status}", refund.out_refund_no, news)

    async def _settle_soon(self, refund: Refund) -> None:
        await self.world.pause(self.world.terms.refund_delay)
        if refund.status == "PROCESSING":
            self.settle(refund, self.world.terms.refund_outcome)

    def waiting(self) -> list[Order]:
        """Orders that can be paid, newest first."""
        found = [orders.find(self.world, number) for number in self.world.orders]
        return [order for order in reversed(found) if order and order.state == "NOTPAY"]

    def order_with_code(self, code: str) -> Order | None:
        """The order behind a ``code_url``, an ``h5_url`` or a prepay id."""
        for order in self.world.orders.values():
            if code in (order.code, order.prepay_id):
                return orders.find(self.world, order.out_trade_no)
        return None


def changed(news: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    """Put changes over a JSON object, into the depth; null takes a member away."""
    result = dict(news)
    for name, value in changes.items():
        inner = result.get(name)
        if value is None:
            result.pop(name, None)
        elif isinstance(inner, dict) and isinstance(value, dict):
            result[name] = changed(inner, value)
        else:
            result[name] = value
    return result

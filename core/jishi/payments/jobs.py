"""What payments have done by themselves."""

from datetime import timedelta

from jishi.events import Handlers
from jishi.payments.end_order import expire_due, expire_turn
from jishi.payments.give_back import give_back_part_payments
from jishi.payments.pay_back import pay_back
from jishi.payments.query_payment import close_turn, query_turn


def register(handlers: Handlers) -> None:
    """Sign up jobs and schedules."""
    handlers.job("payments.query", query_turn)
    handlers.job("payments.close", close_turn)
    handlers.job("payments.pay_back", pay_back)
    handlers.job("payments.expire_order", expire_turn)
    handlers.every("payments.expire_due", timedelta(seconds=10), expire_due)
    for event in ("order.cancelled", "order.expired"):
        handlers.on(event, "payments", give_back_part_payments)

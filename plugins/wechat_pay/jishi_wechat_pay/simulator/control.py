"""Tells the simulator what to do: the JSON API below ``/_control``, for tests and demos.

It has no password; the simulator is for a developer's own machine.
"""

from typing import Literal

import msgspec
from litestar import Controller, delete, get, post, put
from litestar.datastructures import State
from litestar.exceptions import HTTPException, NotFoundException
from litestar.params import FromPath, JSONBody

from jishi_wechat_pay.simulator import orders
from jishi_wechat_pay.simulator.deliveries import Delivery
from jishi_wechat_pay.simulator.faults import Faults
from jishi_wechat_pay.simulator.till import CannotPay, Till
from jishi_wechat_pay.simulator.world import Call, Order, Refund, Terms


class Payment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a customer pays."""

    openid: str | None = None
    timing: Literal["now", "late"] = "now"
    """``late``: the money arrives even if the order is closed by then."""
    changes: dict[str, object] = {}
    """Put over the notice's plaintext; null takes a member away."""


class Settlement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a refund ends."""

    status: Literal["SUCCESS", "ABNORMAL", "CLOSED"] = "SUCCESS"


class Notice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A notice of one's own making, properly sealed and signed."""

    url: str
    event_type: str
    news: dict[str, object]


class Control(Controller):
    """The simulator's control panel."""

    path = "/_control"

    @get("/health")
    async def health(self) -> dict[str, str]:
        """Say that the simulator is there."""
        return {"status": "ok"}

    @get("/terms")
    async def terms(self, state: State) -> Terms:
        """How the merchant is treated."""
        return _till(state).world.terms

    @put("/terms")
    async def set_terms(self, state: State, data: JSONBody[Terms]) -> Terms:
        """Treat the merchant differently; what is left out goes back to its default."""
        _till(state).world.terms = data
        return data

    @get("/faults")
    async def faults(self, state: State) -> Faults:
        """What is set to go wrong."""
        return _till(state).world.faults

    @put("/faults")
    async def set_faults(self, state: State, data: JSONBody[Faults]) -> Faults:
        """Set what shall go wrong; what is left out goes right."""
        till = _till(state)
        till.world.faults = data
        till.postman.release()
        return data

    @delete("/faults")
    async def clear_faults(self, state: State) -> None:
        """Let everything go right."""
        till = _till(state)
        till.world.faults = Faults()
        till.postman.release()

    @get("/orders")
    async def orders(self, state: State) -> list[Order]:
        """All orders, oldest first."""
        till = _till(state)
        return [_order(till, number) for number in till.world.orders]

    @get("/orders/{number:str}")
    async def order(self, state: State, number: FromPath[str]) -> Order:
        """One order."""
        return _order(_till(state), number)

    @post("/orders/{number:str}/pay", status_code=200)
    async def pay(self, state: State, number: FromPath[str], data: JSONBody[Payment]) -> Order:
        """The customer pays; send at least ``{}``."""
        till = _till(state)
        order = _order(till, number)
        pay = till.pay if data.timing == "now" else till.pay_late
        try:
            pay(order, openid=data.openid, changes=data.changes)
        except CannotPay as error:
            raise HTTPException(str(error), status_code=409) from error
        return order

    @post("/orders/{number:str}/refuse", status_code=200)
    async def refuse(self, state: State, number: FromPath[str]) -> Order:
        """The customer says no."""
        order = _order(_till(state), number)
        _till(state).refuse(order)
        return order

    @get("/refunds")
    async def refunds(self, state: State) -> list[Refund]:
        """All refunds, oldest first."""
        return list(_till(state).world.refunds.values())

    @post("/refunds/{number:str}/settle", status_code=200)
    async def settle(
        self, state: State, number: FromPath[str], data: JSONBody[Settlement]
    ) -> Refund:
        """End a refund now."""
        till = _till(state)
        if number not in till.world.refunds:
            raise NotFoundException(f"no refund {number}")
        till.settle(till.world.refunds[number], data.status)
        return till.world.refunds[number]

    @get("/notices")
    async def notices(self, state: State) -> list[Delivery]:
        """All notices with their attempts, oldest first."""
        return _till(state).postman.deliveries

    @post("/notices", status_code=200)
    async def write_notice(self, state: State, data: JSONBody[Notice]) -> Delivery:
        """Send a notice of one's own making."""
        return _till(state).postman.post(data.url, data.event_type, "", data.news)

    @post("/notices/{notice_id:str}/send", status_code=200)
    async def send_again(self, state: State, notice_id: FromPath[str]) -> Delivery:
        """Deliver a notice once more."""
        postman = _till(state).postman
        for delivery in postman.deliveries:
            if delivery.id == notice_id:
                postman.send_again(delivery)
                return delivery
        raise NotFoundException(f"no notice {notice_id}")

    @get("/calls")
    async def calls(self, state: State) -> list[Call]:
        """The merchant's latest calls, oldest first."""
        return list(_till(state).world.calls)


def _till(state: State) -> Till:
    till: Till = state.till
    return till


def _order(till: Till, number: str) -> Order:
    order = orders.find(till.world, number)
    if order is None:
        raise NotFoundException(f"no order {number}")
    return order

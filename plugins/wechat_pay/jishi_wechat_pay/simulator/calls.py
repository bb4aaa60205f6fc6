"""The calls a merchant can make at the simulated WeChat Pay, each with its address."""

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import parse_qs

import msgspec

from jishi_wechat_pay.simulator import answers, orders, refunds
from jishi_wechat_pay.simulator.incoming import CloseIn, OrderIn, RefundIn
from jishi_wechat_pay.simulator.refusals import Refusal, wrong_body, wrong_parameter
from jishi_wechat_pay.simulator.till import Till

_T = TypeVar("_T", bound=msgspec.Struct)


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A merchant's call."""

    method: str
    path: str
    target: str
    query: str
    headers: dict[str, str]
    body: bytes


Work = Callable[[Till, Request, str], dict[str, object] | None]


def _place(till: Till, request: Request, kind: str) -> dict[str, object]:
    return orders.place(till.world, kind, _read(request, OrderIn))


def _query_order(till: Till, request: Request, number: str) -> dict[str, object]:
    _check_merchant(till, request)
    order = orders.find(till.world, number)
    if order is None:
        raise Refusal(404, "ORDER_NOT_EXIST", "订单不存在")
    return orders.describe(till.world, order)


def _query_transaction(till: Till, request: Request, number: str) -> dict[str, object]:
    for order in till.world.orders.values():
        if order.transaction_id == number:
            return _query_order(till, request, order.out_trade_no)
    raise Refusal(404, "ORDER_NOT_EXIST", "订单不存在")


def _close(till: Till, request: Request, number: str) -> None:
    if _read(request, CloseIn).mchid != till.world.keys.merchant.mchid:
        raise wrong_parameter("/mchid", "与签名的商户号不一致")
    orders.close(till.world, number)


def _refund(till: Till, request: Request, _: str) -> dict[str, object]:
    return till.refund(_read(request, RefundIn))


def _query_refund(till: Till, _: Request, number: str) -> dict[str, object]:
    return refunds.describe(till.world, refunds.find(till.world, number))


def _certificates(till: Till, _: Request, __: str) -> dict[str, object]:
    return answers.certificates(till.world)


ROUTES: tuple[tuple[str, str, Work], ...] = (
    ("POST", r"/v3/pay/transactions/(jsapi|native|h5|app)", _place),
    ("GET", r"/v3/pay/transactions/out-trade-no/([^/]+)", _query_order),
    ("POST", r"/v3/pay/transactions/out-trade-no/([^/]+)/close", _close),
    ("GET", r"/v3/pay/transactions/id/([^/]+)", _query_transaction),
    ("POST", r"/v3/refund/domestic/refunds()", _refund),
    ("GET", r"/v3/refund/domestic/refunds/([^/]+)", _query_refund),
    ("GET", r"/v3/certificates()", _certificates),
)


def _read(request: Request, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(request.body, type=kind)
    except msgspec.DecodeError as error:
        raise wrong_body(error) from error


def _check_merchant(till: Till, request: Request) -> None:
    asked = parse_qs(request.query).get("mchid", [""])[0]
    if asked != till.world.keys.merchant.mchid:
        raise wrong_parameter("mchid", "与签名的商户号不一致", asked, where="query")

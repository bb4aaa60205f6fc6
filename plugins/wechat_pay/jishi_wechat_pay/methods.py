"""The ways to pay with WeChat: what is asked of WeChat, and what the device gets."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from jishi.payments import GatewayUnknown, Method, PaymentRequest
from jishi_wechat_pay.client_parameters import (
    app_parameters,
    jsapi_parameters,
    mini_program_parameters,
)
from jishi_wechat_pay.messages import H5Info, OrderAnswer, OrderKind, Payer, SceneInfo
from jishi_wechat_pay.settings import MethodCode


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """A placed order about to be handed to the customer's device."""

    request: PaymentRequest
    answer: OrderAnswer
    appid: str
    mchid: str
    key: RSAPrivateKey
    now: datetime


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One way to pay.

    Attributes:
        method: As the shop shows it.
        kind: Which order is placed for it.
        parameters: What the device gets.
    """

    method: Method
    kind: OrderKind
    parameters: Callable[[Opening], dict[str, str]]


def payer_of(way: Way, request: PaymentRequest) -> Payer | None:
    """Who pays, where WeChat must know it beforehand."""
    return Payer(openid=request.payer.get("openid", "")) if way.kind == "jsapi" else None


def scene_of(way: Way, request: PaymentRequest) -> SceneInfo | None:
    """Where the payer is, when known; H5 payments need it."""
    address = request.payer.get("address", "")
    if way.kind == "h5":
        kind = H5Info(type="Wap")
        return SceneInfo(payer_client_ip=address or "127.0.0.1", h5_info=kind)
    return SceneInfo(payer_client_ip=address) if address else None


def _native(opening: Opening) -> dict[str, str]:
    return {"code_url": _given(opening.answer.code_url)}


def _h5(opening: Opening) -> dict[str, str]:
    url = _given(opening.answer.h5_url)
    if opening.request.return_url:
        joint = "&" if "?" in url else "?"
        url += f"{joint}redirect_url={quote(opening.request.return_url, safe='')}"
    return {"h5_url": url}


def _jsapi(opening: Opening) -> dict[str, str]:
    prepay_id = _given(opening.answer.prepay_id)
    made = jsapi_parameters(opening.appid, prepay_id, opening.key, at=opening.now)
    return msgspec.convert(msgspec.to_builtins(made), dict[str, str])


def _mini_program(opening: Opening) -> dict[str, str]:
    prepay_id = _given(opening.answer.prepay_id)
    made = mini_program_parameters(opening.appid, prepay_id, opening.key, at=opening.now)
    return msgspec.convert(msgspec.to_builtins(made), dict[str, str])


def _app(opening: Opening) -> dict[str, str]:
    prepay_id = _given(opening.answer.prepay_id)
    made = app_parameters(opening.appid, opening.mchid, prepay_id, opening.key, at=opening.now)
    return msgspec.convert(msgspec.to_builtins(made), dict[str, str])


def _given(value: str | None) -> str:
    if not value:
        raise GatewayUnknown("WeChat Pay placed the order but did not say how to pay it")
    return value


WAYS: dict[MethodCode, Way] = {
    "native": Way(
        method=Method(code="native", title="微信扫码支付"), kind="native", parameters=_native
    ),
    "jsapi": Way(
        method=Method(code="jsapi", title="微信支付", needs=("openid",)),
        kind="jsapi",
        parameters=_jsapi,
    ),
    "mini_program": Way(
        method=Method(code="mini_program", title="微信支付", needs=("openid",)),
        kind="jsapi",
        parameters=_mini_program,
    ),
    "h5": Way(
        method=Method(code="h5", title="微信支付", needs=("address",)), kind="h5", parameters=_h5
    ),
    "app": Way(method=Method(code="app", title="微信支付"), kind="app", parameters=_app),
}
"""The ways to pay, by their codes."""

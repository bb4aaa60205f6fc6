"""Checks the merchant's signature as WeChat does: shape, then time, then identity, then maths."""

import re
from collections.abc import Mapping

from jishi_wechat_pay.signature import SCHEME, WINDOW, is_signed, request_message
from jishi_wechat_pay.simulator.refusals import Refusal, wrong_parameter
from jishi_wechat_pay.simulator.world import World

_FIELD = re.compile(r'\s*(\w+)="([^"]*)"\s*')
_NEEDED = ("mchid", "nonce_str", "signature", "timestamp", "serial_no")


def check_signature(
    world: World, method: str, target: str, headers: Mapping[str, str], body: bytes
) -> None:
    """Check one request.

    Args:
        world: Whose merchant it must be.
        method: In capitals.
        target: Path and query as they arrived.
        headers: Names in small letters.
        body: As it arrived.

    Raises:
        Refusal: 401 SIGN_ERROR with WeChat's sentences.
    """
    fields = _read(headers.get("authorization", ""), target)
    if not fields["timestamp"].isdigit() or (
        abs(world.clock.now().timestamp() - int(fields["timestamp"][:20])) > WINDOW.total_seconds()
    ):
        raise _sign_error("Http头Authorization中的timestamp与发起请求的时间不得超过5分钟")
    merchant = world.keys.merchant
    if fields["mchid"] != merchant.mchid:
        raise _sign_error("商户号不存在，或与证书序列号不匹配")
    if fields["serial_no"] != merchant.serial_no:
        raise _sign_error("商户证书序列号有误。请使用签名私钥匹配的证书序列号")
    message = request_message(method, target, fields["timestamp"], fields["nonce_str"], body)
    if not is_signed(message, fields["signature"], world.keys.merchant_key.public_key()):
        raise _sign_error("签名错误")


def check_headers(world: World, headers: Mapping[str, str]) -> None:
    """Check the other headers that WeChat insists on.

    Raises:
        Refusal: 400 PARAM_ERROR.
    """
    if not headers.get("user-agent"):
        raise wrong_parameter("User-Agent", "Http头缺少User-Agent", where="header")
    serial = headers.get("wechatpay-serial")
    known = (world.keys.merchant.public_key_id, world.keys.certificate_serial)
    if serial is not None and serial not in known:
        raise wrong_parameter("Wechatpay-Serial", "序列号错误", serial, where="header")


def _read(authorization: str, target: str) -> dict[str, str]:
    scheme, _, rest = authorization.partition(" ")
    fields: dict[str, str] = {}
    for part in rest.split(","):
        found = _FIELD.fullmatch(part)
        if found:
            fields[found.group(1)] = found.group(2)
    if scheme != SCHEME or not all(fields.get(name) for name in _NEEDED):
        if target.startswith("/v3/pay/transactions"):
            raise _sign_error("签名信息错误，验签失败")
        raise _sign_error("Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》")
    return fields


def _sign_error(message: str) -> Refusal:
    return Refusal(401, "SIGN_ERROR", message)

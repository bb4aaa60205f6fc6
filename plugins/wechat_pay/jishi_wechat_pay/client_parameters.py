"""What the customer's device needs to open WeChat's payment sheet.

Only JSAPI, mini program and app payments are signed for the device; a Native ``code_url`` is shown
as a QR code and an H5 ``h5_url`` is opened (https://pay.weixin.qq.com/doc/v3/merchant/4012365339).
"""

from datetime import datetime

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from jishi_wechat_pay.signature import new_nonce, sign


class JsapiParameters(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Arguments of ``WeixinJSBridge.invoke("getBrandWCPayRequest", ...)``."""

    app_id: str
    time_stamp: str
    nonce_str: str
    package: str
    sign_type: str
    pay_sign: str


class MiniProgramParameters(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Arguments of ``wx.requestPayment``; the appid is signed but not passed."""

    time_stamp: str
    nonce_str: str
    package: str
    sign_type: str
    pay_sign: str


class AppParameters(msgspec.Struct, frozen=True, kw_only=True, rename="lower"):
    """Fields of the ``PayReq`` of the app SDKs."""

    appid: str
    partner_id: str = msgspec.field(name="partnerid")
    prepay_id: str = msgspec.field(name="prepayid")
    package: str
    nonce_str: str = msgspec.field(name="noncestr")
    timestamp: str
    sign: str


def jsapi_parameters(
    appid: str, prepay_id: str, key: RSAPrivateKey, *, at: datetime, nonce: str | None = None
) -> JsapiParameters:
    """Sign what an official-account page passes to WeChat's browser."""
    nonce = nonce or new_nonce()
    timestamp = str(int(at.timestamp()))
    package = f"prepay_id={prepay_id}"
    return JsapiParameters(
        app_id=appid,
        time_stamp=timestamp,
        nonce_str=nonce,
        package=package,
        sign_type="RSA",
        pay_sign=_pay_sign(appid, timestamp, nonce, package, key),
    )


def mini_program_parameters(
    appid: str, prepay_id: str, key: RSAPrivateKey, *, at: datetime, nonce: str | None = None
) -> MiniProgramParameters:
    """Sign what a mini program passes to ``wx.requestPayment``."""
    whole = jsapi_parameters(appid, prepay_id, key, at=at, nonce=nonce)
    return MiniProgramParameters(
        time_stamp=whole.time_stamp,
        nonce_str=whole.nonce_str,
        package=whole.package,
        sign_type=whole.sign_type,
        pay_sign=whole.pay_sign,
    )


def app_parameters(
    appid: str,
    mchid: str,
    prepay_id: str,
    key: RSAPrivateKey,
    *,
    at: datetime,
    nonce: str | None = None,
) -> AppParameters:
    """Sign what a native app passes to WeChat's SDK; here the bare prepay id is signed."""
    nonce = nonce or new_nonce()
    timestamp = str(int(at.timestamp()))
    return AppParameters(
        appid=appid,
        partner_id=mchid,
        prepay_id=prepay_id,
        package="Sign=WXPay",
        nonce_str=nonce,
        timestamp=timestamp,
        sign=_pay_sign(appid, timestamp, nonce, prepay_id, key),
    )


def _pay_sign(appid: str, timestamp: str, nonce: str, last: str, key: RSAPrivateKey) -> str:
    return sign(f"{appid}\n{timestamp}\n{nonce}\n{last}\n".encode(), key)

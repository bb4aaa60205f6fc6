"""Signs what the simulated WeChat Pay says, with the key that the moment asks for."""

import secrets
from collections.abc import Mapping
from datetime import timedelta

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from jishi_wechat_pay.resource import seal_resource
from jishi_wechat_pay.signature import PROBE_PREFIX, SCHEME, answer_message, sign
from jishi_wechat_pay.simulator.refusals import Refusal
from jishi_wechat_pay.simulator.world import World, beijing_time


class Seal(msgspec.Struct, frozen=True, kw_only=True):
    """A key of WeChat's and the serial that names it."""

    serial: str
    key: RSAPrivateKey


def public_key_seal(world: World) -> Seal:
    """The key whose public half the merchant was given."""
    return Seal(serial=world.keys.merchant.public_key_id, key=world.keys.platform_key)


def certificate_seal(world: World) -> Seal:
    """The key of the platform certificate."""
    return Seal(serial=world.keys.certificate_serial, key=world.keys.certificate_key)


def seal_for_answer(world: World, headers: Mapping[str, str]) -> Seal:
    """Answers are signed with what the request named, else by the merchant's mode."""
    asked = headers.get("wechatpay-serial", "")
    if asked.startswith("PUB_KEY_ID_") or (not asked and world.terms.mode == "public_key"):
        return public_key_seal(world)
    return certificate_seal(world)


def seal_for_notice(world: World, number: int) -> Seal:
    """Notices are signed by the merchant's mode; in the mixed mode they take turns."""
    mode = world.terms.mode
    if mode == "public_key" or (mode == "mixed" and number % 2):
        return public_key_seal(world)
    return certificate_seal(world)


def stamp(
    world: World, body: bytes, seal: Seal, *, offset: timedelta = timedelta()
) -> dict[str, str]:
    """The signature headers for a body, dated now plus an offset."""
    timestamp = str(int((world.clock.now() + offset).timestamp()))
    nonce = secrets.token_hex(16)
    return {
        "Wechatpay-Timestamp": timestamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": sign(answer_message(timestamp, nonce, body), seal.key),
        "Wechatpay-Serial": seal.serial,
        "Wechatpay-Signature-Type": SCHEME,
    }


def spoiled(headers: dict[str, str]) -> dict[str, str]:
    """The same headers with a signature that does not fit."""
    # Reversed inside its padding it is still base64, just not of this message.
    signature = headers["Wechatpay-Signature"]
    return headers | {"Wechatpay-Signature": signature[-5::-1] + signature[-4:]}


def probing(headers: dict[str, str]) -> dict[str, str]:
    """The same headers with the signature of a probe."""
    signature = headers["Wechatpay-Signature"]
    return headers | {"Wechatpay-Signature": PROBE_PREFIX + signature[len(PROBE_PREFIX) :]}


def certificates(world: World) -> dict[str, object]:
    """The answer of ``GET /v3/certificates``.

    Raises:
        Refusal: The merchant has only the public key.
    """
    if world.terms.mode == "public_key":
        message = "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥"
        raise Refusal(404, "RESOURCE_NOT_EXISTS", message)
    certificate = world.keys.certificate
    sealed = seal_resource(
        world.keys.certificate_pem,
        world.keys.api_v3_key,
        nonce=secrets.token_hex(6),
        associated_data="certificate",
        original_type=None,
    )
    entry = {
        "serial_no": world.keys.certificate_serial,
        "effective_time": beijing_time(certificate.not_valid_before_utc),
        "expire_time": beijing_time(certificate.not_valid_after_utc),
        "encrypt_certificate": {
            "algorithm": sealed.algorithm,
            "nonce": sealed.nonce,
            "associated_data": sealed.associated_data,
            "ciphertext": sealed.ciphertext,
        },
    }
    return {"data": [entry]}

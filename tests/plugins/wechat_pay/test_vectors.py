"""The published vectors: what Tencent's documentation and SDKs sign, seal and verify, so do we."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from cryptography.x509 import load_pem_x509_certificate

from jishi_wechat_pay.certificates import PublicKeys, open_certificates
from jishi_wechat_pay.client_parameters import (
    app_parameters,
    jsapi_parameters,
    mini_program_parameters,
)
from jishi_wechat_pay.resource import Resource, open_resource
from jishi_wechat_pay.signature import (
    Signer,
    Verifier,
    is_signed,
    read_private_key,
    read_public_key,
    sign,
)

VECTORS = msgspec.json.decode((Path(__file__).parent / "wechatpay_v3.json").read_bytes())
MERCHANT = VECTORS["docs_test_merchant"]
KEY = read_private_key(MERCHANT["private_key_pem"])


def moment(seconds: str) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


@pytest.mark.parametrize("vector", VECTORS["request_signature"], ids=lambda v: v["name"])
def test_requests_are_signed_as_published(vector):
    signer = Signer(mchid=MERCHANT["mchid"], serial_no=MERCHANT["serial_no"], private_key=KEY)
    header = signer.authorization(
        vector["method"],
        vector["url"],
        vector["body"].encode(),
        at=moment(vector["timestamp"]),
        nonce=vector["nonce"],
    )
    assert header == (
        f'WECHATPAY2-SHA256-RSA2048 mchid="{MERCHANT["mchid"]}",nonce_str="{vector["nonce"]}",'
        f'signature="{vector["signature"]}",timestamp="{vector["timestamp"]}",'
        f'serial_no="{MERCHANT["serial_no"]}"'
    )


def test_jsapi_parameters_are_signed_as_published():
    vector = VECTORS["pay_sign"][0]
    prepay_id = vector["line4"].removeprefix("prepay_id=")
    made = jsapi_parameters(
        vector["appId"],
        prepay_id,
        KEY,
        at=moment(vector["timeStamp"]),
        nonce=vector["nonceStr"],
    )
    assert msgspec.to_builtins(made) == {
        "appId": vector["appId"],
        "timeStamp": vector["timeStamp"],
        "nonceStr": vector["nonceStr"],
        "package": vector["line4"],
        "signType": "RSA",
        "paySign": vector["sign"],
    }


def test_mini_program_parameters_are_the_same_without_the_appid():
    vector = VECTORS["pay_sign"][0]
    prepay_id = vector["line4"].removeprefix("prepay_id=")
    arguments = (vector["appId"], prepay_id, KEY)
    same = {"at": moment(vector["timeStamp"]), "nonce": vector["nonceStr"]}
    whole = msgspec.to_builtins(jsapi_parameters(*arguments, **same))
    mini = msgspec.to_builtins(mini_program_parameters(*arguments, **same))
    assert mini == {name: value for name, value in whole.items() if name != "appId"}


def test_app_parameters_are_signed_as_published():
    vector = VECTORS["pay_sign"][1]
    made = app_parameters(
        vector["appId"],
        MERCHANT["mchid"],
        vector["line4"],
        KEY,
        at=moment(vector["timeStamp"]),
        nonce=vector["nonceStr"],
    )
    assert msgspec.to_builtins(made) == {
        "appid": vector["appId"],
        "partnerid": MERCHANT["mchid"],
        "prepayid": vector["line4"],
        "package": "Sign=WXPay",
        "noncestr": vector["nonceStr"],
        "timestamp": vector["timeStamp"],
        "sign": vector["sign"],
    }


@pytest.mark.parametrize("vector", VECTORS["response_verify"], ids=lambda v: v["name"])
async def test_a_published_answer_is_verified(vector):
    keys = PublicKeys({"PUB_KEY_ID_1": read_public_key(vector["public_key_pem"])})
    headers = {
        "Wechatpay-Timestamp": vector["timestamp"],
        "Wechatpay-Nonce": vector["nonce"],
        "Wechatpay-Signature": vector["signature"],
        "Wechatpay-Serial": "PUB_KEY_ID_1",
    }
    now = moment(vector["timestamp"])
    stamp = await Verifier(keys).verify(headers, vector["body"].encode(), now)
    assert stamp.nonce == vector["nonce"]


@pytest.mark.parametrize("vector", VECTORS["notification"], ids=lambda v: v["name"])
async def test_a_published_notice_is_verified_and_opened(vector):
    certificate = load_pem_x509_certificate(vector["platform_certificate_pem"].encode())
    keys = PublicKeys({vector["headers"]["Wechatpay-Serial"]: certificate.public_key()})
    body = vector["body"].encode()
    now = moment(vector["headers"]["Wechatpay-Timestamp"])
    await Verifier(keys).verify(vector["headers"], body, now)
    resource = msgspec.convert(msgspec.json.decode(body)["resource"], Resource)
    opened = open_resource(resource, vector["apiv3_key"].encode())
    assert opened.decode() == vector["resource_plaintext"]


@pytest.mark.parametrize("vector", VECTORS["aes_gcm"], ids=lambda v: v["provenance"])
def test_a_published_ciphertext_is_opened(vector):
    resource = Resource(
        ciphertext=vector["ciphertext_b64"],
        nonce=vector["nonce"],
        associated_data=vector["associated_data"],
    )
    assert open_resource(resource, vector["key"].encode()).decode() == vector["plaintext"]


@pytest.mark.parametrize("vector", VECTORS["certificates_response"], ids=lambda v: v["name"])
def test_a_published_list_of_certificates_is_opened(vector):
    body = msgspec.json.encode(vector["json"])
    [certificate] = open_certificates(body, vector["apiv3_key"].encode())
    assert certificate.serial_number == int(vector["decrypted_serial"], 16)


@pytest.mark.parametrize("vector", VECTORS["rsa_sign"], ids=lambda v: v["name"])
def test_a_text_is_signed_as_published(vector):
    key = read_private_key(vector["private_key_pem"])
    message = vector["message"].encode()
    assert sign(message, key) == vector["signature"]
    assert is_signed(message, vector["signature"], key.public_key())

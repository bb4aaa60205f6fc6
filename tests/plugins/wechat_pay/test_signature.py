"""Who is believed: WeChat, when the message is whole and was signed just now."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from hypothesis import given
from hypothesis import strategies as st

from jishi_wechat_pay.certificates import PublicKeys
from jishi_wechat_pay.problems import (
    SerialUnknown,
    SignatureMissing,
    SignatureProbe,
    SignatureStale,
    SignatureWrong,
)
from jishi_wechat_pay.signature import Verifier, answer_message, is_signed, sign

KEY = generate_private_key(65537, 2048)
BODY = '{"code_url":"weixin://…"}'.encode()


@pytest.fixture
def verifier() -> Verifier:
    return Verifier(PublicKeys({"PUB_KEY_ID_1": KEY.public_key()}))


def stamped(at, body=BODY, nonce="a nonce"):
    timestamp = str(int(at.timestamp()))
    return {
        "Wechatpay-Timestamp": timestamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": sign(answer_message(timestamp, nonce, body), KEY),
        "Wechatpay-Serial": "PUB_KEY_ID_1",
    }


async def test_a_fresh_signature_is_believed(verifier, clock):
    stamp = await verifier.verify(stamped(clock.now()), BODY, clock.now())
    assert stamp.serial == "PUB_KEY_ID_1"


async def test_the_case_of_header_names_does_not_matter(verifier, clock):
    headers = {name.upper(): value for name, value in stamped(clock.now()).items()}
    assert await verifier.verify(headers, BODY, clock.now())


async def test_an_empty_body_is_verified_too(verifier, clock):
    assert await verifier.verify(stamped(clock.now(), b""), b"", clock.now())


@pytest.mark.parametrize("seconds", [-299, 299])
async def test_just_inside_five_minutes_is_fresh(verifier, clock, seconds):
    headers = stamped(clock.now() + timedelta(seconds=seconds))
    assert await verifier.verify(headers, BODY, clock.now())


@pytest.mark.parametrize("seconds", [-86400, -301, -300, 300, 301])
async def test_five_minutes_away_is_stale(verifier, clock, seconds):
    headers = stamped(clock.now() + timedelta(seconds=seconds))
    with pytest.raises(SignatureStale):
        await verifier.verify(headers, BODY, clock.now())


@pytest.mark.parametrize("timestamp", ["now", "-1", "1.5", "１７２２８５０４２１", " 1", "1e9"])
async def test_a_timestamp_that_is_no_number_is_refused(verifier, clock, timestamp):
    headers = stamped(clock.now()) | {"Wechatpay-Timestamp": timestamp}
    with pytest.raises(SignatureMissing):
        await verifier.verify(headers, BODY, clock.now())


@pytest.mark.parametrize("timestamp", ["9" * 400, "0"])
async def test_an_absurd_timestamp_is_stale(verifier, clock, timestamp):
    headers = stamped(clock.now()) | {"Wechatpay-Timestamp": timestamp}
    with pytest.raises(SignatureStale):
        await verifier.verify(headers, BODY, clock.now())


async def test_a_probe_is_refused_before_a_key_is_looked_for(clock):
    class NoKeys:
        async def key_for(self, serial: str):
            raise AssertionError("no key may be looked for")

    headers = stamped(clock.now())
    headers["Wechatpay-Signature"] = "WECHATPAY/SIGNTEST/" + headers["Wechatpay-Signature"]
    with pytest.raises(SignatureProbe):
        await Verifier(NoKeys()).verify(headers, BODY, clock.now())


async def test_an_unknown_serial_is_refused(verifier, clock):
    headers = stamped(clock.now()) | {"Wechatpay-Serial": "PUB_KEY_ID_2"}
    with pytest.raises(SerialUnknown):
        await verifier.verify(headers, BODY, clock.now())


async def test_another_signature_scheme_is_refused(verifier, clock):
    headers = stamped(clock.now()) | {"Wechatpay-Signature-Type": "WECHATPAY2-SM2-WITH-SM3"}
    with pytest.raises(SignatureMissing):
        await verifier.verify(headers, BODY, clock.now())


@pytest.mark.parametrize("signature", ["AAAA", "not base64!", "é", "="])
async def test_a_signature_that_is_none_is_wrong(verifier, clock, signature):
    headers = stamped(clock.now()) | {"Wechatpay-Signature": signature}
    with pytest.raises(SignatureWrong):
        await verifier.verify(headers, BODY, clock.now())


@given(position=st.integers(0, len(BODY) - 1), bit=st.integers(0, 7))
def test_one_changed_bit_of_the_body_breaks_the_signature(position, bit):
    changed = bytearray(BODY)
    changed[position] ^= 1 << bit
    signature = sign(answer_message("1", "n", BODY), KEY)
    assert is_signed(answer_message("1", "n", BODY), signature, KEY.public_key())
    assert not is_signed(answer_message("1", "n", bytes(changed)), signature, KEY.public_key())

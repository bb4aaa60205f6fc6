"""WeChat's published examples of the message push."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jishi.config import Secret
from jishi_wechat_miniprogram.problems import NotTrusted
from jishi_wechat_miniprogram.push import Marks, PushReader
from jishi_wechat_miniprogram.push_seal import close_envelope, open_envelope, signature
from jishi_wechat_miniprogram.settings import PushSettings
from jishi_wechat_miniprogram.simulator import App, PushPlace, greeting, seal

VECTORS = json.loads(Path(__file__).with_name("wechat_message_push.json").read_text("utf-8"))
APPID = VECTORS["secure"]["appid"]


def reader(mode: str = "safe") -> PushReader:
    settings = PushSettings(token=Secret("AAAAA"), aes_key=Secret("A" * 43), mode=mode)
    return PushReader(APPID, settings)


def at(vector: dict) -> datetime:
    return datetime.fromtimestamp(int(vector["timestamp"]), UTC)


def marks(vector: dict, **more: str) -> Marks:
    return Marks(timestamp=vector["timestamp"], nonce=vector["nonce"], **more)


def test_the_question_for_the_address_is_answered_with_its_echo():
    vector = VECTORS["url_verify"]
    asked = marks(vector, signature=vector["signature"])
    assert reader().greet(asked, vector["echostr"], at(vector)) == vector["echostr"]


def test_a_wrong_question_for_the_address_is_not_answered():
    vector = VECTORS["url_verify"]
    asked = marks(vector, signature="f" * 40)
    with pytest.raises(NotTrusted):
        reader().greet(asked, vector["echostr"], at(vector))


def test_the_plaintext_example_is_believed():
    vector = VECTORS["plain"]
    pushed = reader("plaintext").read(
        marks(vector, signature=vector["signature"]), b'{"Event":"debug_demo"}', at(vector)
    )
    assert pushed.event == "debug_demo"


def test_the_secure_example_is_opened():
    vector = VECTORS["secure"]
    body = json.dumps({"ToUserName": "gh_97417a04a28d", "Encrypt": vector["encrypt"]}).encode()
    pushed = reader().read(marks(vector, msg_signature=vector["msg_signature"]), body, at(vector))
    assert pushed.body.decode() == vector["msg"]
    assert pushed.event == "debug_demo"


def test_the_reply_example_is_sealed_to_the_byte():
    vector = VECTORS["reply"]
    message, random = vector["msg"].encode(), vector["random"].encode()
    sealed = close_envelope(message, vector["encoding_aes_key"], vector["appid"], random)
    assert sealed == vector["encrypt"]
    parts = (vector["timestamp"], vector["nonce"], sealed)
    assert signature(vector["token"], *parts) == vector["msg_signature"]


def test_the_length_in_the_secure_example_is_the_messages():
    vector = VECTORS["secure"]
    opened = open_envelope(vector["encrypt"], vector["encoding_aes_key"], vector["appid"])
    assert len(opened) == vector["msg_len"]


def test_the_simulator_seals_and_asks_as_published():
    vector, question = VECTORS["secure"], VECTORS["url_verify"]
    app = App(appid=APPID, secret="s", push=PushPlace())
    random = vector["random"].encode()
    letter = seal(app, vector["msg"].encode(), vector["timestamp"], vector["nonce"], random)
    assert json.loads(letter.body)["Encrypt"] == vector["encrypt"]
    assert letter.query["msg_signature"] == vector["msg_signature"]
    asked = greeting(app, question["timestamp"], question["nonce"], question["echostr"])
    assert asked["signature"] == question["signature"]

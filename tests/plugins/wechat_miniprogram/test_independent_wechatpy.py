"""An independent client (wechatpy) opens what we seal, seals what we open, and may talk to the
simulator."""

import json
from datetime import UTC, datetime

import pytest

from jishi.config import Secret
from jishi_wechat_miniprogram.push import Marks, PushReader
from jishi_wechat_miniprogram.push_seal import close_envelope, signature
from jishi_wechat_miniprogram.settings import PushSettings

crypto = pytest.importorskip("wechatpy.crypto", reason="wechatpy is a dependency of development")

APPID, TOKEN, KEY = "wxba5fad812f8e6fb9", "AAAAA", "Q" * 43
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
MESSAGE = json.dumps({"Event": "wxa_media_check", "words": "微信 " * 40}, ensure_ascii=False)


def test_wechatpy_opens_what_we_seal():
    envelope = close_envelope(MESSAGE.encode(), KEY, APPID)
    sign = signature(TOKEN, STAMP, "7", envelope)
    opened = crypto.WeChatCrypto(TOKEN, KEY, APPID).decrypt_message(
        {"Encrypt": envelope}, sign, STAMP, "7"
    )
    assert opened == MESSAGE


def test_we_open_what_wechatpy_seals():
    import xmltodict

    sealed = crypto.WeChatCrypto(TOKEN, KEY, APPID).encrypt_message(MESSAGE, "7", STAMP)
    said = xmltodict.parse(sealed)["xml"]
    settings = PushSettings(token=Secret(TOKEN), aes_key=Secret(KEY), mode="safe")
    marks = Marks(timestamp=STAMP, nonce="7", msg_signature=said["MsgSignature"])
    body = json.dumps({"Encrypt": said["Encrypt"]}).encode()
    assert PushReader(APPID, settings).read(marks, body, NOW).body.decode() == MESSAGE


def test_wechatpy_gets_a_token_and_sends_a_message_through_the_simulator(simulator):
    import httpx
    from wechatpy import WeChatClient

    with httpx.Client(base_url=f"{simulator.address}/_control", trust_env=False) as panel:
        panel.post("/reset")
        app = {"appid": APPID, "secret": "s", "templates": {"template-1": ["thing1"]}}
        panel.put("/apps", json=app)
        panel.put("/users", json={"name": "lei"})
        openid = panel.post("/codes", json={"appid": APPID, "user": "lei"}).json()["openid"]
        panel.post("/consents", json={"appid": APPID, "user": "lei", "template": "template-1"})
        client = WeChatClient(APPID, "s")
        client.API_BASE_URL = f"{simulator.address}/"
        token = httpx.get(
            f"{simulator.address}/cgi-bin/token",
            params={"grant_type": "client_credential", "appid": APPID, "secret": "s"},
        ).json()["access_token"]
        client.session.set(f"{APPID}_access_token", token, 7000)
        client.expires_at = 0
        answer = client.post(
            "cgi-bin/message/subscribe/send",
            data={
                "touser": openid,
                "template_id": "template-1",
                "data": {"thing1": {"value": "白茶"}},
            },
        )
        assert answer["errcode"] == 0
        assert len(panel.get("/messages").json()) == 1

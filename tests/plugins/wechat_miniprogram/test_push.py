"""Pushes are believed only when WeChat proves them, for this mini program, now, once."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from jishi.config import Secret
from jishi_wechat_miniprogram.problems import NotTrusted
from jishi_wechat_miniprogram.push import Marks, PushReader
from jishi_wechat_miniprogram.settings import PushSettings
from jishi_wechat_miniprogram.simulator import App, Letter, PushPlace, seal

APPID = "wxba5fad812f8e6fb9"
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
MESSAGE = b'{"MsgType":"event","Event":"debug_demo","CreateTime":1}'


def reader(mode: str = "safe", token: str = "AAAAA", appid: str = APPID) -> PushReader:
    settings = PushSettings(token=Secret(token), aes_key=Secret("A" * 43), mode=mode)
    return PushReader(appid, settings)


def letter(mode: str = "safe", message: bytes = MESSAGE, nonce: str = "1", **place: str) -> Letter:
    app = App(appid=APPID, secret="s", push=PushPlace(mode=mode, **place))
    return seal(app, message, str(int(NOW.timestamp())), nonce)


def read(box: PushReader, got: Letter, now: datetime = NOW, body: str | None = None):
    query = {name: got.query.get(name, "") for name in Marks.__struct_fields__}
    return box.read(Marks(**query), (got.body if body is None else body).encode(), now)


@pytest.mark.parametrize("mode", ["plaintext", "compat", "safe"])
def test_a_genuine_push_is_read_in_every_mode(mode):
    pushed = read(reader(mode), letter(mode))
    assert (pushed.event, pushed.body) == ("debug_demo", MESSAGE)


@pytest.mark.parametrize("mode", ["plaintext", "compat", "safe"])
def test_a_push_signed_with_another_token_is_refused(mode):
    with pytest.raises(NotTrusted, match="signature"):
        read(reader(mode), letter(mode, token="BBBBB"))


def test_a_push_without_an_envelope_is_refused_where_envelopes_are_agreed():
    forged = letter("plaintext")
    with pytest.raises(NotTrusted):
        read(reader("safe"), forged)
    with pytest.raises(NotTrusted):
        read(reader("compat"), forged)


def test_what_stands_beside_the_envelope_is_not_believed():
    got = letter("compat")
    beside = json.loads(got.body) | {"Event": "trade_manage_order_settlement"}
    pushed = read(reader("compat"), got, body=json.dumps(beside))
    assert pushed.event == "debug_demo"


def test_a_push_for_another_mini_program_is_refused():
    with pytest.raises(NotTrusted, match="another app"):
        read(reader(appid="wx00000000000other"), letter())


def test_a_push_sealed_with_another_key_is_refused():
    with pytest.raises(NotTrusted):
        read(reader(), letter(aes_key="B" * 43))


@pytest.mark.parametrize("seconds", [300, -300, 86_400])
def test_a_push_from_another_time_is_refused(seconds):
    with pytest.raises(NotTrusted, match="old"):
        read(reader(), letter(), NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [299, -299])
def test_a_push_within_five_minutes_is_read(seconds):
    assert read(reader(), letter(), NOW + timedelta(seconds=seconds)).event == "debug_demo"


def test_a_repeat_is_the_same_push_also_when_it_is_sealed_anew():
    box = reader()
    first, again = read(box, letter()), read(box, letter(nonce="2"))
    assert first.id == again.id


def test_the_marks_of_a_push_serve_for_no_other_message():
    box = reader("plaintext")
    read(box, letter("plaintext"))
    with pytest.raises(NotTrusted, match="another message"):
        read(box, letter("plaintext"), body='{"Event":"trade_manage_order_settlement"}')


def test_every_changed_character_of_an_envelope_is_noticed():
    got = letter()
    envelope = json.loads(got.body)["Encrypt"]
    for at in range(0, len(envelope), 7):
        other = "A" if envelope[at] != "A" else "B"
        forged = {"Encrypt": envelope[:at] + other + envelope[at + 1 :]}
        with pytest.raises(NotTrusted):
            read(reader(), got, body=json.dumps(forged))


@pytest.mark.parametrize("body", ["", "<xml></xml>", "[1]", '{"Encrypt": 3}', '{"Encrypt": "x"}'])
def test_nonsense_is_refused(body):
    with pytest.raises(NotTrusted):
        read(reader(), letter(), body=body)


def test_a_huge_push_is_not_even_looked_at():
    with pytest.raises(NotTrusted, match="large"):
        read(reader(), letter(), body=" " * 70_000)

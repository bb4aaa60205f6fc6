"""WeChat's text check: asked as documented, and failing closed."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from jishi.config import Secret
from jishi_content_review import ContentReviewSettings
from jishi_content_review.settings import WechatCheckSettings
from jishi_content_review.wechat_check import CheckFailed, WechatCheck


class Wechat:
    """The server's address, and what it was asked."""

    def __init__(self, port: int, journal: Path) -> None:
        self.host = f"http://127.0.0.1:{port}"
        self._journal = journal

    def settings(self, secret: str = "s3cret") -> WechatCheckSettings:
        return WechatCheckSettings(
            appid="wx1234567890abcdef", secret=Secret(secret), openid="o1", host=self.host
        )

    @property
    def asked(self) -> list[tuple[str, dict[str, object]]]:
        lines = self._journal.read_text("utf-8").splitlines()
        return [tuple(json.loads(line)) for line in lines]

    def expire(self) -> None:
        with urllib.request.urlopen(self.host + "/expire", data=b"{}"):
            pass


@pytest.fixture
def wechat(tmp_path: Path) -> Iterator[Wechat]:
    journal = tmp_path / "asked"
    journal.touch()
    program = Path(__file__).with_name("wechat_text_server.py")
    command = [sys.executable, str(program), "0", str(journal)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield Wechat(int(server.stdout.readline()), journal)
        server.kill()


async def test_a_harmless_text_passes_and_the_question_has_the_documented_shape(wechat):
    check = WechatCheck(wechat.settings(), "zh")
    assert await check.look({"title": "绿茶", "brief": "清香"}) == []
    paths = [path for path, _ in wechat.asked]
    assert paths == ["/cgi-bin/stable_token", "/wxa/msg_sec_check", "/wxa/msg_sec_check"]
    assert wechat.asked[1][1] == {"content": "绿茶", "version": 2, "scene": 1, "openid": "o1"}


async def test_what_wechat_doubts_waits_for_a_person(wechat):
    (found,) = await WechatCheck(wechat.settings(), "zh").look({"brief": "网上赌博"})
    assert (found.rule, found.severity, found.field) == ("wechat_text_check", "doubt", "brief")
    assert "违法犯罪" in found.message
    assert "60ae120f" in found.source


async def test_a_long_text_is_asked_about_in_pieces_and_each_counts(wechat):
    text = "茶" * 2600 + "赌博"
    assert len(await WechatCheck(wechat.settings(), "zh").look({"description": text})) == 1
    sizes = [len(str(body["content"])) for path, body in wechat.asked if "check" in path]
    assert sizes == [2500, 102]


async def test_a_stale_token_is_renewed_once(wechat):
    check = WechatCheck(wechat.settings(), "zh")
    await check.look({"title": "茶"})
    wechat.expire()
    assert await check.look({"title": "茶"}) == []
    assert [path for path, _ in wechat.asked].count("/cgi-bin/stable_token") == 2


async def test_a_wrong_secret_fails_closed_and_is_not_repeated_in_the_error(wechat):
    with pytest.raises(CheckFailed, match="40125") as raised:
        await WechatCheck(wechat.settings("wrong"), "zh").look({"title": "茶"})
    assert "wrong" not in str(raised.value)


async def test_nobody_there_fails_closed_without_the_token(wechat):
    settings = WechatCheckSettings(
        appid="wx12345678", secret=Secret("s"), openid="o", host="http://127.0.0.1:9"
    )
    with pytest.raises(CheckFailed, match="could not be asked") as raised:
        await WechatCheck(settings, "zh").look({"title": "茶"})
    assert "access_token" not in str(raised.value)


async def test_both_speak_in_one_review(wechat, ask):
    settings = ContentReviewSettings(wechat=wechat.settings())
    found = await ask("最佳优惠", settings=settings)
    assert {one.rule for one in found} == {"absolute_wording", "wechat_text_check"}

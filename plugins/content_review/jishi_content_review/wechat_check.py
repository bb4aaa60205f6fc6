"""WeChat's own check of texts: ``msg_sec_check`` version 2, asked over the network.

Sources: WeChat's documentation for mini programs, 开发/服务端: ``/cgi-bin/stable_token`` and
``/wxa/msg_sec_check``.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx
import msgspec

from jishi.clock import Clock, SystemClock
from jishi.compliance import Finding
from jishi.egress import Reach, open_client
from jishi_content_review.settings import WechatCheckSettings
from jishi_content_review.structs import Language

HOST = "api.weixin.qq.com"
LENGTH = 2500
"""The most characters that one question may have."""

_STALE = {40001, 40014, 42001}
"""Error codes that mean: this access token is no longer good."""

_LABELS = {
    10001: ("广告", "advertising"),
    20001: ("时政", "politics"),
    20002: ("色情", "pornography"),
    20003: ("辱骂", "abuse"),
    20006: ("违法犯罪", "crime"),
    20008: ("欺诈", "fraud"),
    20012: ("低俗", "vulgarity"),
    20013: ("版权", "copyright"),
    21000: ("其他", "something else"),
}


class CheckFailed(Exception):
    """WeChat did not answer the question; what was to be published waits."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What WeChat thinks: ``pass``, ``review`` or ``risky``, and of what."""

    suggest: str = "pass"
    label: int = 100


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of WeChat's; errors come with HTTP 200 as well."""

    errcode: int = 0
    errmsg: str = ""
    access_token: str = ""
    expires_in: int = 0
    result: Result = Result()
    trace_id: str = ""


class WechatCheck:
    """Asks WeChat about texts.

    Args:
        settings: Who asks.
        language: The language of findings.
        clock: Says when an access token is old.
    """

    def __init__(
        self, settings: WechatCheckSettings, language: Language, clock: Clock | None = None
    ) -> None:
        self._settings = settings
        self._language = language
        self._clock = clock or SystemClock()
        self._token = ""
        self._until: datetime | None = None

    async def look(self, texts: Mapping[str, str]) -> list[Finding]:
        """What WeChat says about each text; long ones are asked about in pieces.

        Raises:
            CheckFailed: WeChat refused to answer or could not be reached.
        """
        found = []
        async with open_client(self._reach()) as http:
            for field, text in texts.items():
                for start in range(0, len(text), LENGTH):
                    answer = await self._ask(http, text[start : start + LENGTH])
                    found += self._findings(field, answer)
        return found

    def _reach(self) -> Reach:
        # Plain http is for a simulator on this machine; everywhere else it is refused.
        inside = ("127.0.0.0/8", "::1/128") if self._settings.host.startswith("http:") else ()
        return Reach(hosts=(urlsplit(self._settings.host).hostname or HOST,), inside=inside)

    async def _ask(self, http: httpx.AsyncClient, text: str) -> Answer:
        body = {
            "content": text,
            "version": 2,
            "scene": self._settings.scene,
            "openid": self._settings.openid,
        }
        answer = await self._post(http, "/wxa/msg_sec_check", body, await self._access(http))
        if answer.errcode in _STALE:  # once, and with a new token
            self._until = None
            answer = await self._post(http, "/wxa/msg_sec_check", body, await self._access(http))
        if answer.errcode:
            raise CheckFailed(f"WeChat answered {answer.errcode}: {answer.errmsg}")
        return answer

    async def _access(self, http: httpx.AsyncClient) -> str:
        now = self._clock.now()
        if self._until is None or now >= self._until:
            answer = await self._post(
                http,
                "/cgi-bin/stable_token",
                {
                    "grant_type": "client_credential",
                    "appid": self._settings.appid,
                    "secret": self._settings.secret.reveal(),
                },
            )
            if not answer.access_token:
                raise CheckFailed(f"WeChat gave no token, {answer.errcode}: {answer.errmsg}")
            self._token = answer.access_token
            self._until = now + timedelta(seconds=max(answer.expires_in - 300, 30))
        return self._token

    async def _post(
        self, http: httpx.AsyncClient, path: str, body: dict[str, object], token: str = ""
    ) -> Answer:
        query = {"access_token": token} if token else {}
        try:
            reply = await http.post(
                self._settings.host + path,
                params=query,
                content=msgspec.json.encode(body),
                headers={"content-type": "application/json"},
            )
            return msgspec.json.decode(reply.content, type=Answer)
        except (httpx.HTTPError, msgspec.MsgspecError) as error:
            # Without the address: it carries the token.
            raise CheckFailed(f"WeChat could not be asked: {type(error).__name__}") from None

    def _findings(self, field: str, answer: Answer) -> list[Finding]:
        result = answer.result
        if result.suggest == "pass":
            return []
        zh, en = _LABELS.get(result.label, _LABELS[21000])
        said = {
            "zh": f"微信内容安全检查认为可能涉及“{zh}”，建议人工复核。",
            "en": f"WeChat's check of texts sees {en} in it; a person should look.",
        }
        return [
            Finding(
                rule="wechat_text_check",
                severity="doubt",
                message=said[self._language],
                field=field,
                source=f"msg_sec_check v2, trace_id {answer.trace_id}",
            )
        ]

"""Logins, phone numbers, subscribe messages, codes.

Source: WeChat's documentation for mini programs, 小程序登录, 手机号, 订阅消息, 小程序码.
"""

import re
import zlib
from datetime import timedelta
from typing import Any

from jishi_wechat_miniprogram.simulator.access import known_app
from jishi_wechat_miniprogram.simulator.refusals import Refusal
from jishi_wechat_miniprogram.simulator.world import App, Given, World

_SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")
_LIMITS: dict[str, str] = {
    "thing": r".{1,20}",
    "number": r"(?=.{1,32}$)[0-9]+(\.[0-9]+)?",
    "letter": r"[A-Za-z]{1,32}",
    "symbol": r"[^\w\s]{1,5}",
    "character_string": r"[!-~]{1,32}",
    "time": r"(\d{4}年\d{1,2}月\d{1,2}日 ?)?\d{1,2}:\d{2}(:\d{2})?",
    "date": r"\d{4}年\d{1,2}月\d{1,2}日( ?\d{1,2}:\d{2})?",
    "amount": r"[^\d\s]?\d{1,10}(\.\d+)?元?",
    "phone_number": r"[0-9+\-*() ]{1,17}",
    "car_number": r".{1,8}",
    "name": r"[一-鿿]{1,10}|[ -~]{1,20}|(?=.{1,10}$)[ -~一-鿿]+",
    "phrase": r"[一-鿿]{1,5}",
}


def session(world: World, query: dict[str, str]) -> dict[str, object]:
    """``/sns/jscode2session``."""
    app = known_app(world, query.get("appid", ""), query.get("secret", ""))
    if query.get("grant_type") != "authorization_code":
        raise Refusal(40002, "invalid grant_type")
    if not query.get("js_code"):
        raise Refusal(41008, "missing code")
    given = _taken(world, app, query["js_code"], "login")
    user = world.users[given.user]
    if world.count(f"login {user.name}", timedelta(minutes=1)) > 100:
        raise Refusal(45011, "api minute-quota reach limit, please wait")
    if user.risky:
        raise Refusal(40226, "code blocked")
    answer: dict[str, object] = {
        "openid": world.openid_of(app.appid, user.name),
        "session_key": "SESSION-KEY-NEVER-LEAVES==",
    }
    return answer | ({"unionid": user.unionid} if user.unionid else {})


def phone(world: World, app: App, body: dict[str, Any]) -> dict[str, object]:
    """``/wxa/business/getuserphonenumber``."""
    given = _taken(world, app, str(body.get("code", "")), "phone")
    user = world.users[given.user]
    foreign = "" if user.country == "86" else f"+{user.country}"
    info = {
        "phoneNumber": foreign + user.phone,
        "purePhoneNumber": user.phone,
        "countryCode": user.country,
        "watermark": {"timestamp": int(world.now().timestamp()), "appid": app.appid},
    }
    return {"phone_info": info}


def send_message(world: World, app: App, body: dict[str, Any]) -> dict[str, object]:
    """``/cgi-bin/message/subscribe/send``."""
    openid, template = str(body.get("touser", "")), str(body.get("template_id", ""))
    if world.user_with(app.appid, openid) is None:
        raise Refusal(40003, "invalid openid")
    if template not in app.templates:
        raise Refusal(40037, "invalid template_id")
    _check_data(app.templates[template], body.get("data"))
    consent = (app.appid, openid, template)
    if world.consents[consent] < 1:
        raise Refusal(43101, "user refuse to accept the msg")
    world.consents[consent] -= 1
    world.messages.append(body)
    return {"msgid": 2_000_000_000 + len(world.messages)}


def draw_code(world: World, app: App, body: dict[str, Any]) -> bytes:
    """``/wxa/getwxacodeunlimit``; the image says in a comment what it was asked for."""
    scene, page = body.get("scene"), str(body.get("page", app.pages[0]))
    if not isinstance(scene, str) or not _SCENE.fullmatch(scene):
        raise Refusal(40169, "invalid length for scene, or the data is not json string")
    if page.startswith("/") or (body.get("check_path", True) and page not in app.pages):
        raise Refusal(41030, "invalid page")
    width = body.get("width", 430)
    if not isinstance(width, int) or not 280 <= width <= 1280:
        raise Refusal(40097, "invalid args")
    if world.count(f"code {app.appid}", timedelta(minutes=1)) > 5000:
        raise Refusal(45009, "reach max api daily quota limit")
    return _png(f"{page}?scene={scene}")


def _taken(world: World, app: App, code: str, kind: str) -> Given:
    given = world.codes.get(code)
    if given is None or given.appid != app.appid or given.kind != kind:
        raise Refusal(40029, "invalid code")
    if given.used:
        raise Refusal(40163 if kind == "login" else 40029, "code been used")
    if given.until <= world.now():
        raise Refusal(40029, "invalid code")
    given.used = True
    return given


def _check_data(keys: tuple[str, ...], data: object) -> None:
    if not isinstance(data, dict) or set(data) != set(keys):
        raise Refusal(47003, "argument invalid! data keys do not match the template")
    for key in keys:
        value = data[key].get("value") if isinstance(data[key], dict) else None
        kind = key.rstrip("0123456789")
        limit = _LIMITS.get(kind)
        if limit is None or not isinstance(value, str) or not re.fullmatch(limit, value):
            raise Refusal(47003, f"argument invalid! data.{key}.value invalid")


def _png(words: str) -> bytes:
    """A picture of one white dot, with words in it."""

    def chunk(name: bytes, data: bytes) -> bytes:
        mark = zlib.crc32(name + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + name + data + mark

    head = (1).to_bytes(4, "big") * 2 + bytes([8, 0, 0, 0, 0])
    comment = b"Comment\0" + words.encode()
    dot = zlib.compress(b"\0\xff")
    parts = chunk(b"IHDR", head), chunk(b"tEXt", comment), chunk(b"IDAT", dot), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)

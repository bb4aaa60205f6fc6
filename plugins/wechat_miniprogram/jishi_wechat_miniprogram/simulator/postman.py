"""Messages that WeChat pushes: signed and sealed as the console says, delivered, tried again."""

import secrets
from urllib.parse import urlencode

import httpx
import msgspec

from jishi_wechat_miniprogram.push_seal import close_envelope, signature
from jishi_wechat_miniprogram.simulator.world import App, World

TRIES = 3
PATIENCE = 5.0
"""Seconds that WeChat waits for an answer."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A push as it travels.

    Attributes:
        query: What stands behind the address.
        body: JSON.
        delivered: Whether the shop said ``success``, when it was sent.
    """

    query: dict[str, str]
    body: str
    delivered: bool | None = None


def write(
    world: World, app: App, event: str, members: dict[str, object], timestamp: int | None = None
) -> Letter:
    """Write a push for an event.

    Args:
        world: Gives the time.
        app: Its push place says how.
        event: Such as ``trade_manage_order_settlement``.
        members: What the event says besides.
        timestamp: Seconds; now unless given.
    """
    at = int(world.now().timestamp()) if timestamp is None else timestamp
    message = {
        "ToUserName": app.raw_id,
        "FromUserName": "weixin",
        "CreateTime": at,
        "MsgType": "event",
        "Event": event,
        **members,
    }
    return seal(app, msgspec.json.encode(message), str(at), secrets.token_hex(5))


def seal(app: App, message: bytes, timestamp: str, nonce: str, random: bytes = b"") -> Letter:
    """Sign a message and, unless it goes in plaintext, seal it."""
    place = app.push
    query = {
        "signature": signature(place.token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
    }
    if place.mode == "plaintext":
        return Letter(query=query, body=message.decode())
    envelope = close_envelope(message, place.aes_key, app.appid, random)
    query |= {
        "encrypt_type": "aes",
        "msg_signature": signature(place.token, timestamp, nonce, envelope),
    }
    body: dict[str, object] = {"ToUserName": app.raw_id, "Encrypt": envelope}
    if place.mode == "compat":
        body = {**msgspec.json.decode(message, type=dict[str, object]), **body}
    return Letter(query=query, body=msgspec.json.encode(body).decode())


def greeting(app: App, timestamp: str, nonce: str, echo: str) -> dict[str, str]:
    """What WeChat asks when a merchant enters the address."""
    sign = signature(app.push.token, timestamp, nonce)
    return {"signature": sign, "timestamp": timestamp, "nonce": nonce, "echostr": echo}


async def deliver(http: httpx.AsyncClient, app: App, letter: Letter) -> Letter:
    """Bring a push to the shop, three times at most, until it says ``success`` or nothing."""
    url = f"{app.push.url}?{urlencode(letter.query)}"
    headers = {"content-type": "application/json"}
    for _ in range(TRIES):
        try:
            answer = await http.post(
                url, content=letter.body.encode(), headers=headers, timeout=PATIENCE
            )
        except httpx.HTTPError:
            continue
        if answer.status_code == 200 and answer.text.strip() in ("", "success"):
            return msgspec.structs.replace(letter, delivered=True)
    return msgspec.structs.replace(letter, delivered=False)

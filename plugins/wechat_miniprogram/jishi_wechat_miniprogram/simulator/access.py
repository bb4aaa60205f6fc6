"""Who may call: AppSecret, stable and plain tokens, the shop's address.

Source: WeChat's documentation for mini programs, 接口调用凭证.
"""

import secrets
from datetime import timedelta
from typing import Literal

import msgspec

from jishi_wechat_miniprogram.simulator.refusals import Refusal
from jishi_wechat_miniprogram.simulator.world import App, Token, World

LIFE = timedelta(seconds=7200)
OVERLAP = timedelta(minutes=5)


class StableWish(msgspec.Struct, frozen=True):
    """The body of ``/cgi-bin/stable_token``."""

    grant_type: str = ""
    appid: str = ""
    secret: str = ""
    force_refresh: bool = False


def known_app(world: World, appid: str, secret: str) -> App:
    """The mini program that proves itself with its AppSecret."""
    if not appid:
        raise Refusal(41002, "appid missing")
    if not secret:
        raise Refusal(41004, "appsecret missing")
    app = world.apps.get(appid)
    if app is None:
        raise Refusal(40013, "invalid appid")
    if app.secret != secret:
        raise Refusal(40125, "invalid appsecret")
    if not world.terms.allowed:
        raise Refusal(40164, "invalid ip 127.0.0.1, not in whitelist")
    return app


def stable_token(world: World, wish: StableWish) -> dict[str, object]:
    """The same token for everybody who asks; another one near its end, or when forced."""
    if wish.grant_type != "client_credential":
        raise Refusal(40002, "invalid grant_type")
    app = known_app(world, wish.appid, wish.secret)
    if world.count(f"stable {app.appid}", timedelta(minutes=1)) > 10_000:
        raise Refusal(45011, "api minute-quota reach limit")
    token = world.tokens.get(world.stable.get(app.appid, ""))
    if wish.force_refresh:
        token = _forced(world, app, token)
    elif token is None or token.until - world.now() < OVERLAP:
        token = _new(world, app, "stable")  # the old one stays good for what is left of it
    left = int((token.until - world.now()).total_seconds())
    return {"access_token": token.text, "expires_in": left}


def plain_token(world: World, query: dict[str, str]) -> dict[str, object]:
    """``/cgi-bin/token``: each call ends the token before; stable ones are not touched."""
    if query.get("grant_type") != "client_credential":
        raise Refusal(40002, "invalid grant_type")
    app = known_app(world, query.get("appid", ""), query.get("secret", ""))
    before = world.tokens.get(world.plain.get(app.appid, ""))
    if before is not None:
        before.until = min(before.until, world.now() + OVERLAP)
    token = _new(world, app, "plain")
    return {"access_token": token.text, "expires_in": int(LIFE.total_seconds())}


def app_of_token(world: World, text: str) -> App:
    """The mini program that an access token belongs to."""
    if not text:
        raise Refusal(41001, "access_token missing")
    token = world.tokens.get(text)
    if token is None:
        raise Refusal(40001, "invalid credential, access_token is invalid or not latest")
    if token.until <= world.now():
        raise Refusal(42001, "access_token expired")
    if not world.terms.allowed:
        raise Refusal(40164, "invalid ip 127.0.0.1, not in whitelist")
    return world.apps[token.appid]


def _forced(world: World, app: App, token: Token | None) -> Token:
    """20 times a day; less than 30 seconds after the last time nothing is refreshed."""
    now, times = world.now(), world.forced.setdefault(app.appid, [])
    today = [each for each in times if each.date() == now.date()]
    if len(today) >= 20:
        raise Refusal(45009, "reach max api daily quota limit")
    if token is not None and times and now - times[-1] < timedelta(seconds=30):
        return token
    times.append(now)
    if token is not None:
        del world.tokens[token.text]
    return _new(world, app, "stable")


def _new(world: World, app: App, kind: Literal["stable", "plain"]) -> Token:
    text = f"{secrets.randbelow(100)}_{secrets.token_urlsafe(96)}"
    token = Token(text=text, appid=app.appid, until=world.now() + LIFE)
    world.tokens[text] = token
    (world.stable if kind == "stable" else world.plain)[app.appid] = text
    return token

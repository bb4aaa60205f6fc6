"""The addresses that shops call: they read, ask the right desk, and answer as WeChat does."""

import asyncio
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State

from jishi_wechat_miniprogram.simulator import goods, people
from jishi_wechat_miniprogram.simulator.access import (
    StableWish,
    app_of_token,
    plain_token,
    stable_token,
)
from jishi_wechat_miniprogram.simulator.refusals import Refusal
from jishi_wechat_miniprogram.simulator.world import App, Call, World

_Asked = Request[object, object, State]

WITH_TOKEN = {
    "/wxa/business/getuserphonenumber": people.phone,
    "/cgi-bin/message/subscribe/send": people.send_message,
    "/wxa/getwxacodeunlimit": people.draw_code,
    "/wxa/sec/order/upload_shipping_info": goods.upload,
    "/wxa/sec/order/upload_combined_shipping_info": goods.upload_combined,
    "/wxa/sec/order/get_order": goods.show,
}


@get(["/sns/jscode2session", "/cgi-bin/token", "/cgi-bin/stable_token", *WITH_TOKEN])
async def ask(request: _Asked) -> Response[bytes]:
    """What is asked with a GET."""
    return await _answer(request, {})


@post(["/cgi-bin/stable_token", *WITH_TOKEN], status_code=200)
async def tell(request: _Asked) -> Response[bytes]:
    """What is asked with a POST."""
    try:
        body = msgspec.json.decode(await request.body(), type=dict[str, Any])
    except msgspec.MsgspecError:
        return _shown({"errcode": 47001, "errmsg": "data format error"})
    return await _answer(request, body)


async def _answer(request: _Asked, body: dict[str, Any]) -> Response[bytes]:
    world: World = request.app.state.world
    path = request.url.path
    await asyncio.sleep(world.terms.slow)
    try:
        answer = _done(world, path, request, body)
    except Refusal as refusal:
        world.calls.append(Call(path=path, errcode=refusal.code, body=_hidden(body)))
        return _shown({"errcode": refusal.code, "errmsg": f"{refusal.message} rid: 0-0-0"})
    world.calls.append(Call(path=path, errcode=0, body=_hidden(body)))
    if path in world.terms.lose_once:
        world.terms.lose_once = tuple(each for each in world.terms.lose_once if each != path)
        return Response(b"", status_code=502)
    if isinstance(answer, bytes):
        return Response(answer, media_type="image/png")
    return _shown(answer)


def _done(world: World, path: str, request: _Asked, body: dict[str, Any]) -> Any:
    for failing in (world.terms.fail, world.terms.fail_once):
        if path in failing:
            code = failing[path]
            if failing is world.terms.fail_once:
                del failing[path]
            raise Refusal(code, "told to fail")
    query = dict(request.query_params.items())
    if path == "/sns/jscode2session":
        return people.session(world, query)
    if path == "/cgi-bin/token":
        return plain_token(world, query)
    if request.method != "POST":
        raise Refusal(43002, "require POST method")
    if path == "/cgi-bin/stable_token":
        return stable_token(world, msgspec.convert(body, StableWish))
    app: App = app_of_token(world, query.get("access_token", ""))
    done = WITH_TOKEN[path](world, app, body)
    return {"errcode": 0, "errmsg": "ok", **done} if isinstance(done, dict) else done


def _hidden(body: dict[str, Any]) -> dict[str, object]:
    return {name: value for name, value in body.items() if name != "secret"}


def _shown(answer: dict[str, object]) -> Response[bytes]:
    return Response(msgspec.json.encode(answer), media_type="application/json")

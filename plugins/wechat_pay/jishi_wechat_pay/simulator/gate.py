"""The merchant's door of the simulated WeChat Pay: everything under ``/v3``.

A plain ASGI application, because it must see the bytes as they came and sometimes hang up in the
middle of an answer.
"""

import asyncio
import re
import secrets
from typing import TYPE_CHECKING
from urllib.parse import unquote

import msgspec

from jishi_wechat_pay.simulator import answers
from jishi_wechat_pay.simulator.calls import ROUTES, Request
from jishi_wechat_pay.simulator.faults import strikes
from jishi_wechat_pay.simulator.merchant_signature import check_headers, check_signature
from jishi_wechat_pay.simulator.refusals import Refusal
from jishi_wechat_pay.simulator.till import Till
from jishi_wechat_pay.simulator.world import Call

if TYPE_CHECKING:
    from litestar.types import HTTPScope, Receive, Send


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What goes back."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    code: str = ""


class Gate:
    """Answers the merchant's calls."""

    def __init__(self, till: Till) -> None:
        self._till = till
        self._world = till.world

    async def __call__(self, scope: "HTTPScope", receive: "Receive", send: "Send") -> None:
        """Serve one call."""
        request = await _receive(scope, receive)
        call = f"{request.method} {request.path}"
        faults = self._world.faults.answers
        concerned = faults.concerns(call)
        if concerned and faults.slow:
            await asyncio.sleep(faults.slow)
        answer = self._answer(request, concerned)
        self._world.calls.append(
            Call(at=self._world.clock.now(), call=call, status=answer.status, code=answer.code)
        )
        self._world.write("call", call=call, status=answer.status, code=answer.code)
        await _send(
            send, answer, cut=concerned and answer.status < 300 and strikes(faults, "lose")
        )

    def _answer(self, request: Request, concerned: bool) -> Answer:
        faults = self._world.faults.answers
        try:
            if concerned and strikes(faults, "fail"):
                raise Refusal(faults.status, faults.code, faults.message)
            result = self._work(request)
        except Refusal as refusal:
            return Answer(status=refusal.status, body=refusal.body(), code=refusal.code)
        if isinstance(result, int):
            return Answer(status=result)
        body = msgspec.json.encode(result) if result is not None else b""
        seal = answers.seal_for_answer(self._world, request.headers)
        headers = answers.stamp(self._world, body, seal)
        if concerned and strikes(faults, "mis_sign"):
            headers = answers.spoiled(headers)
        return Answer(status=200 if body else 204, body=body, headers=headers)

    def _work(self, request: Request) -> dict[str, object] | int | None:
        """Do what is asked; a number is the status of an answer without a body."""
        found = [
            (method, match, work)
            for method, pattern, work in ROUTES
            if (match := re.fullmatch(pattern, request.path))
        ]
        if not found:
            return 404
        for method, match, work in found:
            if method == request.method:
                check_signature(self._world, method, request.target, request.headers, request.body)
                check_headers(self._world, request.headers)
                return work(self._till, request, match.group(1))
        return 405


async def _receive(scope: "HTTPScope", receive: "Receive") -> Request:
    body = b""
    more = True
    while more:
        event = await receive()
        if event["type"] != "http.request":
            break
        body += event["body"]
        more = event["more_body"]
    query = scope["query_string"].decode("latin-1")
    raw_path = scope["raw_path"].decode("latin-1")
    return Request(
        method=scope["method"],
        # Not scope["path"]: a mounted application is told only the rest of it.
        path=unquote(raw_path),
        target=f"{raw_path}?{query}" if query else raw_path,
        query=query,
        headers={k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]},
        body=body,
    )


async def _send(send: "Send", answer: Answer, *, cut: bool) -> None:
    length = len(answer.body) + (100 if cut else 0)
    headers = {"Request-ID": secrets.token_hex(16)} | answer.headers
    if answer.body or cut:
        headers |= {
            "Content-Type": "application/json; charset=utf-8",
            "Content-Length": str(length),
        }
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    # Ending here with less than was announced makes the server cut the connection.
    await send({"type": "http.response.body", "body": answer.body or b" " * cut, "more_body": cut})

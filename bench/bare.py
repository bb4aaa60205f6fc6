"""The limit of reads: a Litestar handler that returns bytes it has, under the shop's server."""

import os
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import Interfaces, Loops
from litestar import Litestar, Request, Response, get, post

LIST = Path("list.json")
DETAIL = Path("detail.json")
ANSWER = Path("answer.json")


def app() -> Litestar:
    """Answers with the bytes that lie in the folder it was started in."""
    bodies = {path: path.read_bytes() for path in (LIST, DETAIL, ANSWER) if path.exists()}

    @get("/list", media_type="application/json")
    async def show_list() -> Response[bytes]:
        return Response(bodies[LIST], media_type="application/json")

    @get("/detail", media_type="application/json")
    async def show_detail() -> Response[bytes]:
        return Response(bodies[DETAIL], media_type="application/json")

    @post("/answer", status_code=201, media_type="application/json")
    async def take(request: Request[Any, Any, Any]) -> Response[bytes]:
        await request.body()
        return Response(bodies[ANSWER], media_type="application/json")

    return Litestar([show_list, show_detail, take], logging_config=None, openapi_config=None)


def serve(port: int, workers: int) -> None:
    """Serve with the options of ``jishi serve``."""
    server: Any = Granian(
        "bench.bare:app",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGI,
        workers=workers,
        loop=Loops.uvloop,
        factory=True,
        log_enabled=False,
        websockets=False,
    )
    server.serve()


if __name__ == "__main__":
    serve(int(os.environ["BENCH_PORT"]), int(os.environ["BENCH_WORKERS"]))

"""``jishi plugins trace``: the hooks that one request asks, who answered what, and how fast."""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path

import click
import httpx
import msgspec
from rich.text import Text
from rich.tree import Tree

from jishi.cli.build import load_build, usable
from jishi.cli.voice import Voice, spoken
from jishi.config import Config
from jishi.plugins import Call
from jishi.web import create_app

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Traced(msgspec.Struct, frozen=True, kw_only=True):
    """One request and the hooks it asked.

    Attributes:
        request: Method and path.
        status: What the shop answered.
        microseconds: How long it took in all.
        calls: Who was asked what, in order.
        body: The answer, shortened.
    """

    request: str
    status: int
    microseconds: int
    calls: tuple[Call, ...]
    body: str


@click.command("trace")
@click.argument("method", type=click.Choice(_METHODS, case_sensitive=False), required=False)
@click.argument("path", required=False)
@click.option(
    "--quote",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help='Trace the quote of a JSON file: {"lines": [{"sku": ..., "quantity": 1}]}.',
)
@click.option("--data", help="The body, as JSON.")
@click.option("--header", "headers", multiple=True, help="A header, as Name: value.")
@spoken
def trace(
    voice: Voice,
    method: str | None,
    path: str | None,
    quote: Path | None,
    data: str | None,
    headers: Sequence[str],
) -> None:
    """Serve one request in this process and show every hook it asks.

    It really happens, in the build's database: `jishi plugins trace GET /store/products/tea`.
    """  # fmt: skip
    if quote is not None:
        method, path, data = "POST", "/store/quotes", quote.read_text("utf-8")
    if method is None or path is None:
        raise click.UsageError("Say what to trace: GET /store/products, or --quote items.json.")
    named = dict(_header(each) for each in headers)
    with redirect_stdout(sys.stderr):  # what the shop logs
        found = asyncio.run(_trace(load_build(), method.upper(), path, data, named))
    if voice.form == "text":
        voice.out.print(_tree(found))
    voice.document(found)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon:
        raise click.UsageError(f"--header {text!r}: expected Name: value.")
    return name.strip(), value.strip()


async def _trace(
    config: Config, method: str, path: str, data: str | None, headers: dict[str, str]
) -> Traced:
    async with usable(config) as shop:
        app = create_app(shop)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)  # type: ignore[arg-type]
        async with httpx.AsyncClient(
            transport=transport, base_url=config.shop.base_url, trust_env=False
        ) as http:
            sent = {"content-type": "application/json", **headers} if data else headers
            counter = app.state.life.counter
            await counter.start()
            app.state.counter = counter
            try:
                with shop.hooks.recording() as trace:
                    answer = await http.request(method, path, content=data, headers=sent)
            finally:
                await counter.stop()
    return Traced(
        request=f"{method} {path}",
        status=answer.status_code,
        microseconds=round(answer.elapsed.total_seconds() * 1_000_000),
        calls=tuple(trace.calls),
        body=answer.text[:2000],
    )


def _tree(found: Traced) -> Tree:
    """The calls under their hooks, in the order in which they were asked."""
    asked = sum(call.microseconds for call in found.calls)
    root = Tree(
        Text(
            f"{found.request} → {found.status}, {found.microseconds / 1000:.1f} ms, "
            f"of it plugins {asked / 1000:.2f} ms"
        )
    )
    branch, hook = root, ""
    for call in found.calls:
        if call.hook != hook:
            hook, branch = call.hook, root.add(Text(call.hook, style="bold"))
        said = f"✗ {call.error}" if call.error else call.answer
        line = f"{call.plugin}  {call.microseconds} µs  {said}"
        branch.add(Text(line, style="red" if call.error else ""))
    if not found.calls:
        root.add(Text("no plugin was asked"))
    if found.status >= 400:
        root.add(Text(found.body, style="red"))
    return root

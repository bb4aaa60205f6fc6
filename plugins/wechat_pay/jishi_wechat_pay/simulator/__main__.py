"""``python -m jishi_wechat_pay.simulator``: a WeChat Pay of one's own, for demos and tests."""

import asyncio
from contextlib import suppress
from pathlib import Path

import click
from granian.constants import Interfaces
from granian.server.embed import Server

from jishi.clock import SystemClock
from jishi_wechat_pay.simulator.app import make_app
from jishi_wechat_pay.simulator.keys import keep_keys, make_keys
from jishi_wechat_pay.simulator.world import World


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8700, show_default=True)
@click.option("--merchant", default="1900000109", show_default=True, help="The merchant's number.")
@click.option(
    "--appid",
    "appids",
    multiple=True,
    default=["wxd678efh567hg6787"],
    show_default=True,
    help="An app of the merchant's; may be given several times.",
)
@click.option(
    "--keys",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder to read the keys from; they are made when it has none.",
)
@click.option("--speed", default=1.0, show_default=True, help="Divides WeChat's waiting times.")
@click.option("--public-url", help="Where people reach the pages.  [default: http://HOST:PORT]")
@click.option(
    "--journal",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file that gets one JSON line for everything that happens.",
)
def main(
    host: str,
    port: int,
    merchant: str,
    appids: tuple[str, ...],
    keys: Path | None,
    speed: float,
    public_url: str | None,
    journal: Path | None,
) -> None:
    """Pretend to be WeChat Pay for one merchant until interrupted."""
    clock = SystemClock()
    identity = (merchant, [*appids], clock.now())
    made = keep_keys(keys, *identity) if keys else make_keys(*identity)
    address = public_url or f"http://{host}:{port}"
    world = World(made, clock, speed=speed, public_url=address, journal=journal)
    click.echo(f"微信支付模拟器 · simulated WeChat Pay for merchant {merchant}: {address}")
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(world, host, port))


async def _serve(world: World, host: str, port: int) -> None:
    # Embedded, because the state lives in this one process and a kill must end all of it.
    server = Server(
        make_app(world),
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        websockets=False,
        log_enabled=False,
    )
    await server.serve()


if __name__ == "__main__":
    main()

"""``python -m jishi_wechat_miniprogram.simulator``: a WeChat of one's own, for demos and tests."""

import asyncio
from contextlib import suppress

import click
from granian.constants import Interfaces
from granian.server.embed import Server

from jishi.clock import SystemClock
from jishi_wechat_miniprogram.simulator.app import make_app
from jishi_wechat_miniprogram.simulator.world import App, User, World


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8710, show_default=True)
@click.option("--appid", help="A mini program that is there from the start.")
@click.option("--secret", default="simulated-secret", show_default=True, help="Its AppSecret.")
@click.option("--user", "users", multiple=True, help="Somebody who is there from the start.")
def main(host: str, port: int, appid: str | None, secret: str, users: tuple[str, ...]) -> None:
    """Pretend to be WeChat for mini programs until interrupted."""
    world = World(SystemClock())
    if appid:
        world.apps[appid] = App(appid=appid, secret=secret)
    for name in users:
        world.users[name] = User(name=name)
    click.echo(
        f"微信小程序模拟器 · simulated WeChat mini programs: http://{host}:{port}/_control/"
    )
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

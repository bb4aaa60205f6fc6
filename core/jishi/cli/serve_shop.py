"""``jishi serve``: the shop on the web."""

import os

import click
import msgspec

from jishi.cli.build import load_build
from jishi.cli.voice import Voice, spoken
from jishi.config import Config
from jishi.web import WebSettings, serve, set_up_logs


@click.command("serve")
@click.option("--host", help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port to listen on.")
@click.option(
    "--workers",
    "--processes",
    "workers",
    type=click.IntRange(1, 64),
    help="Processes; more than 1 needs PostgreSQL.",
)
@click.option("--without-jobs", is_flag=True, help="Leave the jobs to `jishi work`.")
@click.option("--safe", is_flag=True, help="Only the core's own plugins and required ones.")
@click.option("--upgrade", is_flag=True, help="Bring the database up to date first.")
@spoken
def serve_command(
    voice: Voice,
    host: str | None,
    port: int | None,
    workers: int | None,
    without_jobs: bool,
    safe: bool,
    upgrade: bool,
) -> None:
    """Serve the shop until it is stopped."""
    if without_jobs:
        os.environ["JISHI_EVENTS_JOBS"] = "elsewhere"  # read with the build, in every process
    if safe:
        os.environ["JISHI_PLUGINS_SAFE"] = "yes"
    config = _with(load_build(), host=host, port=port, workers=workers)
    set_up_logs(config.section("web", WebSettings).log)
    serve(config, "upgrade" if upgrade else "refuse", lambda: _announce(voice, config))


def _announce(voice: Voice, config: Config) -> None:
    address = f"http://{config.server.host}:{config.server.port}"
    voice.say(f"{config.shop.name}: {address}")
    voice.say(f"  storefront  {address}/")
    voice.say(f"  API docs    {address}/docs")
    voice.say(f"  health      {address}/health/ready")
    voice.document({"address": address, "docs": f"{address}/docs"})
    voice.out.file.flush()


def _with(config: Config, **given: object) -> Config:
    changes = {name: value for name, value in given.items() if value is not None}
    server = msgspec.structs.replace(config.server, **changes)
    return msgspec.structs.replace(config, server=server)

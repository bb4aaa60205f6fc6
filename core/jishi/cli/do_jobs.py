"""``jishi work``: the shop's jobs, in a process of their own."""

import click

from jishi.cli.build import load_build
from jishi.cli.voice import Voice, spoken
from jishi.web import WebSettings, set_up_logs, work


@click.command("work")
@spoken
def work_command(voice: Voice) -> None:
    """Do the shop's jobs and serve nobody, until it is stopped."""
    config = load_build()
    set_up_logs(config.section("web", WebSettings).log)

    def announce() -> None:
        voice.say(f"{config.shop.name}: doing jobs")
        voice.document({"jobs": "running"})
        voice.out.file.flush()

    work(config, announce)

"""``jishi plugins check`` and ``bisect``: does this build sell, and if not, whose fault is it?"""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

import click
import msgspec

from jishi.builtin import BUILTIN
from jishi.callers import Caller
from jishi.catalogue import (
    Listing,
    Sku,
    StockOrder,
    change_stock,
    create_product,
    publish_product,
)
from jishi.checkout import Counter, PlaceOrder, WantedLine, place_order
from jishi.cli.build import load_build
from jishi.cli.voice import Voice, spoken
from jishi.config import Config, DatabaseSettings, without_plugin
from jishi.fulfilment import Address
from jishi.identifiers import new_id
from jishi.plugins import PluginProblem, find_plugins, names_of_needs
from jishi.problems import Problem
from jishi.web import open_shop, require_tables

SECONDS = 120
"""After which a trial counts as failed."""

Ill = Callable[[Sequence[str]], bool]
"""Whether the build fails with these plugins on."""


@click.command("check")
@spoken
def check(voice: Voice) -> int:
    """Place a test order in a scratch shop with this build's plugins; exit code 1 if it fails."""
    config = load_build()
    with redirect_stdout(sys.stderr):  # what the shop logs
        problem = asyncio.run(_check(config))
    voice.say(problem or "A test order could be placed.")
    voice.document({"status": "ill" if problem else "well", "problem": problem})
    return 1 if problem else 0


async def _check(config: Config) -> str:
    with tempfile.TemporaryDirectory(prefix="jishi-check-") as folder:
        scratch = DatabaseSettings(url=f"sqlite:///{folder}/scratch.db")
        try:
            await _sell(msgspec.structs.replace(config, database=scratch))
        except Problem as problem:
            return str(problem)
        except Exception as error:  # noqa: BLE001 whatever goes wrong is the finding
            return f"{type(error).__name__}: {error}"
    return ""


async def _sell(config: Config) -> None:
    """Sell one thing, in a shop of its own.

    Raises:
        Problem: It could not be sold.
    """
    shop = await open_shop(config)
    counter = Counter(shop)
    try:
        await require_tables(shop, "upgrade")
        listing = Listing(
            handle="check-tea", title="绿茶", skus=(Sku(code="check-tea", price=990),)
        )
        made = await create_product(shop, listing)
        await publish_product(shop, made.product.id)
        stock = StockOrder(sku="check-tea", kind="count", quantity=3, reason="check")
        await change_stock(shop, stock, new_id(), "check")
        await counter.start()
        caller = Caller(kind="guest", id=new_id(), channel=next(iter(config.channels)))
        await place_order(shop, counter, caller, _wish(), new_id())
    finally:
        await counter.stop()
        await shop.database.stop()


def _wish() -> PlaceOrder:
    address = Address(
        name="李雷", phone="13800138000", region="浙江省", city="杭州市", street="文三路 1 号"
    )
    return PlaceOrder(lines=(WantedLine(sku="check-tea", quantity=1),), address=address)


@click.command("bisect", context_settings={"ignore_unknown_options": True})
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@spoken
def bisect(voice: Voice, command: tuple[str, ...]) -> int:
    """Find the plugin whose fault it is, by halving.

    Without a COMMAND a test order is placed in a scratch shop. A COMMAND of yours is run with
    JISHI_CONFIG naming a build with some of the plugins; it fails by its exit code.
    """
    config = load_build()
    trials: list[str] = []

    def is_ill(names: Sequence[str]) -> bool:
        kept = with_needs(names, config.plugins.enabled)
        code = _run(config, kept, command)
        trials.append(f"{', '.join(kept) or 'none'}: {'fails' if code else 'works'}")
        voice.say(trials[-1])
        return code != 0

    guilty = find_guilty(config.plugins.enabled, is_ill)
    said = _verdict(guilty)
    voice.say(said)
    voice.document({"guilty": guilty, "said": said, "trials": trials})
    return 0 if guilty else 1


def find_guilty(names: Sequence[str], is_ill: Ill) -> list[str] | None:
    """The fewest plugins with which it fails, found by halving.

    Args:
        names: All that are on, in their order.
        is_ill: Tries some of them.

    Returns:
        Usually one; several when it takes them together; none when it fails without any; None
        when it does not fail at all.
    """
    if not is_ill(names):
        return None
    found: list[str] = []
    rest = list(names)
    while not is_ill(found):
        low, high = 0, len(rest)  # fails with the first `high`, works with the first `low`
        while high - low > 1:
            middle = (low + high) // 2
            if is_ill([*rest[:middle], *found]):
                high = middle
            else:
                low = middle
        found.append(rest[high - 1])
        rest = rest[: high - 1]
    return sorted(found, key=list(names).index)


def with_needs(names: Sequence[str], enabled: Sequence[str]) -> list[str]:
    """The plugins and those they stand on, in the merchant's order."""
    wanted = set(names)
    for _ in enabled:
        for name in tuple(wanted):
            wanted |= _needs(name)
    return [name for name in enabled if name in wanted]


def _needs(name: str) -> set[str]:
    try:
        return set(names_of_needs(find_plugins([name], BUILTIN)[name].declaration))
    except PluginProblem:
        return set()  # it cannot even be loaded: the trial will say so


def _run(config: Config, kept: Sequence[str], command: Sequence[str]) -> int:
    own = [sys.executable, "-m", "jishi.cli", "plugins", "check"]
    with _build_with(config, kept) as file:
        environment = {**os.environ, "JISHI_CONFIG": str(file)}
        environment.pop("JISHI_PLUGINS_ENABLED", None)
        try:
            done = subprocess.run(  # noqa: S603  # what the person who looks for a fault typed
                list(command) or own,
                env=environment,
                timeout=SECONDS,
                capture_output=True,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return 1
        except OSError as error:
            raise click.UsageError(f"{command[0]}: {error.strerror}") from error
    return done.returncode


@contextmanager
def _build_with(config: Config, kept: Sequence[str]) -> Iterator[Path]:
    """The build's file beside itself, with some plugins only."""
    text = config.source.text
    for name in config.plugins.enabled:
        if name not in kept:
            text = without_plugin(text, name)
    descriptor, name = tempfile.mkstemp(
        dir=config.folder, prefix=".jishi-bisect-", suffix=".toml", text=True
    )
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.write(text)
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _verdict(guilty: list[str] | None) -> str:
    if guilty is None:
        return "Nothing fails with all plugins on."
    if not guilty:
        return "It fails without any plugin: it is the build or the core."
    if len(guilty) == 1:
        return f"It is {guilty[0]}: jishi plugins disable {guilty[0]}"
    return f"It fails when these are on together: {', '.join(guilty)}."

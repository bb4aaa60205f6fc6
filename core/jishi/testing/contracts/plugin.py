"""What every plugin promises, whatever it does."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, ClassVar

import httpx
import msgspec
import pytest
from packaging.specifiers import SpecifierSet

from jishi import __version__
from jishi.config import Source, describe, read_config
from jishi.dossiers import forgotten
from jishi.effects import Effect
from jishi.events import Runner
from jishi.hookspecs.checkout import effects_of_order
from jishi.identifiers import new_id
from jishi.orders import Order, load_order
from jishi.plugins import SHOP, Plugin, Trace
from jishi.shop import Shop
from jishi.testing.contracts.promises import Promises
from jishi.testing.people import Seller, Shopper
from jishi.testing.shop import client_of
from jishi.web import open_shop, require_tables

STANDSTILL = 0.25
"""Seconds for which nobody else was served: what a hook may never cause."""

_SECRET = {"SHOP_SECRET": "0123456789abcdef0123456789abcdef0123456789abcdef"}


class PluginContract(Promises):
    """A plugin is what it declares, and the shop sells with it and without it.

    Attributes:
        plugin: The plugin's class.
        settings: Its settings as they would stand in ``[plugins.<name>]``; None when it has
            none. A class's own fixture `plugin_settings` may compute them instead.
    """

    plugin: ClassVar[type[Plugin]]
    settings: ClassVar[Mapping[str, Any] | None] = None

    @pytest.fixture
    def plugin_settings(self) -> Mapping[str, Any] | None:
        """Give the settings under test."""
        return self.settings

    @pytest.fixture
    def shop_plugins(self, shop_plugins: dict[str, type[Plugin]]) -> dict[str, type[Plugin]]:
        """Give the plugins of the shop, this one among them."""
        return shop_plugins | {self.plugin.declaration.name: self.plugin}

    @pytest.fixture
    def shop_tables(
        self, shop_tables: dict[str, Any], plugin_settings: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        """Give the shop's jishi.toml, with the plugin's settings."""
        if plugin_settings is None:
            return shop_tables
        return shop_tables | {"plugins": {self.plugin.declaration.name: dict(plugin_settings)}}

    def test_it_goes_by_one_name(self) -> None:
        """Entry point, tables and settings carry the name of the declaration."""
        name = self.plugin.declaration.name
        points = [each for each in entry_points(group="jishi.plugins") if each.name == name]
        assert points, (
            f"no entry point of the group jishi.plugins is called {name!r}: write it into "
            "pyproject.toml and install the distribution (pip install -e .)"
        )
        assert points[0].load() is self.plugin, f"{points[0].value} is another class"
        for table in self.plugin.declaration.tables:
            table_name = str(getattr(table, "_meta").tablename)  # noqa: B009 - Piccolo's own door
            assert table_name.startswith(f"{name}_"), (
                f"the table {table_name} does not begin with {name}_"
            )

    def test_it_works_with_this_core(self) -> None:
        """The range of cores in the declaration includes the one that is installed."""
        declaration = self.plugin.declaration
        assert SpecifierSet(declaration.requires).contains(__version__, prereleases=True), (
            f"{declaration.label} wants a core {declaration.requires}; this is {__version__}"
        )

    def test_every_setting_says_what_it_is(self) -> None:
        """Each setting has a help text: the console's form is made from it."""
        settings = self.plugin.declaration.settings
        for each in describe(settings) if settings is not None else ():
            assert each.help, f"the setting {each.name} has no help: setting(help=...)"

    async def test_it_starts(self, shop: Shop) -> None:
        """The plugin takes its seat in a shop: its hooks exist, its settings are understood."""
        name = self.plugin.declaration.name
        assert shop.hooks.plugin(name) is not None, f"{name} is disabled: {shop.hooks.roster}"

    async def test_the_shop_sells_with_it(
        self, shop: Shop, seller: Seller, shopper: Shopper, runner: Runner
    ) -> None:
        """An order goes from the cart to its end, with every job that belongs to it."""
        with self._selling(shop):
            order = await _sold(shop, seller, shopper, runner)
        assert order["status"] == "completed"

    async def test_the_shop_sells_after_it_is_switched_off(
        self,
        shop: Shop,
        seller: Seller,
        shopper: Shopper,
        shop_tables: dict[str, Any],
        shop_plugins: dict[str, type[Plugin]],
        tmp_path: Path,
    ) -> None:
        """What the plugin left behind hinders nobody: old orders are shown, new ones placed."""
        await seller.product("towel", price=10_000)
        order = await shopper.up_to("paid", {"towel": 1})
        without = {each: kind for each, kind in shop_plugins.items() if kind is not self.plugin}
        tables = {key: value for key, value in shop_tables.items() if key != "plugins"}
        async with _reopened(tables, without, tmp_path) as (later, http):
            somebody = Shopper(http, later)
            somebody.headers = shopper.headers
            shown = await somebody.send("GET", f"/store/orders/{order['id']}")
            assert shown.status_code == 200, shown.text
            assert shown.json()["total"] == order["total"]
            assert (await somebody.up_to("completed", {"towel": 1}))["status"] == "completed"

    async def test_it_never_keeps_others_waiting(
        self, shop: Shop, seller: Seller, shopper: Shopper, runner: Runner
    ) -> None:
        """No hook blocks the event loop: other shoppers are served meanwhile."""
        async with _pulse() as longest:
            with self._selling(shop) as trace:
                await _sold(shop, seller, shopper, runner)
        slow = _slowest(trace, self.plugin.declaration.label)
        assert longest() < STANDSTILL or slow is None, (
            f"nobody was served for {longest() * 1000:.0f} ms while {slow} ran: a hook may not "
            "block. Await what takes long, or do it in a job after the commit."
        )

    async def test_its_effects_can_be_written_once(
        self, shop: Shop, seller: Seller, shopper: Shopper
    ) -> None:
        """Each effect has a key of its own, and asking twice gives the same effects."""
        await seller.product("towel", price=10_000)
        guest = await _order_of(shop, await shopper.up_to("completed", {"towel": 1}))
        transitions = ("place", "pay", "ship", "complete", "cancel", "expire", "refund")
        buyers = (guest, msgspec.structs.replace(guest, member=new_id()))
        for order, transition in itertools.product(buyers, transitions):
            first = _effects(shop, self.plugin.declaration.label, order, transition)
            again = _effects(shop, self.plugin.declaration.label, order, transition)
            keys = [effect.key for effect in first]
            assert all(keys), f"an effect of {transition} has no key: {first}"
            assert len(set(keys)) == len(keys), f"effects of {transition} share a key: {keys}"
            assert first == again, (
                f"asked twice about the same order, {transition} had other effects; a key must "
                f"come from the order, not from a clock or a random number:\n{first}\n{again}"
            )

    async def test_coming_back_it_finds_its_tables(self, shop: Shop) -> None:
        """Its migrations run on a database that has them already, and every table is there."""
        await require_tables(shop, "upgrade")
        for table in self.plugin.declaration.tables:
            name = str(getattr(table, "_meta").tablename)  # noqa: B009 - Piccolo's own door
            rows = await shop.database.fetch(f'SELECT count(*) FROM "{name}"')  # noqa: S608
            assert rows[0][0] is not None

    async def test_every_table_says_what_it_knows_about_people(self, shop: Shop) -> None:
        """Each table and column is declared, so that exports and erasures forget none."""
        name = self.plugin.declaration.name
        said = [each for each in await forgotten(shop) if f"{name}_" in each]
        assert not said, (
            f"{'; '.join(said)}. Declare it in register_personal_data: PersonalTable where it is "
            "about people, impersonal(...) where it is about goods or machines (jishi.personal)."
        )

    @contextmanager
    def _selling(self, shop: Shop) -> Iterator[Trace]:
        """Record a sale; one that fails says which of the plugin's calls stood in its way."""
        label = self.plugin.declaration.label
        with shop.hooks.recording() as trace:
            try:
                yield trace
            except AssertionError as error:
                if said := _trouble(trace, label):
                    raise AssertionError(f"the shop cannot sell with {label}: {said}") from error
                raise


@asynccontextmanager
async def _reopened(
    tables: dict[str, Any], plugins: dict[str, type[Plugin]], folder: Path
) -> AsyncIterator[tuple[Shop, httpx.AsyncClient]]:
    """A second shop over the same database."""
    config = read_config(Source(folder, tables=tables, environ=_SECRET))
    shop = await open_shop(config, also=plugins)
    try:
        async with client_of(shop) as http:
            yield shop, http
    finally:
        await shop.database.stop()


async def _sold(shop: Shop, seller: Seller, shopper: Shopper, runner: Runner) -> dict[str, Any]:
    handle = f"towel-{new_id()[-6:]}"
    await seller.product(handle, price=10_000)
    order = await shopper.up_to("completed", {handle: 1})
    await runner.drain()
    return order


async def _order_of(shop: Shop, shown: Mapping[str, Any]) -> Order:
    order = await load_order(shop.database, shown["id"])
    assert order is not None
    return order


def _effects(shop: Shop, label: str, order: Order, transition: Any) -> list[Effect]:
    answers = shop.hooks.ask(effects_of_order, SHOP, order=order, transition=transition)
    return [each for answer in answers if answer.plugin == label for each in answer.value]


@asynccontextmanager
async def _pulse() -> AsyncIterator[Any]:
    """Beats every 5 ms; gives the longest time between two beats, in seconds."""
    beats = [time.perf_counter()]
    longest = 0.0

    async def beat() -> None:
        nonlocal longest
        while True:
            await asyncio.sleep(0.005)
            now = time.perf_counter()
            longest, beats[0] = max(longest, now - beats[0]), now

    task = asyncio.create_task(beat())
    await asyncio.sleep(0)
    try:
        yield lambda: longest
    finally:
        task.cancel()


def _slowest(trace: Trace, label: str) -> str | None:
    """The plugin's longest call, where it was long enough to be the reason."""
    own = [call for call in trace.calls if call.plugin == label]
    worst = max(own, key=lambda call: call.microseconds, default=None)
    if worst is None or worst.microseconds < STANDSTILL * 1_000_000 * 0.8:
        return None
    return f"{worst.hook} of {worst.plugin} ({worst.microseconds // 1000} ms)"


def _trouble(trace: Trace, label: str) -> str:
    """The plugin's calls that failed or took long, each said once."""
    found = [
        f"{call.hook} raised {call.error}"
        if call.error
        else f"{call.hook} took {call.microseconds // 1000} ms, and nobody was served meanwhile"
        for call in trace.calls
        if call.plugin == label and (call.error or call.microseconds > STANDSTILL * 1_000_000)
    ]
    return "; ".join(dict.fromkeys(found))

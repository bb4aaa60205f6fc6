"""A shop that takes money through a gateway on paper, and the hands that do its jobs."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jishi import hookspecs
from jishi.clock import FakeClock
from jishi.config import Source as ConfigSource
from jishi.config import read_config
from jishi.db import Database
from jishi.events import Handlers, Runner
from jishi.orders import jobs as order_jobs
from jishi.payments import jobs as payment_jobs
from jishi.plugins import Declaration, Plugin, hookimpl, hooks_for
from jishi.shop import Shop
from jishi.testing.gateway import PaperGateway

ROOMS = ("ledger", "events", "orders", "payments")


class Paper(Plugin):
    declaration = Declaration(name="paper", version="1.0.0", required="yes")

    def __init__(self, gateway: PaperGateway):
        self.gateway = gateway
        self.breaks = False
        self.heard = []

    @hookimpl
    def register_gateways(self):
        return [self.gateway]

    @hookimpl
    def effects_of_order(self, order, transition):
        if self.breaks:
            raise RuntimeError("broken")

    @hookimpl
    def order_refunded(self, order):
        self.heard.append(order.refunded)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 3, 1, 8, tzinfo=UTC))


@pytest.fixture
def gateway(clock: FakeClock) -> PaperGateway:
    return PaperGateway(clock)


@pytest.fixture
def plugin(gateway: PaperGateway) -> Paper:
    return Paper(gateway)


@pytest.fixture
async def shop(
    migrated_database_url: str, tmp_path: Path, clock: FakeClock, plugin: Paper
) -> AsyncIterator[Shop]:
    database = Database.open(migrated_database_url)
    await database.start()
    tables = {"shop": {"name": "集市", "secret": {"env": "SECRET"}}}
    config = read_config(ConfigSource(tmp_path, tables=tables, environ={"SECRET": "test"}))
    yield Shop(config, database, hooks_for(hookspecs.FAMILIES, plugin), clock)
    await database.stop()


@pytest.fixture
def runner(shop: Shop) -> Runner:
    handlers = Handlers()
    order_jobs.register(handlers)
    payment_jobs.register(handlers)
    return Runner(shop, handlers)

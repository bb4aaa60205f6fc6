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
from jishi.payments import (
    CoverRequest,
    GatewayRefused,
    Method,
    PaymentRef,
    PaymentRequest,
    PaymentStarted,
)
from jishi.payments import jobs as payment_jobs
from jishi.plugins import Declaration, Plugin, hookimpl, hooks_for
from jishi.shop import Shop
from jishi.testing.gateway import PaperGateway

ROOMS = ("ledger", "events", "orders", "payments")


class PaperPurse(PaperGateway):
    """Members' money on paper: it pays at once, a part if that is all there is."""

    name = "purse"
    title = "Purse"

    def __init__(self, clock: FakeClock):
        super().__init__(clock)
        self.money: dict[str, int] = {}

    def methods(self, channel: str) -> tuple[Method, ...]:
        return (Method(code="balance", title="Balance", needs=("member",)),)

    async def covers(self, request: CoverRequest) -> int:
        self._answers(self._called("covers"))
        return min(request.amount, self.money.get(request.payer["member"], 0))

    async def create(self, request: PaymentRequest) -> PaymentStarted:
        silent = self._called("create")
        known = self.statuses.get(request.attempt)
        if known == "closed":
            raise GatewayRefused("CLOSED", "it was given up")
        if known is None:
            member = request.payer["member"]
            if self.money.get(member, 0) < request.amount:
                raise GatewayRefused("NOT_ENOUGH", "there is not enough any more")
            self.money[member] -= request.amount
            self.requests[request.attempt] = request
            self.statuses[request.attempt] = "waiting"
            self.pay(request.attempt)
        self._answers(silent)
        report = self.report(request.attempt)
        return PaymentStarted(merchant=self.merchant, app=self.app, parameters={}, report=report)

    async def close(self, payment: PaymentRef) -> None:
        await super().close(payment)
        self.statuses[payment.attempt] = "closed"

    async def refund(self, request):
        fresh = request.refund not in self.refunds
        report = await super().refund(request)
        if fresh:
            member = self.requests[request.payment.attempt].payer["member"]
            self.money[member] += request.amount
        return report


class Paper(Plugin):
    declaration = Declaration(name="paper", version="1.0.0", required="yes")

    def __init__(self, gateway: PaperGateway, purse: PaperPurse):
        self.gateway, self.purse = gateway, purse
        self.breaks = False
        self.heard = []

    @hookimpl
    def register_gateways(self):
        return [self.gateway, self.purse]

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
def purse(clock: FakeClock) -> PaperPurse:
    return PaperPurse(clock)


@pytest.fixture
def plugin(gateway: PaperGateway, purse: PaperPurse) -> Paper:
    return Paper(gateway, purse)


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

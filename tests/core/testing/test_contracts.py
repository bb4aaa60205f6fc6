"""The contracts hold for what is built in, and catch those who break them in plain words."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from jishi.builtin import BUILTIN
from jishi.plugins import Declaration, Plugin, hookimpl
from jishi.pricing import Offer, discount
from jishi.testing.contracts import (
    FulfilmentContract,
    PaymentContract,
    PricingContract,
    Promises,
    ReviewContract,
)
from jishi.testing.contracts.payment import Delivery
from jishi.testing.shop import Paper

INSIDE = {"test_it_goes_by_one_name": "comes with the core, not by an entry point"}
TO_THE_YUAN = {"down_to": "yuan"}


class TenOff(Plugin):
    """Ten yuan off a hundred, shared out to the fen."""

    declaration = Declaration(name="ten_off", version="1.0.0")

    @hookimpl
    def adjust_price(self, basket, lane, nets):
        """Offer it in the lane of promotions."""
        if lane != "promotion" or sum(nets.lines) < 10_000:
            return None
        return [Offer(rule="ten", reason="满 100 减 10", amounts=discount(1_000, nets.lines))]


class TestTenOff(PricingContract):
    plugin = TenOff
    broken = INSIDE


class OnSqlite:
    """The contract itself runs on both engines above; one is enough for these."""

    @pytest.fixture
    def migrated_database_url(self, sqlite_template: Path, tmp_path: Path) -> str:
        shutil.copyfile(sqlite_template, tmp_path / "shop.db")
        return f"sqlite:///{tmp_path / 'shop.db'}"


class TestTax(OnSqlite, PricingContract):
    plugin = BUILTIN["vat"]
    broken = INSIDE


class TestRounding(OnSqlite, PricingContract):
    plugin = BUILTIN["rounding"]
    settings = TO_THE_YUAN
    broken = INSIDE


class TestCourier(OnSqlite, FulfilmentContract):
    plugin = BUILTIN["courier"]
    broken = INSIDE


class TestListingRules(OnSqlite, ReviewContract):
    plugin = BUILTIN["listing_rules"]
    broken = INSIDE


class TestPaper(OnSqlite, PaymentContract):
    plugin = Paper
    broken = INSIDE

    async def pay(self, attempt: str) -> Delivery:
        sheet = self.shop.hooks.plugin("paper").gateway.pay(attempt)
        return Delivery(sheet.headers, sheet.body)

    @pytest.fixture(autouse=True)
    def remember_shop(self, shop):
        self.shop = shop


def test_a_promise_cannot_be_overridden():
    with pytest.raises(TypeError, match="overrides a promise"):

        class Sly(PricingContract):
            plugin = TenOff

            def test_every_basket_gets_a_whole_price(self):
                """Looks away."""


def test_a_broken_promise_has_a_reason_and_exists():
    with pytest.raises(TypeError, match="expected a promise and its reason"):

        class Vague(Promises):
            broken = {"test_something": "because"}  # noqa: RUF012 - as an author writes it


BAD = """
import time, uuid
from jishi.effects import Credit
from jishi.plugins import Declaration, Plugin, hookimpl
from jishi.pricing import Offer
from jishi.testing.contracts import PluginContract, PricingContract

INSIDE = {"test_it_goes_by_one_name": "lives in a test"}


def offering(named, *amounts, lane="promotion"):
    class Bad(Plugin):
        declaration = Declaration(name=named, version="1.0.0")

        @hookimpl
        def adjust_price(self, basket, lane, nets):
            if lane == "promotion":
                return [Offer(rule="bad", reason="x", amounts=self.amounts(nets))]

        def amounts(self, nets):
            return amounts[0](nets)

    return Bad


class TestNegative(PricingContract):
    plugin = offering("negative", lambda nets: tuple(-net - 1 for net in nets.lines))
    broken = INSIDE


class TestOneTooFew(PricingContract):
    plugin = offering("too_few", lambda nets: (0,) * (len(nets.lines) - 1) + (0, 0))
    broken = INSIDE


class TestRoundsEveryLine(PricingContract):
    plugin = offering("rounds", lambda nets: tuple(-(net % 1000) for net in nets.lines))
    broken = INSIDE


class TestDice(PricingContract):
    plugin = offering("dice", lambda nets: (-(uuid.uuid4().int % 2),) * len(nets.lines))
    broken = INSIDE


class NoKey(Plugin):
    declaration = Declaration(name="no_key", version="1.0.0")

    @hookimpl
    def effects_of_order(self, order, transition):
        return [Credit(account="points:1", amount=1, key="", reason="x")]


class TestNoKey(PluginContract):
    plugin = NoKey
    broken = INSIDE


class NoKeyForMembers(Plugin):
    declaration = Declaration(name="no_key_for_members", version="1.0.0")

    @hookimpl
    def effects_of_order(self, order, transition):
        if order.member is not None and transition == "pay":
            return [Credit(account="points:1", amount=1, key="", reason="x")]


class TestNoKeyForMembers(PluginContract):
    plugin = NoKeyForMembers
    broken = INSIDE


class KeyFromTheDice(Plugin):
    declaration = Declaration(name="dice_key", version="1.0.0")

    @hookimpl
    def effects_of_order(self, order, transition):
        return [Credit(account="points:1", amount=1, key=uuid.uuid4().hex, reason="x")]


class TestKeyFromTheDice(PluginContract):
    plugin = KeyFromTheDice
    broken = INSIDE


class Blocks(Plugin):
    declaration = Declaration(name="blocks", version="1.0.0")

    @hookimpl
    async def review_checkout(self, draft):
        time.sleep(0.4)


class TestBlocks(PluginContract):
    plugin = Blocks
    broken = INSIDE


class BlocksPrices(Plugin):
    declaration = Declaration(name="blocks_prices", version="1.0.0")

    @hookimpl
    def adjust_price(self, basket, lane, nets):
        time.sleep(0.4)


class TestBlocksPrices(PluginContract):
    plugin = BlocksPrices
    broken = INSIDE


class Raises(Plugin):
    declaration = Declaration(name="raises", version="1.0.0")

    @hookimpl
    def adjust_price(self, basket, lane, nets):
        raise ValueError("no such campaign")


class TestRaises(PluginContract):
    plugin = Raises
    broken = INSIDE


class OldCore(Plugin):
    declaration = Declaration(name="old", version="1.0.0", requires="<0.1")


class TestOldCore(PluginContract):
    plugin = OldCore
    broken = INSIDE
"""

ON_SQLITE = """
import shutil, pytest

@pytest.fixture
def migrated_database_url(sqlite_template, tmp_path):
    shutil.copyfile(sqlite_template, tmp_path / "shop.db")
    return f"sqlite:///{tmp_path / 'shop.db'}"
"""

CAUGHT = {
    "TestNegative::test_nothing_costs_less_than_nothing": "a negative price",
    "TestOneTooFew::test_every_basket_gets_a_whole_price": "expected one for each of the",
    "TestRoundsEveryLine::test_splitting_a_line_changes_nothing": "amounts do not sum",
    "TestDice::test_the_same_question_has_the_same_answer": "Quote",
    "TestNoKey::test_its_effects_can_be_written_once": "has no key",
    "TestNoKeyForMembers::test_its_effects_can_be_written_once": "an effect of pay has no key",
    "TestKeyFromTheDice::test_its_effects_can_be_written_once": "not from a clock or a random",
    "TestBlocks::test_it_never_keeps_others_waiting": "review_checkout of blocks@1.0.0",
    "TestBlocksPrices::test_the_shop_sells_with_it": "adjust_price took 40",
    "TestRaises::test_the_shop_sells_with_it": "no such campaign",
    "TestOldCore::test_it_works_with_this_core": "wants a core <0.1",
}


@pytest.mark.slow
def test_planted_faults_are_caught_with_a_message_one_can_read(tmp_path: Path):
    (tmp_path / "test_bad.py").write_text(BAD, "utf-8")
    (tmp_path / "conftest.py").write_text(ON_SQLITE, "utf-8")
    promises = [f"test_bad.py::{promise}" for promise in CAUGHT]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short"]
    ran = subprocess.run(
        [*command, "-o", "asyncio_mode=auto", *promises],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    for promise, said in CAUGHT.items():
        failed = [line for line in ran.stdout.splitlines() if line.startswith("FAILED")]
        assert any(promise in line for line in failed), (promise, ran.stdout[-3000:])
        assert said in ran.stdout, said

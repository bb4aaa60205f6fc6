import asyncio
from datetime import timedelta

import pytest

from jishi.clock import FakeClock
from jishi.plugins import (
    SHOP,
    Answer,
    HookFailed,
    HookShut,
    HookSlow,
    HookWrites,
    Rules,
    hookimpl,
    hooks_for,
    name_the_plugin,
    refuse_writing,
)


class Moody:
    """Fails or answers, as told."""

    def __init__(self, specs, plugin, rules=None) -> None:
        self.mood = "well"
        self.asked = 0
        self.specs = specs
        self.clock = FakeClock()
        hooks = {"adjust_price": self.pure, "review_basket": self.review}
        made = {name: hookimpl(self.bound(method)) for name, method in hooks.items()}
        self.hooks = hooks_for([specs], plugin("moody", **made), rules=rules, clock=self.clock)

    def bound(self, method):
        if asyncio.iscoroutinefunction(method):

            async def later(self, basket):
                return await method()

            return later
        return lambda self: method()

    def pure(self):
        self.asked += 1
        if self.mood == "ill":
            raise ValueError("ill")
        return 1

    async def review(self):
        self.asked += 1
        if self.mood == "slow":
            await asyncio.Event().wait()
        return

    def price(self, times=1):
        for _ in range(times):
            try:
                self.hooks.ask(self.specs.adjust_price, SHOP, "b", "l")
            except HookFailed as error:
                last = error
            else:
                last = None
        return last

    @property
    def state(self):
        [health] = [
            each for each in self.hooks.roster.board.healths() if each.hook == "adjust_price"
        ]
        return health.state

    def later(self, seconds):
        self.clock.advance(timedelta(seconds=seconds))


@pytest.fixture
def moody(specs, plugin):
    return Moody(specs, plugin)


def test_five_failures_that_are_half_of_the_calls_open_the_breaker(moody):
    moody.price(5)
    moody.mood = "ill"
    moody.price(4)
    assert moody.state == "closed"
    moody.price()
    assert (moody.state, moody.asked) == ("open", 10)
    refused = moody.price()
    assert isinstance(refused, HookShut)
    assert refused.extra == {"retry_after": 30}
    assert "its breaker is open: ValueError: ill" in refused.for_staff
    assert "moody" not in repr(refused.document())
    assert moody.asked == 10


def test_failures_that_are_few_among_many_calls_do_not(moody):
    moody.price(100)
    moody.mood = "ill"
    moody.price(5)
    assert moody.state == "closed"


def test_failures_of_more_than_a_minute_ago_are_forgotten(moody):
    moody.mood = "ill"
    for _ in range(10):
        moody.price()
        moody.later(20)
    assert moody.state == "closed"


def test_calls_of_more_than_a_minute_ago_do_not_hide_failures(moody):
    moody.price(1000)
    for _ in range(7):
        moody.later(10)
        moody.hooks.roster.board.mark()
    moody.mood = "ill"
    moody.price(5)
    assert moody.state == "open"


def test_after_half_a_minute_three_good_answers_close_it(moody):
    moody.mood = "ill"
    moody.price(5)
    moody.mood = "well"
    moody.later(29)
    assert isinstance(moody.price(), HookShut)
    moody.later(1)
    assert moody.price() is None
    assert moody.state == "half-open"
    moody.price(2)
    assert moody.state == "closed"


def test_one_bad_answer_on_probation_opens_it_again(moody):
    moody.mood = "ill"
    moody.price(5)
    moody.later(30)
    assert not isinstance(moody.price(), HookShut)
    assert isinstance(moody.price(), HookShut)
    assert (moody.state, moody.asked) == ("open", 6)


async def test_three_answers_in_a_row_that_come_too_late_open_it(specs, plugin):
    moody = Moody(specs, plugin, Rules(own_budgets={"moody": {"review": 0.01}}))

    async def review():
        try:
            await moody.hooks.consult(specs.review_basket, SHOP, basket="b")
        except HookFailed as error:
            return type(error)

    for mood in ("slow", "slow", "well", "slow", "slow", "slow", "slow"):
        moody.mood = mood
        told = await review()
    assert told is HookShut
    assert moody.asked == 6


async def test_who_is_shut_out_passes_where_the_merchant_lets_orders_pass(specs, plugin):
    rules = Rules(own_budgets={"moody": {"review": 0.01}}, on_failure={"moody": "open"})
    moody = Moody(specs, plugin, rules)
    moody.mood = "slow"
    for _ in range(5):
        assert await moody.hooks.consult(specs.review_basket, SHOP, basket="b") == []
    assert moody.asked == 3


async def test_all_loaders_together_have_a_second(specs, plugin):
    async def wait(self, basket):
        await asyncio.sleep(0.4)
        return "facts"

    slow = [plugin(name, load_facts=hookimpl(wait)) for name in "abcd"]
    hooks = hooks_for([specs], *slow, rules=Rules(budgets={"load": 0.9}))
    with pytest.raises(HookSlow) as caught:
        await hooks.consult(specs.load_facts, SHOP, basket="b")
    assert caught.value.plugin == "c@0.1.0"
    assert len(caught.value.answers) == 2


async def test_what_was_loaded_is_frozen(specs, plugin):
    loader = plugin("loader", load_facts=hookimpl(lambda self, basket: {"a": [1, {2}]}))
    [answer] = await hooks_for([specs], loader).consult(specs.load_facts, SHOP, basket="b")
    assert answer.value["a"] == (1, frozenset({2}))
    with pytest.raises(TypeError):
        answer.value["a"] = ()


@pytest.mark.parametrize("raised", [SystemExit(3), GeneratorExit(), asyncio.CancelledError()])
def test_no_way_of_raising_gets_past_the_dispatcher(specs, plugin, raised):
    def fail(self):
        raise raised

    hooks = hooks_for([specs], plugin("bad", adjust_price=hookimpl(fail)))
    with pytest.raises(HookFailed, match=r"bad@0\.1\.0 failed in adjust_price"):
        hooks.ask(specs.adjust_price, SHOP, "b", "l")


async def test_log_lines_and_transactions_know_who_is_on_stage(specs, plugin):
    seen = []

    async def look(self, basket):
        for _ in range(2):
            seen.append(name_the_plugin(None, "info", {"event": "hello"}))
            with pytest.raises(HookWrites, match=r"looker@0\.1\.0 opens a transaction"):
                refuse_writing()
            await asyncio.sleep(0)

    hooks = hooks_for([specs], plugin("looker", review_basket=hookimpl(look)))
    other = asyncio.create_task(asyncio.to_thread(refuse_writing))
    await hooks.consult(specs.review_basket, SHOP, basket="b")
    await other
    refuse_writing()
    assert seen == [{"event": "hello", "plugin": "looker@0.1.0", "hook": "review_basket"}] * 2
    assert name_the_plugin(None, "info", {}) == {}


async def test_between_its_steps_a_waiting_hook_is_not_on_stage(specs, plugin):
    async def wait(self, basket):
        await asyncio.sleep(0.01)
        return "done"

    hooks = hooks_for([specs], plugin("waiter", load_facts=hookimpl(wait)))
    asked = asyncio.create_task(hooks.consult(specs.load_facts, SHOP, basket="b"))
    await asyncio.sleep(0)
    refuse_writing()
    assert await asked == [Answer("waiter@0.1.0", "done")]

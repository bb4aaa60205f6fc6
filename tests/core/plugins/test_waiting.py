import asyncio
import contextvars

import pytest

from jishi.plugins import SHOP, Answer, HookFailed, HookSlow, Rules, hookimpl, hooks_for

HASTE = Rules(budgets={"review": 0.02, "load": 0.02})
here = contextvars.ContextVar("here", default="nowhere")


@pytest.fixture
def reviewer(plugin):
    return lambda name, review: plugin(name, review_basket=hookimpl(review))


async def content(self, basket):
    return None


async def for_ever(self, basket):
    await asyncio.Event().wait()


async def test_loaders_answer_in_order_whether_they_wait_or_not(specs, plugin):
    async def later(self, basket):
        await asyncio.sleep(0)
        return f"later {basket}"

    hooks = hooks_for(
        [specs],
        plugin("one", load_facts=hookimpl(later)),
        plugin("two", load_facts=hookimpl(lambda self, basket: f"now {basket}")),
    )
    assert await hooks.consult(specs.load_facts, SHOP, basket="b") == [
        Answer("one@0.1.0", "later b"),
        Answer("two@0.1.0", "now b"),
    ]


async def test_every_objection_is_heard_even_when_one_reviewer_fails(specs, reviewer):
    asked = []

    def objecting(name):
        async def review(self, basket):
            asked.append(name)
            return f"{name} objects"

        return reviewer(name, review)

    async def broken(self, basket):
        raise LookupError("no list")

    hooks = hooks_for([specs], objecting("a"), reviewer("broken", broken), objecting("c"))
    with pytest.raises(HookFailed) as caught:
        await hooks.consult(specs.review_basket, SHOP, basket="b")
    assert caught.value.for_staff == "broken@0.1.0 failed in review_basket: LookupError: no list"
    assert [answer.value for answer in caught.value.answers] == ["a objects", "c objects"]
    assert asked == ["a", "c"]


async def test_a_failing_loader_refuses(specs, plugin):
    async def broken(self, basket):
        raise OSError("gone")

    hooks = hooks_for([specs], plugin("bad", load_facts=hookimpl(broken)))
    with pytest.raises(HookFailed, match="OSError: gone"):
        await hooks.consult(specs.load_facts, SHOP, basket="b")


async def test_the_merchant_may_let_orders_pass_a_failing_review(specs, reviewer, plugin):
    async def broken(self, basket):
        raise LookupError

    both = plugin("soft", review_basket=hookimpl(broken), load_facts=hookimpl(broken))
    hooks = hooks_for([specs], both, rules=Rules(on_failure={"soft": "open"}))
    assert await hooks.consult(specs.review_basket, SHOP, basket="b") == []
    with pytest.raises(HookFailed):
        await hooks.consult(specs.load_facts, SHOP, basket="b")


@pytest.mark.parametrize("hook", ["review_basket", "load_facts"])
async def test_who_takes_too_long_is_cut_off_and_named(specs, plugin, hook):
    hooks = hooks_for([specs], plugin("slow", **{hook: hookimpl(for_ever)}), rules=HASTE)
    with pytest.raises(HookSlow, match=f"slow@0.1.0 failed in {hook}: no answer within 20 ms"):
        await hooks.consult(getattr(specs, hook), SHOP, basket="b")
    assert asyncio.current_task().cancelling() == 0


async def test_each_plugin_has_its_own_budget(specs, reviewer):
    async def nearly(self, basket):
        await asyncio.sleep(0.2)
        return "in time"

    slow = [reviewer(name, nearly) for name in "abc"]
    hooks = hooks_for([specs], *slow, rules=Rules(budgets={"review": 0.5}))
    assert len(await hooks.consult(specs.review_basket, SHOP, basket="b")) == 3


async def test_who_swallows_the_cut_off_is_abandoned(specs, reviewer):
    swallowed = []

    async def stubborn(self, basket):
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                swallowed.append(basket)

    hooks = hooks_for([specs], reviewer("stubborn", stubborn), rules=HASTE)
    async with asyncio.timeout(60):
        with pytest.raises(HookSlow):
            await hooks.consult(specs.review_basket, SHOP, basket="b")
    assert swallowed == ["b"]
    assert asyncio.current_task().cancelling() == 0


async def test_an_answer_after_the_cut_off_is_too_late(specs, reviewer):
    async def late(self, basket):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return

    hooks = hooks_for([specs], reviewer("late", late), rules=HASTE)
    with pytest.raises(HookSlow):
        await hooks.consult(specs.review_basket, SHOP, basket="b")


async def test_who_is_cut_off_may_tidy_up(specs, reviewer):
    tidied = []

    async def tidy(self, basket):
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.001)
            tidied.append(basket)

    hooks = hooks_for([specs], reviewer("tidy", tidy), rules=HASTE)
    with pytest.raises(HookSlow):
        await hooks.consult(specs.review_basket, SHOP, basket="b")
    assert tidied == ["b"]


async def test_a_customer_who_leaves_cancels_the_question(specs, reviewer):
    begun = asyncio.Event()

    async def wait(self, basket):
        begun.set()
        await asyncio.Event().wait()

    hooks = hooks_for([specs], reviewer("wait", wait), rules=Rules(budgets={"review": 5.0}))
    question = asyncio.create_task(hooks.consult(specs.review_basket, SHOP, basket="b"))
    await begun.wait()
    question.cancel()
    with pytest.raises(asyncio.CancelledError):
        await question


async def test_a_plugin_cannot_swallow_that_the_customer_left(specs, reviewer):
    begun = asyncio.Event()

    async def swallow(self, basket):
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return "still here"

    hooks = hooks_for([specs], reviewer("swallow", swallow), rules=Rules(budgets={"review": 5.0}))
    question = asyncio.create_task(hooks.consult(specs.review_basket, SHOP, basket="b"))
    await begun.wait()
    question.cancel()
    with pytest.raises(asyncio.CancelledError):
        await question


async def test_a_plugin_may_use_timeouts_and_tasks_of_its_own(specs, reviewer):
    async def careful(self, basket):
        try:
            async with asyncio.timeout(0.001):
                await asyncio.Event().wait()
        except TimeoutError:
            pass
        async with asyncio.TaskGroup() as group:
            task = group.create_task(asyncio.sleep(0, "fine"))
        return task.result()

    hooks = hooks_for([specs], reviewer("careful", careful), rules=Rules(budgets={"review": 5.0}))
    answers = await hooks.consult(specs.review_basket, SHOP, basket="b")
    assert answers == [Answer("careful@0.1.0", "fine")]


async def test_a_timeout_of_the_plugins_own_is_its_failure_not_its_slowness(specs, reviewer):
    async def gives_up(self, basket):
        async with asyncio.timeout(0):
            await asyncio.Event().wait()

    hooks = hooks_for([specs], reviewer("gives_up", gives_up))
    with pytest.raises(HookFailed, match="TimeoutError") as caught:
        await hooks.consult(specs.review_basket, SHOP, basket="b")
    assert not isinstance(caught.value, HookSlow)


async def test_plugins_see_the_context_of_the_question(specs, reviewer):
    async def where(self, basket):
        await asyncio.sleep(0)
        return here.get()

    here.set("at the counter")
    hooks = hooks_for([specs], reviewer("where", where))
    [answer] = await hooks.consult(specs.review_basket, SHOP, basket="b")
    assert answer.value == "at the counter"


async def test_a_trace_times_the_waiting_as_well(specs, reviewer):
    async def wait(self, basket):
        await asyncio.sleep(0.01)
        return "done"

    hooks = hooks_for([specs], reviewer("wait", wait), rules=Rules(budgets={"review": 5.0}))
    with hooks.recording() as trace:
        await hooks.consult(specs.review_basket, SHOP, basket="b")
    [call] = trace.calls
    assert (call.plugin, call.answer) == ("wait@0.1.0", "'done'")
    assert call.microseconds >= 9_000


async def test_a_trace_shows_who_was_cut_off(specs, reviewer):
    hooks = hooks_for([specs], reviewer("ever", for_ever), rules=HASTE)
    with hooks.recording() as trace, pytest.raises(HookSlow):
        await hooks.consult(specs.review_basket, SHOP, basket="b")
    [call] = trace.calls
    assert (call.plugin, call.answer) == ("ever@0.1.0", "None")
    assert "CancelledError" in call.error

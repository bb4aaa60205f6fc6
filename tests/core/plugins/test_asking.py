import contextvars

import pytest

from jishi.plugins import (
    SHOP,
    Answer,
    HookFailed,
    PluginProblem,
    Rules,
    Where,
    hookimpl,
    hooks_for,
)


@pytest.fixture
def priced(plugin):
    """A plugin that answers `adjust_price`."""

    def make(name, answer):
        return plugin(name, adjust_price=hookimpl(lambda self, basket, lane: answer))

    return make


def explode(self):
    raise ZeroDivisionError("by design")


def test_pure_hooks_answer_in_the_merchants_order_and_say_who(specs, priced):
    hooks = hooks_for([specs], priced("b", 1), priced("a", 2))
    assert hooks.ask(specs.adjust_price, SHOP, basket="x", lane="coupon") == [
        Answer("b@0.1.0", 1),
        Answer("a@0.1.0", 2),
    ]


def test_none_is_no_answer_but_nothing_is_one(specs, priced):
    hooks = hooks_for([specs], priced("a", None), priced("b", 0))
    assert hooks.ask(specs.adjust_price, SHOP, "x", "coupon") == [Answer("b@0.1.0", 0)]


def test_nobody_to_ask_gives_no_answers(specs):
    hooks = hooks_for([specs])
    assert hooks.ask(specs.adjust_price, SHOP, basket="x", lane="y") == []
    assert hooks.choose(specs.choose_sender, SHOP, to="x") is None
    assert hooks.listeners(specs.order_placed) == ()


def test_a_plugin_takes_the_arguments_it_wants_in_its_own_order(specs, plugin):
    one = plugin("one", adjust_price=hookimpl(lambda self, lane: lane))
    two = plugin("two", adjust_price=hookimpl(lambda self, lane, basket: lane + basket))
    hooks = hooks_for([specs], one, two)
    answers = hooks.ask(specs.adjust_price, SHOP, basket="B", lane="L")
    assert [answer.value for answer in answers] == ["L", "LB"]


def test_a_plugin_may_ask_to_be_first(specs, plugin, priced):
    first = plugin("z", adjust_price=hookimpl(lambda self: 9, tryfirst=True))
    hooks = hooks_for([specs], priced("a", 1), first)
    assert [a.value for a in hooks.ask(specs.adjust_price, SHOP, "x", "y")] == [9, 1]


@pytest.mark.parametrize("wrong", [{"basket": "x"}, {"basket": "x", "lane": "y", "extra": 1}])
def test_a_question_needs_all_its_arguments_and_no_other(specs, priced, wrong):
    hooks = hooks_for([specs], priced("a", 1))
    with pytest.raises(TypeError, match="adjust_price is asked with basket, lane"):
        hooks.ask(specs.adjust_price, SHOP, **wrong)


@pytest.mark.parametrize("hook", ["adjust_price", "effects_of_order"])
def test_a_failing_pure_hook_leaves_no_answer_at_all(specs, plugin, hook):
    good = plugin("good", **{hook: hookimpl(lambda self: 1)})
    bad = plugin("bad", **{hook: hookimpl(explode)})
    spec = getattr(specs, hook)
    arguments = ("x", "y") if hook == "adjust_price" else ("x",)
    with pytest.raises(HookFailed) as caught:
        hooks_for([specs], good, bad).ask(spec, SHOP, *arguments)
    assert caught.value.plugin == "bad@0.1.0"
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_customers_do_not_learn_which_plugin_failed_but_staff_does(specs, plugin):
    hooks = hooks_for([specs], plugin("bad", adjust_price=hookimpl(explode)))
    with pytest.raises(HookFailed) as caught:
        hooks.ask(specs.adjust_price, SHOP, "x", "y")
    document = caught.value.document()
    assert (document["status"], document["code"]) == (503, "plugin_unavailable")
    assert "bad" not in repr(document)
    assert caught.value.for_staff == (
        "bad@0.1.0 failed in adjust_price: ZeroDivisionError: by design"
    )


def test_a_plugin_that_fails_to_register_is_disabled_and_not_asked_again(specs, plugin):
    bad = plugin("bad", register_tables=hookimpl(explode), adjust_price=hookimpl(lambda self: 1))
    good = plugin("good", register_tables=hookimpl(lambda self: ["t"]))
    hooks = hooks_for([specs], bad, good)
    assert hooks.ask(specs.adjust_price, SHOP, "x", "y") == [Answer("bad@0.1.0", 1)]
    assert hooks.ask(specs.register_tables, SHOP) == [Answer("good@0.1.0", ["t"])]
    assert hooks.roster.disabled == {"bad": "ZeroDivisionError: by design"}
    assert hooks.ask(specs.adjust_price, SHOP, "x", "y") == []
    assert hooks.plugin("bad") is None
    assert [each.name for each in hooks.roster.declarations] == ["good"]


def test_what_stands_on_a_disabled_plugin_is_disabled_too(specs, plugin):
    bad = plugin("bad", register_tables=hookimpl(explode))
    above = plugin("above", declared={"needs": ("bad>=0.1",)})
    apart = plugin("apart", declared={"needs": ("bad_luck",)})
    hooks = hooks_for([specs], bad, above, apart)
    hooks.ask(specs.register_tables, SHOP)
    assert list(hooks.roster.disabled) == ["bad", "above"]


def test_a_required_plugin_that_fails_to_register_stops_the_start(specs, plugin):
    pay = plugin("pay", declared={"required": "yes"}, register_tables=hookimpl(explode))
    with pytest.raises(PluginProblem, match="'pay' is required but failed at the start"):
        hooks_for([specs], pay).ask(specs.register_tables, SHOP)


def test_the_one_who_decides_decides(specs, plugin):
    hooks = hooks_for([specs], plugin("sms", choose_sender=hookimpl(lambda self, to: "sms")))
    assert hooks.choose(specs.choose_sender, SHOP, to="138") == Answer("sms@0.1.0", "sms")


def test_the_one_who_decides_may_decline(specs, plugin):
    hooks = hooks_for([specs], plugin("sms", choose_sender=hookimpl(lambda self: None)))
    assert hooks.choose(specs.choose_sender, SHOP, to="138") is None


def test_a_failing_decision_is_no_decision(specs, plugin):
    hooks = hooks_for([specs], plugin("sms", choose_sender=hookimpl(explode)))
    with pytest.raises(HookFailed, match=r"^sms@0\.1\.0 failed in choose_sender"):
        hooks.choose(specs.choose_sender, SHOP, to="138")


def test_two_who_would_decide_stop_the_start_until_the_merchant_chooses(specs, plugin):
    sms = plugin("sms", choose_sender=hookimpl(lambda self: "sms"))
    mail = plugin("mail", choose_sender=hookimpl(lambda self: "mail"))
    with pytest.raises(PluginProblem) as caught:
        hooks_for([specs], sms, mail)
    assert "'sms' and 'mail' both want to" in str(caught.value)
    assert '[plugins.choose] choose_sender = "sms"' in str(caught.value)
    hooks = hooks_for([specs], sms, mail, rules=Rules(choose={"choose_sender": "mail"}))
    assert hooks.choose(specs.choose_sender, SHOP, to="x") == Answer("mail@0.1.0", "mail")


@pytest.mark.parametrize(
    ("choose", "said"),
    [
        ({"choose_sendr": "sms"}, "did you mean 'choose_sender'"),
        ({"adjust_price": "sms"}, "no hook that only one plugin answers"),
        ({"choose_sender": "smss"}, "'smss', which does not answer it; did you mean 'sms'"),
    ],
)
def test_a_choice_that_cannot_be_meant_is_refused(specs, plugin, choose, said):
    sms = plugin("sms", choose_sender=hookimpl(lambda self: "sms"))
    with pytest.raises(PluginProblem, match=said):
        hooks_for([specs], sms, rules=Rules(choose=choose))


async def test_everybody_who_listens_is_named_and_can_be_told(specs, plugin):
    heard = []

    async def slow(self, basket, number):
        heard.append(("slow", basket, number))

    two = plugin("two", order_placed=hookimpl(slow))
    one = plugin("one", order_placed=hookimpl(lambda self, number: heard.append(number)))
    listeners = hooks_for([specs], two, one).listeners(specs.order_placed)
    assert [name for name, _ in listeners] == ["two", "one"]
    for listener in listeners:
        await listener.call(basket="b", number=7)
    assert heard == [("slow", "b", 7), 7]


def test_a_hook_is_asked_only_in_its_own_way(specs, priced):
    hooks = hooks_for([specs], priced("a", 1))
    with pytest.raises(TypeError, match="review_basket is a review hook"):
        hooks.ask(specs.review_basket, SHOP, "x")
    with pytest.raises(TypeError, match="adjust_price is a pure hook"):
        hooks.listeners(specs.adjust_price)


def test_only_hooks_of_the_shop_can_be_asked(specs):
    with pytest.raises(TypeError, match="bare is not a hook"):
        hooks_for([specs]).ask(bare, SHOP)


def bare() -> int | None: ...


def test_unknown_places_are_the_whole_shop_and_are_not_kept(specs, priced):
    hooks = hooks_for([specs], priced("a", 1))
    for number in range(100):
        hooks.ask(specs.adjust_price, Where(channel=f"c{number}"), "x", "y")
    assert len(hooks._plans["ask"]) == 1


def test_a_trace_tells_who_was_asked_what_and_how_long_it_took(specs, priced, plugin):
    bad = plugin("bad", effects_of_order=hookimpl(explode))
    hooks = hooks_for([specs], priced("a", 5), priced("b", None), bad)
    hooks.ask(specs.adjust_price, SHOP, "x", "y")
    with hooks.recording() as trace:
        hooks.ask(specs.adjust_price, SHOP, "x", "y")
        with pytest.raises(HookFailed):
            hooks.ask(specs.effects_of_order, SHOP, "x")
    hooks.ask(specs.adjust_price, SHOP, "x", "y")
    assert [(c.hook, c.plugin, c.answer, c.error) for c in trace.calls] == [
        ("adjust_price", "a@0.1.0", "5", ""),
        ("adjust_price", "b@0.1.0", "None", ""),
        ("effects_of_order", "bad@0.1.0", "None", "ZeroDivisionError('by design')"),
    ]
    assert all(call.microseconds >= 0 for call in trace.calls)


def test_a_trace_shortens_long_answers(specs, priced):
    hooks = hooks_for([specs], priced("a", "x" * 1000))
    with hooks.recording() as trace:
        hooks.ask(specs.adjust_price, SHOP, "x", "y")
    assert len(trace.calls[0].answer) == 200


def test_only_the_context_that_records_is_recorded(specs, priced):
    hooks = hooks_for([specs], priced("a", 1))
    elsewhere = contextvars.copy_context()
    with hooks.recording() as trace:
        elsewhere.run(hooks.ask, specs.adjust_price, SHOP, "x", "y")
    assert trace.calls == []

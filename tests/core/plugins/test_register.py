from types import SimpleNamespace

import pytest
from pluggy import HookspecMarker

from jishi.plugins import PluginProblem, hookimpl, hooks_for, mode_of

hookspec = HookspecMarker("jishi")


def refused(specs, plugin):
    with pytest.raises(PluginProblem) as caught:
        hooks_for([specs], plugin)
    return str(caught.value)


def test_a_misspelt_hook_is_refused_with_the_one_that_was_meant(specs, plugin):
    said = refused(specs, plugin("a", adjust_prices=hookimpl(lambda self: 1)))
    assert (
        "answers 'adjust_prices', but there is no such hook; did you mean 'adjust_price'?" in said
    )


def test_a_method_may_have_another_name_than_its_hook(specs, plugin):
    one = plugin("a", cheaper=hookimpl(lambda self: 1, specname="adjust_price"))
    assert hooks_for([specs], one).roster.installed()[0].hooks == ("adjust_price",)


def test_an_argument_that_the_hook_has_not_is_refused(specs, plugin):
    said = refused(specs, plugin("a", adjust_price=hookimpl(lambda self, baskt: 1)))
    assert "wants 'baskt' in 'adjust_price', which is asked with basket, lane" in said
    assert "did you mean 'basket'?" in said


def test_an_argument_of_a_hook_without_any_is_refused(specs, plugin):
    said = refused(specs, plugin("a", register_tables=hookimpl(lambda self, shop: 1)))
    assert "which is asked with nothing" in said


@pytest.mark.parametrize("hook", ["adjust_price", "effects_of_order", "choose_sender"])
def test_nobody_waits_for_a_pure_answer(specs, plugin, hook):
    async def slow(self): ...

    said = refused(specs, plugin("a", **{hook: hookimpl(slow)}))
    assert f"answers '{hook}' with an async method, but nobody waits for it there" in said
    assert "load_ hook" in said


def test_wrappers_are_refused(specs, plugin):
    def around(self):
        return (yield)

    said = refused(specs, plugin("a", adjust_price=hookimpl(around, wrapper=True)))
    assert "as a wrapper" in said


def test_generators_are_refused(specs, plugin):
    def many(self):
        yield 1

    async def many_later(self):
        yield 1

    assert "with a generator" in refused(specs, plugin("a", adjust_price=hookimpl(many)))
    assert "with a generator" in refused(specs, plugin("a", load_facts=hookimpl(many_later)))


def spec_module(function, **marks):
    return SimpleNamespace(**{function.__name__: hookspec(function, **marks)})


def test_a_hook_that_wants_an_answer_has_a_known_verb():
    def qoute_delivery(basket) -> int | None: ...

    with pytest.raises(TypeError, match="did you mean 'quote'"):
        hooks_for([spec_module(qoute_delivery)])


def test_a_hooks_arguments_have_no_defaults():
    def quote_delivery(basket=None) -> int | None: ...

    with pytest.raises(TypeError, match="no defaults"):
        hooks_for([spec_module(quote_delivery)])


@pytest.mark.parametrize("mark", ["firstresult", "historic"])
def test_the_verb_and_no_mark_says_how_a_hook_is_asked(mark):
    def quote_delivery(basket) -> int | None: ...

    with pytest.raises(TypeError, match="not its mark"):
        hooks_for([spec_module(quote_delivery, **{mark: True})])


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("register_x", "register"),
        ("load_x", "load"),
        ("quote_x", "pure"),
        ("offer_x", "pure"),
        ("adjust_x", "pure"),
        ("review_x", "review"),
        ("effects_of_x", "effects"),
        ("choose_x", "choose"),
        ("order_placed", "event"),
    ],
)
def test_the_verb_tells_the_mode(name, mode):
    def spec() -> None: ...

    spec.__name__ = name
    assert mode_of(spec) == mode

"""What cannot work stops the start, in one sentence that names who and what to do."""

import itertools

import pytest

from jishi.config import Source, read_config
from jishi.hookspecs import FAMILIES
from jishi.plugins import Declaration, Plugin, PluginProblem, hookimpl, hooks_for, load_plugins
from jishi.pricing import Basket, Item, Offer, quote
from jishi.shop import Shop

pytestmark = pytest.mark.bar("B28")


def plugin(name: str, **hooks: object) -> type[Plugin]:
    declaration = Declaration(name=name, version="1.0")
    answers = {hook: hookimpl(answer) for hook, answer in hooks.items()}
    return type(name.title(), (Plugin,), {"declaration": declaration, **answers})


@pytest.fixture
def start(tmp_path):
    def begin(*classes: type[Plugin], **table: object):
        tables = {
            "shop": {"name": "小店", "secret": {"env": "SECRET"}},
            "plugins": {"enabled": [each.declaration.name for each in classes], **table},
        }
        config = read_config(Source(tmp_path, tables=tables, environ={"SECRET": "x" * 40}))
        named = {each.declaration.name: each for each in classes}
        return load_plugins(config, FAMILIES, builtin=named), config

    return begin


@pytest.mark.parametrize(
    ("hooks", "said"),
    [
        ({"review_chekout": lambda self, draft: None}, "did you mean 'review_checkout'"),
        ({"review_checkout": lambda self, drafts: None}, "did you mean 'draft'"),
        ({"adjust_price": lambda self, basket, lane, nets, extra: None}, "wants 'extra'"),
    ],
)
def test_a_hook_that_is_not_there_or_is_asked_otherwise(start, hooks, said):
    with pytest.raises(PluginProblem, match=said) as told:
        start(plugin("odd", **hooks))
    assert "'odd'" in told.value.detail


def test_prices_that_would_fail_open_are_refused(start):
    pricing = plugin("pricing_only", adjust_price=lambda self: None)
    with pytest.raises(PluginProblem, match='pricing_only = "open" means nothing'):
        start(pricing, on_failure={"pricing_only": "open"})
    reviewing = plugin("reviewing", review_checkout=lambda self: None)
    hooks, _ = start(reviewing, on_failure={"reviewing": "open"})
    assert hooks.roster.rules.on_failure == {"reviewing": "open"}


def test_a_budget_of_the_merchants_counts(start):
    reviewing = plugin("reviewing", review_checkout=lambda self: None)
    hooks, _ = start(reviewing, budgets={"reviewing": {"review": 1500}})
    assert hooks.roster.rules.budget("reviewing", "review") == 1.5
    assert hooks.roster.rules.budget("another", "review") == 0.2


def off(rule: str, amounts, lane: str = "promotion"):
    def answer(self, basket, lane, nets, wanted=lane):
        return [Offer(rule=rule, reason=rule, amounts=amounts)] if lane == wanted else None

    return answer


async def test_the_order_of_plugins_never_changes_a_price(start):
    items = tuple(
        Item(key=sku, sku=sku, product=sku, title=sku, quantity=1, unit_price=1000)
        for sku in ("cup", "pot", "tea")
    )
    rivals = [
        plugin("one", adjust_price=off("first", (-100, -100, 0))),
        plugin("two", adjust_price=off("second", (0, -150, -40))),
        plugin("three", adjust_price=off("third", (-100, 0, -90))),
        plugin("four", adjust_price=off("coupon", (-7, -7, -7), "coupon")),
    ]
    quotes = []
    for order in itertools.permutations(rivals):
        _, config = start(*order)
        hooks = hooks_for(FAMILIES, *(each() for each in order), config=config)
        shop = Shop(config, None, hooks)
        quotes.append(await quote(shop, Basket(items=items, at=shop.clock.now())))
    assert len({(each.total, each.lines) for each in quotes}) == 1
    assert all(each.adjustments == quotes[0].adjustments for each in quotes)
    assert {each.plugin for each in quotes[0].adjustments} >= {"four@1.0"}

from typing import Annotated

import msgspec
import pytest

from jishi.config import Secret, setting
from jishi.plugins import SHOP, Answer, PluginProblem, Where, hookimpl, load_plugins

MINI, TILL = Where(channel="mini"), Where(channel="till")
EAST = Where(channel="till", store="east")


class Points(msgspec.Struct, frozen=True, kw_only=True):
    per_yuan: Annotated[int, setting(ge=0)] = 1
    key: Annotated[Secret | None, setting(scope="shop")] = None
    rounding: Annotated[str, setting(scope="channel")] = "down"


@pytest.fixture
def loyalty(plugin_class):
    def init(self, settings):
        self.settings = settings

    return plugin_class(
        "loyalty",
        declared={"settings": Points},
        __init__=init,
        adjust_price=hookimpl(lambda self: self.settings.per_yuan),
        choose_sender=hookimpl(lambda self: "loyalty"),
    )


@pytest.fixture
def start(build, specs, loyalty):
    def start_with(**tables):
        config = build(**tables)
        return load_plugins(config, [specs], builtin={"loyalty": loyalty})

    return start_with


def places(mini=None, till=None, east=None):
    return {
        "channels": {
            "mini": {"plugins": mini or {}},
            "till": {"stores": ["east", "west"], "plugins": till or {}},
        },
        "stores": {"east": {"plugins": east or {}}, "west": {}},
    }


def asked(hooks, specs, where):
    return [answer.value for answer in hooks.ask(specs.adjust_price, where, "x", "y")]


def test_a_plugin_can_be_off_in_one_channel(start, specs):
    hooks = start(**places(mini={"off": ["loyalty"]}))
    assert asked(hooks, specs, MINI) == []
    assert asked(hooks, specs, TILL) == asked(hooks, specs, SHOP) == [1]
    assert hooks.plugin("loyalty", MINI) is None
    assert hooks.plugin("loyalty", TILL) is hooks.plugin("loyalty")


def test_a_plugin_can_be_off_in_one_store_only(start, specs):
    hooks = start(**places(east={"off": ["loyalty"]}))
    assert asked(hooks, specs, EAST) == []
    assert asked(hooks, specs, Where(channel="till", store="west")) == [1]


def test_a_store_can_switch_on_what_its_channel_has_off(start, specs):
    hooks = start(**places(till={"off": ["loyalty"]}, east={"on": ["loyalty"]}))
    assert asked(hooks, specs, TILL) == []
    assert asked(hooks, specs, EAST) == [1]


def test_the_nearest_place_says_what_a_setting_is(start, specs):
    hooks = start(
        plugins={"loyalty": {"per_yuan": 2}},
        **places(till={"loyalty": {"per_yuan": 3}}, east={"loyalty": {"per_yuan": 4}}),
    )
    values = [asked(hooks, specs, where) for where in (SHOP, MINI, TILL, EAST)]
    assert values == [[2], [2], [3], [4]]


def test_there_is_one_instance_for_each_distinct_settings(start):
    hooks = start(**places(mini={"loyalty": {"per_yuan": 1}}, till={"loyalty": {"per_yuan": 5}}))
    assert hooks.plugin("loyalty", MINI) is hooks.plugin("loyalty")
    assert hooks.plugin("loyalty", TILL) is not hooks.plugin("loyalty")
    assert hooks.plugin("loyalty", EAST) is hooks.plugin("loyalty", TILL)


def test_an_unknown_place_is_the_nearest_known_one(start, specs):
    hooks = start(**places(till={"loyalty": {"per_yuan": 5}}))
    assert asked(hooks, specs, Where(channel="moon")) == [1]
    assert asked(hooks, specs, Where(channel="till", store="moon")) == [5]


def test_the_environment_sets_the_shop_and_not_what_a_place_overrides(start, specs):
    hooks = start(
        environ={"JISHI_PLUGINS_LOYALTY_PER_YUAN": "9"},
        **places(till={"loyalty": {"per_yuan": 5}}),
    )
    assert (asked(hooks, specs, SHOP), asked(hooks, specs, TILL)) == ([9], [5])


def test_a_wrong_override_is_blamed_where_it_stands(start):
    with pytest.raises(PluginProblem) as caught:
        start(**places(mini={"loyalty": {"per_yuan": -1}}))
    assert "channels.mini.plugins.loyalty.per_yuan: expected a whole number" in str(caught.value)


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        (
            places(mini={"loyalty": {"key": {"env": "SECRET"}}}),
            "channels.mini.plugins.loyalty.key: this setting holds for the whole shop. "
            "Set it in [plugins.loyalty].",
        ),
        (
            places(east={"loyalty": {"rounding": "up"}}),
            "stores.east.plugins.loyalty.rounding: this setting holds for the whole channel. "
            "Set it in [plugins.loyalty] or in a channel.",
        ),
    ],
)
def test_a_setting_cannot_be_overridden_deeper_than_it_holds(start, tables, said):
    with pytest.raises(PluginProblem) as caught:
        start(**tables)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    "tables",
    [
        {"plugins": {"loyalti": {"per_yuan": 1}}},
        {"plugins": {"on_failure": {"loyalti": "open"}}},
        places(mini={"off": ["loyalti"]}),
        places(east={"on": ["loyalti"]}),
        places(east={"loyalti": {"per_yuan": 1}}),
    ],
)
def test_what_is_said_about_a_plugin_that_is_not_there_is_refused(start, tables):
    with pytest.raises(PluginProblem, match="'loyalti', which is not there; did you mean"):
        start(**tables)


def test_two_may_decide_in_different_places(build, specs, plugin_class, loyalty):
    mail = plugin_class("mail", choose_sender=hookimpl(lambda self: "mail"))
    both = {"loyalty": loyalty, "mail": mail}
    apart = build(
        plugins={"enabled": ["loyalty", "mail"]},
        channels={
            "mini": {"plugins": {"off": ["loyalty"]}},
            "web": {"plugins": {"off": ["mail"]}},
        },
    )
    with pytest.raises(PluginProblem, match="the whole shop"):
        load_plugins(apart, [specs], builtin=both)
    chosen = msgspec.structs.replace(
        apart,
        plugins=msgspec.structs.replace(apart.plugins, choose={"choose_sender": "mail"}),
    )
    hooks = load_plugins(chosen, [specs], builtin=both)
    assert hooks.choose(specs.choose_sender, Where(channel="web"), "x") == Answer(
        "loyalty@0.1.0", "loyalty"
    )
    assert hooks.choose(specs.choose_sender, MINI, "x") == Answer("mail@0.1.0", "mail")

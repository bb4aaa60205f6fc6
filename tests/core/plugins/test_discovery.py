import sys

import msgspec
import pytest

from jishi.plugins import SHOP, Answer, PluginProblem, hookimpl, installed, load_plugins


@pytest.fixture
def start(build, specs):
    def start_with(*enabled, builtin=None, core="0.1.0", **tables):
        plugins = {"enabled": list(enabled), **tables}
        return load_plugins(build(plugins=plugins), [specs], builtin=builtin or {}, core=core)

    return start_with


def refused(start, *enabled, **more):
    with pytest.raises(PluginProblem) as caught:
        start(*enabled, **more)
    return str(caught.value)


def test_only_what_is_switched_on_is_imported(start, specs, install, code):
    install("mine", code("mine"))
    install("other", "raise SystemExit('imported')")
    hooks = start("mine")
    assert hooks.ask(specs.adjust_price, SHOP, "x", "y") == [Answer("mine@0.1.0", 1)]
    assert "stranger_jishi_other" not in sys.modules


def test_the_merchants_list_is_the_order_and_the_cores_own_come_last(
    start, specs, install, code, plugin_class
):
    install("b", code("b"))
    install("a", code("a"))
    own = {
        name: plugin_class(name, adjust_price=hookimpl(lambda self: 2))
        for name in ("courier", "sender")
    }
    hooks = start("b", "sender", "a", builtin=own)
    answers = hooks.ask(specs.adjust_price, SHOP, "x", "y")
    assert [answer.plugin.partition("@")[0] for answer in answers] == [
        "b",
        "sender",
        "a",
        "courier",
    ]


def test_a_plugin_that_is_not_installed_says_how_to_install_it(start, install, code):
    install("group_buy", code("group_buy"))
    assert refused(start, "groupbuy") == (
        "The plugin 'groupbuy' is switched on but not installed; did you mean 'group_buy'? "
        "pip install jishi-groupbuy"
    )


def test_a_plugin_for_another_core_names_both_versions(start, install, code):
    install("new", code("new", "requires='>=0.5,<0.6'", "0.5.2"), version="0.5.2")
    assert refused(start, "new", core="0.1.3") == (
        "The plugin 'new' 0.5.2 needs jishi >=0.5,<0.6, but this is jishi 0.1.3. "
        "pip install --upgrade jishi-new jishi"
    )


@pytest.mark.parametrize("core", ["0.1.0", "0.1.9", "0.1.0.dev3+local", "0.1.1rc1"])
def test_a_plugin_for_this_core_starts(start, install, code, core):
    install("fits", code("fits", "requires='>=0.1.0.dev0,<0.2'"))
    assert start("fits", core=core).plugin("fits") is not None


def test_a_range_that_is_none_is_the_authors_mistake(start, install, code):
    install("odd", code("odd", "requires='new'"))
    assert "declares requires='new', which is no range of versions" in refused(start, "odd")


def test_a_need_that_is_off_is_named(start, install, code):
    install("above", code("above", "needs=('loyalty',)"))
    assert refused(start, "above") == (
        "The plugin 'above' needs 'loyalty', which is not switched on. pip install "
        'jishi-loyalty, and add "loyalty" to enabled in [plugins].'
    )


def test_a_need_of_another_version_names_both(start, install, code):
    install("above", code("above", "needs=('below>=0.2',)"))
    install("below", code("below"))
    assert refused(start, "above", "below") == (
        "The plugin 'above' needs 'below' >=0.2, but 0.1.0 is installed. "
        'pip install "jishi-below>=0.2"'
    )


def test_a_need_that_names_nothing_is_the_authors_mistake(start, install, code):
    install("above", code("above", "needs=('>>',)"))
    assert "declares that it needs '>>', which names no plugin" in refused(start, "above")


def test_a_broken_plugin_says_what_broke(start, install):
    install("broken", "import nothing_like_this")
    assert refused(start, "broken") == (
        "The plugin 'broken' is installed (jishi-broken 0.1.0) but cannot be loaded: "
        "ModuleNotFoundError: No module named 'nothing_like_this'. "
        "pip install --force-reinstall jishi-broken"
    )


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("Made = 3", "is no plugin"),
        ("class Made: pass", "is no plugin"),
        ("from jishi.plugins import Plugin\nclass Made(Plugin): pass", "does not declare itself"),
    ],
)
def test_what_is_no_plugin_is_refused(start, install, source, said):
    install("odd", source)
    assert said in refused(start, "odd")


def test_a_plugin_has_one_name(start, install, code):
    install("odd", code("even"))
    assert "What jishi-odd offers as 'odd' calls itself 'even'" in refused(start, "odd")


def test_a_name_that_two_distributions_offer_is_ambiguous(start, install, code):
    install("pay", code("pay"))
    install("pay", code("pay"), dist="jishi-pay-fork")
    said = refused(start, "pay")
    assert "jishi-pay" in said
    assert "jishi-pay-fork" in said
    assert "pip uninstall" in said


def test_a_plugin_stands_once_in_the_list(start, install, code):
    install("a", code("a"))
    assert "'a' stands twice" in refused(start, "a", "a")


def test_wrong_settings_are_told_with_their_path(start, plugin_class):
    class Points(msgspec.Struct, frozen=True, kw_only=True):
        points_per_yuan: int = 1

    loyalty = plugin_class("loyalty", declared={"settings": Points})
    said = refused(start, builtin={"loyalty": loyalty}, loyalty={"points_per_yaun": 1})
    assert "The settings of the plugin 'loyalty' cannot be used" in said
    assert "plugins.loyalty.points_per_yaun: unknown key; did you mean 'points_per_yuan'?" in said


def test_settings_of_a_plugin_that_has_none_are_refused(start, plugin_class):
    said = refused(start, builtin={"bare": plugin_class("bare")}, bare={"x": 1})
    assert said == "The plugin 'bare' has no settings, but [plugins.bare] sets x. Remove them."


def explode(self, settings):
    raise OSError("no key")


def test_a_plugin_that_cannot_be_made_is_disabled_and_reported(start, plugin_class):
    hooks = start(builtin={"bad": plugin_class("bad", __init__=explode)})
    assert hooks.plugin("bad") is None
    [bad] = [each for each in hooks.roster.installed() if each.name == "bad"]
    assert (bad.state, bad.reason) == ("disabled", "OSError: no key")


def test_a_required_plugin_that_cannot_be_made_stops_the_start(start, plugin_class):
    pay = plugin_class("pay", declared={"required": "yes"}, __init__=explode)
    assert "'pay' is required but failed at the start: OSError: no key" in refused(
        start, builtin={"pay": pay}
    )


def test_installed_plugins_are_listed_without_importing_them(install):
    install("quiet", "raise SystemExit('imported')", version="1.2")
    [quiet] = [each for each in installed() if each.name == "quiet"]
    assert (quiet.version, quiet.distribution, quiet.state) == ("1.2", "jishi-quiet", "off")


def test_the_list_says_what_is_on_and_what_it_answers(start, install, code):
    install("mine", code("mine"))
    install("other", "raise SystemExit('imported')")
    states = {each.name: each for each in start("mine").roster.installed()}
    assert (states["mine"].state, states["mine"].hooks) == ("on", ("adjust_price",))
    assert (states["other"].state, states["other"].hooks) == ("off", ())


def test_the_cores_own_plugin_gives_way_to_the_one_the_merchant_listed(start, specs, plugin_class):
    def deciding(name):
        return plugin_class(name, choose_sender=hookimpl(lambda self: name))

    own = {"printer": deciding("printer"), "sms": deciding("sms")}
    hooks = start("sms", builtin=own)
    assert hooks.choose(specs.choose_sender, SHOP, to="x") == Answer("sms@0.1.0", "sms")


def test_the_merchant_can_do_without_one_of_the_cores_own(start, plugin_class):
    own = {name: plugin_class(name) for name in ("courier", "vat")}
    hooks = start(builtin=own, off=["vat"])
    assert [each.name for each in hooks.roster.declarations] == ["courier"]
    said = refused(start, builtin=own, off=["curier"])
    assert "[plugins] off names 'curier'" in said
    assert "did you mean 'courier'?" in said

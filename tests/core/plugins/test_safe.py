import pytest

from jishi.plugins import PluginProblem, load_plugins

OWN = """
from jishi.plugins import Declaration, Plugin
class Made(Plugin):
    declaration = Declaration(name={name!r}, version="1.0"{more})
"""


@pytest.fixture
def three(install):
    install("pay", OWN.format(name="pay", more=', required="yes", needs=("keys",)'))
    install("keys", OWN.format(name="keys", more=""))
    install("fancy", OWN.format(name="fancy", more=""))
    install("broken", "raise ImportError('gone')")


def names(hooks) -> list[str]:
    return list(hooks.roster.seats)


def test_safe_mode_keeps_the_required_and_what_they_need(specs, build, three, plugin_class):
    table = {
        "enabled": ["fancy", "keys", "pay", "broken"],
        "safe": "yes",
        "fancy": {"colour": "red"},
        "choose": {"choose_sender": "fancy"},
    }
    channels = {"web": {"plugins": {"off": ["fancy"], "fancy": {"colour": "blue"}}}}
    config = build(plugins=table, channels=channels)
    core = {"courier": plugin_class("courier")}
    assert names(load_plugins(config, [specs], builtin=core)) == ["keys", "pay", "courier"]


def test_the_environment_can_ask_for_it(specs, build, three):
    config = build(plugins={"enabled": ["fancy"]}, environ={"JISHI_PLUGINS_SAFE": "yes"})
    assert names(load_plugins(config, [specs])) == []


def test_without_it_a_broken_one_stops_the_start(specs, build, three):
    with pytest.raises(PluginProblem, match="'broken' is installed"):
        load_plugins(build(plugins={"enabled": ["broken"]}), [specs])


@pytest.mark.parametrize("name", ["orders", "store", "enabled"])
def test_a_plugin_cannot_take_a_name_of_the_core(specs, build, install, name):
    install(name, OWN.format(name=name, more=""))
    with pytest.raises(PluginProblem, match="takes a name that the core uses itself"):
        load_plugins(build(plugins={"enabled": [name]}), [specs])

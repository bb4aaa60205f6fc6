import tomllib

import pytest

from jishi.config import with_plugin, without_plugin, without_traces, write_whole

BUILD = """\
# my shop
[shop]
name = "小店"   # the name

[plugins]
enabled = [
    "pay",       # money
    "loyalty",
]
off = ["courier"]

[plugins.choose]
choose_sender = "loyalty"

[plugins.loyalty]
points = 2       # per yuan

[channels.web.plugins]
on = ["loyalty"]

[channels.web.plugins.loyalty]
points = 3
"""


def test_a_plugin_is_added_last_and_everything_else_stays():
    text = with_plugin(BUILD, "stamps", ["host:a.example", "orders:read"])
    added = tomllib.loads(text)["plugins"]
    assert added["enabled"] == ["pay", "loyalty", "stamps"]
    assert added["approved"] == {"stamps": ["host:a.example", "orders:read"]}
    for line in BUILD.splitlines():
        assert line in text.splitlines()


def test_a_file_without_plugins_gets_its_table():
    text = with_plugin('[shop]\nname = "x"\n', "stamps", None)
    assert tomllib.loads(text) == {"shop": {"name": "x"}, "plugins": {"enabled": ["stamps"]}}


def test_the_cores_own_are_switched_by_off():
    on = with_plugin(BUILD, "courier", None)
    assert tomllib.loads(on)["plugins"]["off"] == []
    off = without_plugin(on, "courier", ["courier"])
    assert tomllib.loads(off)["plugins"]["off"] == ["courier"]
    assert "courier" not in tomllib.loads(off)["plugins"]["enabled"]


def test_switched_off_its_settings_stay():
    text = without_plugin(BUILD, "loyalty")
    plugins = tomllib.loads(text)["plugins"]
    assert (plugins["enabled"], plugins["choose"]) == (["pay"], {})
    assert plugins["loyalty"] == {"points": 2}
    assert "# money" in text


def test_without_traces_nothing_speaks_of_it():
    text = without_traces(with_plugin(BUILD, "loyalty", ["orders:read"]), "loyalty")
    assert "loyalty" not in text
    assert '"pay",       # money' in text


@pytest.mark.parametrize("change", [with_plugin, without_plugin])
def test_twice_is_once(change):
    arguments = ("loyalty", None) if change is with_plugin else ("loyalty",)
    once = change(BUILD, *arguments)
    assert change(once, *arguments) == once


def test_a_file_is_written_whole_with_the_rights_it_had(tmp_path):
    file = tmp_path / "jishi.toml"
    file.write_text("old", "utf-8")
    file.chmod(0o600)
    write_whole(file, "新")
    assert (file.read_text("utf-8"), file.stat().st_mode & 0o777) == ("新", 0o600)
    assert list(tmp_path.iterdir()) == [file]

"""What installed plugins bring to the demo: settings and stores of the build, and walks."""

import tomllib

import pytest
from click.testing import CliRunner

from jishi.cli.make_build import init
from jishi.config import load_config
from jishi.demo import Companion, DemoFailed, companions, walks, yuan
from jishi.demo.cashier import Cashier
from jishi.demo.login_codes import sent_code
from jishi.demo.walks import resting


@pytest.fixture
def build(tmp_path):
    """Give the folder of a demo's build."""
    done = CliRunner().invoke(init, [str(tmp_path / "demo"), "--demo"])
    assert done.exit_code == 0, done.output
    return tmp_path / "demo"


@pytest.fixture
def brought(tmp_path, monkeypatch):
    """Give a function that installs a distribution with entry points."""

    def bring(group, name, source):
        site = tmp_path / "site"
        about = site / "strolls-1.0.dist-info"
        about.mkdir(parents=True)
        (site / "strolls.py").write_text(source)
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: strolls\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text(f"[{group}]\n{name} = strolls:stroll\n")
        monkeypatch.syspath_prepend(site)

    return bring


def enable(build, *plugins):
    names = ", ".join(f'"{each}"' for each in plugins)
    (build / "jishi.toml").write_text(f"[plugins]\nenabled = [{names}]\n")


def say(title, call, result):
    pass


def test_a_demos_build_has_every_companions_plugin_on_with_its_settings(build):
    table = tomllib.loads((build / "jishi.toml").read_text("utf-8"))
    beside = companions(build)
    assert set(beside) >= {"loyalty", "wechat_pay"}
    assert table["plugins"]["enabled"] == ["printed_codes", *beside]
    for name, companion in beside.items():
        assert set(table["plugins"][name]) == set(companion.settings)


def test_a_demos_build_has_the_stores_that_companions_want(build):
    wanted = {
        code: name for each in companions(build).values() for code, name in each.stores.items()
    }
    stores = tomllib.loads((build / "jishi.toml").read_text("utf-8"))["stores"]
    assert wanted
    assert {code: store["name"] for code, store in stores.items()} == wanted


def test_a_demos_build_can_be_used(build):
    config = load_config(build / "jishi.toml")
    assert "loyalty" in config.plugins.enabled


def test_a_plugin_that_is_on_walks(build, brought):
    brought("jishi.demo.walks", "strolling", "def stroll(ground): raise LookupError('walked')\n")
    enable(build, "strolling")
    found = walks(build)
    assert set(found) == {"strolling"}
    with pytest.raises(LookupError, match="walked"):
        found["strolling"](None)


def test_a_plugin_that_is_off_does_not_walk(build, brought):
    brought("jishi.demo.walks", "strolling", "def stroll(ground): ...\n")
    enable(build, "printed_codes")
    assert walks(build) == {}
    assert "strolling" in resting(build)


def test_a_plugin_that_is_not_installed_does_not_walk(build):
    enable(build, "strolling")
    assert walks(build) == {}


def test_nobody_pays_where_nobody_collects():
    with pytest.raises(DemoFailed, match="no payment plugin"):
        Cashier({"loyalty": Companion(settings={}, title="loyalty")}, say)


def test_the_youngest_code_for_a_phone_is_read(tmp_path):
    log = tmp_path / "shop.log"
    log.write_text(
        "login code for +8613900000001: 111111\n"
        "login code for +8613900000002: 222222\n"
        "login code for +8613900000001: 333333\n"
        "login code for +8613900000002: 444444\n"
    )
    assert sent_code(log, "13900000001") == "333333"


@pytest.mark.parametrize(
    ("fen", "read"), [(0, "¥0.00"), (205, "¥2.05"), (-205, "-¥2.05"), (-22_000, "-¥220.00")]
)
def test_amounts_are_read_with_their_sign(fen, read):
    assert yuan(fen) == read

"""What the front pages say is true: the configuration starts, the commands and links exist."""

import re
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest

from jishi.cli.entry import jishi as command_line
from jishi.config import load_config
from jishi.hookspecs import FAMILIES
from jishi.plugins.reference import hooks_of
from jishi.web import make_shop
from jishi_wechat_pay.simulator import make_keys
from jishi_wechat_pay.simulator.keys import private_pem, public_pem

ROOT = Path(__file__).parent.parent
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
PAGES = [*READMES, ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md"]


def configuration(page: Path) -> str:
    (block,) = re.findall(r"```toml\n(.*?)```", page.read_text("utf-8"), re.S)
    return str(block)


@pytest.mark.parametrize("page", READMES, ids=lambda page: page.name)
def test_the_merchants_configuration_starts(page: Path, tmp_path: Path, monkeypatch):
    keys = make_keys("1900000001", ["wx0000000000000001"], datetime(2026, 3, 1, tzinfo=UTC))
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "shop.key").write_text("0123456789abcdef" * 3)
    (secrets / "apiclient_key.pem").write_text(private_pem(keys.merchant_key))
    (secrets / "wechat_pay_public_key.pem").write_text(public_pem(keys.platform_key))
    monkeypatch.setenv("WECHAT_PAY_API_V3_KEY", keys.api_v3_key.decode())
    (tmp_path / "jishi.toml").write_text(configuration(page), "utf-8")
    shop = make_shop(load_config(tmp_path / "jishi.toml"))
    assert shop.hooks.plugin("wechat_pay") is not None
    assert len([line for line in configuration(page).splitlines() if line.strip()]) <= 16


def test_both_languages_show_the_same_configuration():
    english, chinese = (tomllib.loads(configuration(page)) for page in READMES)
    assert english == chinese


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_named_files_exist(page: Path):
    text = page.read_text("utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / target).exists(), target
    for room, file in re.findall(r"`(?:core/jishi/)?([a-z_]+)/([a-z_]+\.py)`", text):
        places = (ROOT / "core" / "jishi" / room / file, ROOT / room / file)
        assert any(place.exists() for place in places), f"{room}/{file}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_exist(page: Path):
    text = page.read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"\bmake ([a-z]+)\b", text)) <= targets | {"sure"}
    named = set(re.findall(r"\bjishi ([a-z]+)\b", text.replace("install jishi", "")))
    commands = set(command_line.list_commands(None))
    assert named <= commands


def test_the_site_builds_without_a_warning():
    zensical = Path(sys.executable).parent / "zensical"
    built = subprocess.run(
        [zensical, "build", "--strict"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stdout + built.stderr
    assert "review_checkout" in (ROOT / "site/plugins/hooks/index.html").read_text("utf-8")


def test_every_command_that_a_page_of_the_site_names_exists():
    unknown = [
        f"{page.name}: jishi {' '.join(words)}"
        for page in (ROOT / "docs").rglob("*.md")
        for said in re.findall(r"(?:^|`)jishi ([a-z][a-z -]*)", page.read_text("utf-8"), re.M)
        if not is_command(words := said.split())
    ]
    assert unknown == []


def is_command(words: list[str]) -> bool:
    """Whether words, up to the first that is an argument or an option, name a command."""
    group: click.Command | None = command_line
    for word in words:
        if not isinstance(group, click.Group):
            break
        group = group.get_command(click.Context(group), word)
    return group is not None


def test_every_page_of_the_site_is_in_its_table_of_contents():
    contents = (ROOT / "zensical.toml").read_text("utf-8")
    pages = {page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")}
    assert pages == set(re.findall(r'"([a-z_/0-9.-]+\.md)"', contents))


def test_every_hook_is_on_the_page_of_hooks():
    page = (ROOT / "core/HOOKS.md").read_text("utf-8")
    hooks = [spec.__name__ for family in FAMILIES for spec in hooks_of(family)]
    assert [hook for hook in hooks if f"\n### {hook}\n" not in page] == []
    assert len(hooks) == len(re.findall(r"Since: \d", page)), "a hook does not say since when"


def test_every_table_that_a_room_reads_is_on_the_settings_page():
    page = (ROOT / "docs/merchants/settings.md").read_text("utf-8")
    code = "".join(file.read_text("utf-8") for file in (ROOT / "core/jishi").rglob("*.py"))
    for table in set(re.findall(r"\.section\(\s*\"([a-z]+)\"", code)):
        assert f"## [{table}]" in page, table

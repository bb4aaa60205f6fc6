"""The README's tables of settings are true."""

from pathlib import Path

import jishi_group_buy
from jishi.config import describe
from jishi_group_buy import GroupBuySettings

FOLDER = Path(jishi_group_buy.__file__).parent.parent


def test_every_setting_is_in_the_readme_with_its_help():
    text = (FOLDER / "README.md").read_text("utf-8")
    for each in describe(GroupBuySettings):
        assert f"| `{each.name}` | `{each.default}` | {each.help} |" in text


def test_every_setting_is_in_the_chinese_readme_with_its_default():
    text = (FOLDER / "README.zh-CN.md").read_text("utf-8")
    for each in describe(GroupBuySettings):
        assert f"| `{each.name}` | `{each.default}` |" in text

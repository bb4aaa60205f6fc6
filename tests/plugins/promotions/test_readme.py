"""The READMEs tell the truth about the settings."""

from pathlib import Path

import pytest

from jishi.config import describe
from jishi_promotions import PromotionsSettings

FOLDER = Path(__file__).parents[3] / "plugins/promotions"


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_every_setting_stands_in_the_readme_with_its_default(page: str) -> None:
    text = (FOLDER / page).read_text("utf-8")
    for each in describe(PromotionsSettings):
        default = getattr(PromotionsSettings(), each.name)
        said = f'"{default}"' if isinstance(default, str) else str(default)
        assert f"| `{each.name}` | `{said}` |" in text

"""The theme that the merchant named is found, or one sentence says why not."""

import importlib

import pytest

from jishi.themes import ThemeProblem, find_theme

TINY = {
    "templates/home.html": "tiny home of {{ shop_name }}, {{ t('hello') }}",
    "words/en.toml": 'hello = "hello"',
}


def nothing_installed(monkeypatch):
    finding = importlib.import_module("jishi.themes.find_theme")
    monkeypatch.setattr(finding, "entry_points", lambda group: [])


def test_the_default_theme_is_found():
    theme = find_theme("default")
    assert theme is not None
    assert theme.package == "jishi_theme_default"


def test_a_theme_from_a_wheel_is_found(install):
    install.theme("tiny", TINY)
    theme = find_theme("tiny")
    assert theme is not None
    assert (theme.folder / "templates" / "home.html").is_file()


def test_a_theme_that_is_not_installed_is_one_sentence():
    with pytest.raises(ThemeProblem) as told:
        find_theme("defualt")
    assert "'defualt'" in str(told.value)
    assert "'default'" in str(told.value)
    assert "pip install jishi-theme-defualt" in str(told.value)


def test_a_theme_that_cannot_be_loaded_is_one_sentence(install):
    install.theme("tiny", TINY)
    install.write({"jishi_theme_tiny/__init__.py": "import nothing_like_this"})
    with pytest.raises(ThemeProblem, match="cannot be loaded"):
        find_theme("tiny")


def test_a_package_without_templates_is_no_theme(install):
    install.theme("tiny", {})
    with pytest.raises(ThemeProblem, match="no templates"):
        find_theme("tiny")


def test_without_any_theme_there_are_no_pages(monkeypatch):
    nothing_installed(monkeypatch)
    assert find_theme("default") is None


def test_without_any_theme_a_named_one_is_still_missed(monkeypatch):
    nothing_installed(monkeypatch)
    with pytest.raises(ThemeProblem):
        find_theme("festive")


async def test_a_shop_without_a_theme_serves_its_api(shop, monkeypatch, client):
    nothing_installed(monkeypatch)
    page = await client.get("/")
    assert page.status_code == 404
    assert page.json()["code"] == "no_pages"
    assert (await client.get("/store/products")).status_code == 200


class TestAnotherTheme:
    @pytest.fixture
    def shop_tables(self, shop_tables, install):
        install.theme("tiny", TINY)
        return shop_tables | {"shop": {**shop_tables["shop"], "theme": "tiny"}}

    async def test_its_pages_are_shown(self, client):
        assert (await client.get("/")).text == "tiny home of 测试小店, hello"

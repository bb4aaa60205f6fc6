"""Every text is there in every language."""

import re
import string
import tomllib
from pathlib import Path

import jishi_theme_default

FOLDER = Path(jishi_theme_default.__file__).parent


def words(language: str) -> dict[str, str]:
    tables = tomllib.loads((FOLDER / "words" / f"{language}.toml").read_text("utf-8"))
    return {f"{table}.{key}": text for table, some in tables.items() for key, text in some.items()}


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys():
    assert words("zh-CN").keys() == words("en").keys()


def test_both_languages_fill_in_the_same_values():
    chinese, english = words("zh-CN"), words("en")
    differing = {key for key in chinese if not places(english[key]) <= places(chinese[key])}
    assert differing == set()


def test_every_key_that_a_template_asks_for_is_there():
    asked = {
        key
        for file in (FOLDER / "templates").glob("*.html")
        for key in re.findall(r"\bt\('([a-z_.-]+)'[,)]", file.read_text("utf-8"))
    }
    assert asked
    assert asked - words("zh-CN").keys() == set()


def test_every_key_is_used():
    templates = "".join(file.read_text("utf-8") for file in (FOLDER / "templates").glob("*.html"))
    made = tuple(re.findall(r"'([a-z_]+[._][a-z_]*)' ~", templates))
    unused = {
        key for key in words("en") if f"'{key}'" not in templates and not key.startswith(made)
    }
    assert unused == set()


def test_no_template_carries_texts_of_its_own():
    for file in (FOLDER / "templates").glob("*.html"):
        assert not re.search("[一-鿿]", file.read_text("utf-8")), file.name

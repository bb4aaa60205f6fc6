"""The README tells of every template and every slot."""

import re
from pathlib import Path

import jishi_theme_default

FOLDER = Path(jishi_theme_default.__file__).parent
README = (FOLDER.parent / "README.md").read_text("utf-8")
TEMPLATES = {file.name: file.read_text("utf-8") for file in (FOLDER / "templates").iterdir()}


def test_every_template_is_written_down():
    told = set(re.findall(r"^\| `([a-z]+\.html)` \|", README, re.MULTILINE))
    assert told == TEMPLATES.keys()


def test_every_slot_is_written_down():
    slots = {name for text in TEMPLATES.values() for name in re.findall(r"slot\('(\w+)'", text)}
    assert slots
    table = README.partition("## Slots")[2].partition("## Words")[0]
    assert {name for name in slots if f"`{name}`" not in table} == set()

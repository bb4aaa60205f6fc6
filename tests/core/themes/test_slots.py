"""Plugins put pieces into the pages; a piece that fails is left out."""

import importlib

import pytest

PLUGIN = '''
from jishi.plugins import Declaration, Plugin, hookimpl
from jishi.themes import Block


class Notes(Plugin):
    """Puts notes on the home page."""

    declaration = Declaration(name="notes", version="1.0.0")

    @hookimpl
    def register_theme_blocks(self):
        """Three pieces; one of them cannot be made."""
        return [
            Block(slot="home_top", template="notes/late.html", position=2),
            Block(slot="home_top", template="notes/broken.html", position=1),
            Block(slot="home_top", template="notes/missing.html", position=1),
            Block(slot="home_top", template="notes/note.html", values={"text": "<春>"}),
        ]
'''
NOTE = "<p id=note>{{ text }} {{ shop_name }} {{ lang }}</p>"
FILES = {
    "jishi_notes/__init__.py": PLUGIN,
    "jishi_notes/templates/notes/note.html": NOTE,
    "jishi_notes/templates/notes/late.html": "<p id=late></p>",
    "jishi_notes/templates/notes/broken.html": "{{ nothing_like_this.at_all }}",
}


@pytest.fixture
def shop_plugins(shop_plugins, install):
    install.write(FILES)
    return shop_plugins | {"notes": importlib.import_module("jishi_notes").Notes}


async def test_a_plugins_piece_is_in_its_slot_escaped(client):
    assert "<p id=note>&lt;春&gt; 测试小店 zh-CN</p>" in (await client.get("/")).text


async def test_pieces_stand_by_their_position_and_broken_ones_are_left_out(client):
    page = (await client.get("/")).text
    assert page.index("id=note") < page.index("id=late")


async def test_a_build_replaces_a_plugins_piece(client, themes_folder):
    (themes_folder / "notes").mkdir()
    (themes_folder / "notes" / "note.html").write_text("<p id=ours></p>", "utf-8")
    page = (await client.get("/")).text
    assert "id=ours" in page
    assert "id=note" not in page


class TestOffInAChannel:
    @pytest.fixture
    def shop_tables(self, shop_tables):
        channels = {**shop_tables["channels"], "web": {"plugins": {"off": ["notes"]}}}
        return shop_tables | {"channels": channels}

    async def test_its_pieces_are_not_shown_there(self, client):
        assert "id=note" not in (await client.get("/")).text
        other = await client.get("/", headers={"Jishi-Channel": "mini_program"})
        assert "id=note" in other.text

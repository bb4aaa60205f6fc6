"""Every room of the house is furnished alike, goes by one name and talks through doors."""

import ast
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import jishi

ROOT = Path(__file__).parent.parent
CORE = tomllib.loads((ROOT / "pyproject.toml").read_text())
PLUGINS = sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))
THEMES = sorted(path.parent for path in ROOT.glob("themes/*/pyproject.toml"))
MODULES = sorted(
    path for room in ("core", "plugins", "themes") for path in (ROOT / room).rglob("*.py")
)


def project(room: Path) -> dict:
    return tomllib.loads((room / "pyproject.toml").read_text())["project"]


def module_name(room: Path) -> str:
    return f"jishi_{room.name}" if room.parent.name == "plugins" else f"jishi_theme_{room.name}"


def strays(folder: str, rooms: list[Path]) -> set[str]:
    found = {path.name for path in (ROOT / folder).iterdir() if any(path.rglob("*.py"))}
    return found - {room.name for room in rooms}


def table_name(table: object) -> str:
    return table if isinstance(table, str) else table._meta.tablename


def imports_when_run(path: Path) -> set[str]:
    """The modules of ours a file imports, leaving out what only the type checker reads."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = []
    names = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return {name for name in names if name.split(".")[0].startswith("jishi")}


def reaches_past_a_door(path: Path, name: str) -> bool:
    """Say whether a file imports from inside a room that is not its own."""
    top, room, inner, *_ = [*name.split("."), "", ""]
    if top != "jishi" or not inner or room == "hookspecs":  # its families are its doors
        return False
    if path.is_relative_to(ROOT / "core"):  # what flows between the core's rooms is shared
        return inner != "structs" and not path.is_relative_to(ROOT / "core" / "jishi" / room)
    return True


every_plugin = pytest.mark.parametrize("room", PLUGINS, ids=lambda room: room.name)
every_room = pytest.mark.parametrize("room", PLUGINS + THEMES, ids=lambda room: room.name)


def test_there_are_rooms_to_look_at():
    assert PLUGINS
    assert THEMES


def test_every_folder_with_code_in_it_is_a_room():
    assert strays("plugins", PLUGINS) | strays("themes", THEMES) == set()


def test_the_core_says_the_version_it_is_packaged_as():
    assert jishi.__version__ == CORE["project"]["version"]


@every_room
def test_a_room_moves_in_lock_step_with_the_core(room):
    assert project(room)["version"] == jishi.__version__
    major, minor, _ = (int(part) for part in jishi.__version__.split("."))
    assert f"jishi>={major}.{minor},<{major}.{minor + 1}" in project(room)["dependencies"]


@every_room
def test_a_distribution_is_named_like_its_module(room):
    assert project(room)["name"] == module_name(room).replace("_", "-")


@every_room
def test_a_room_holds_one_typed_package_and_no_other(room):
    packages = [path.parent.name for path in room.glob("*/__init__.py")]
    assert packages == [module_name(room)]
    assert (room / module_name(room) / "py.typed").is_file()


@every_room
def test_a_readme_opens_with_the_distribution_and_says_how_to_install_it(room):
    text = (room / "README.md").read_text()
    assert text.startswith(f"# {project(room)['name']}\n")
    assert f"pip install {project(room)['name']}" in text


@every_room
def test_a_room_is_part_of_the_workspace(room):
    name = project(room)["name"]
    assert name in CORE["dependency-groups"]["rooms"]
    assert CORE["tool"]["uv"]["sources"][name] == {"workspace": True}


@every_room
def test_a_room_is_held_to_the_floors_and_measured(room):
    assert module_name(room) in CORE["tool"]["importlinter"]["root_packages"]
    assert module_name(room) in CORE["tool"]["coverage"]["run"]["source_pkgs"]
    assert str(room.relative_to(ROOT)) in CORE["tool"]["mypy"]["mypy_path"]


@every_room
def test_the_tests_mirror_the_room(room):
    assert list((ROOT / "tests" / room.parent.name / room.name).glob("test_*.py"))


@every_plugin
def test_a_plugin_goes_by_one_name_everywhere(room):
    name = room.name
    (point,) = (
        p for p in entry_points(group="jishi.plugins") if p.value.startswith(f"jishi_{name}:")
    )
    plugin = point.load()
    declaration = plugin.declaration
    assert list(project(room)["entry-points"]["jishi.plugins"]) == [name]
    assert point.name == name
    assert declaration.name == name
    assert plugin.__name__ == "".join(word.title() for word in name.split("_"))
    assert declaration.version == project(room)["version"]
    assert all(table.startswith(f"{name}_") for table in map(table_name, declaration.tables))
    readme = (room / "README.md").read_text()
    assert declaration.settings is None or f"[plugins.{name}]" in readme
    templates = room / module_name(room) / "templates"
    assert [path.name for path in templates.glob("*")] in ([], [name])


@pytest.mark.parametrize("room", THEMES, ids=lambda room: room.name)
def test_a_theme_is_found_under_the_name_of_its_folder(room):
    assert project(room)["entry-points"]["jishi.themes"] == {room.name: module_name(room)}
    (point,) = entry_points(group="jishi.themes", name=room.name)
    assert Path(point.load().__file__).is_relative_to(room)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_rooms_talk_through_doors(path):
    assert [name for name in imports_when_run(path) if reaches_past_a_door(path, name)] == []


@pytest.mark.parametrize(
    ("file", "name", "expected"),
    [
        ("core/jishi/checkout/place_order.py", "jishi.ledger", False),
        ("core/jishi/checkout/place_order.py", "jishi.ledger.apply", True),
        ("core/jishi/checkout/place_order.py", "jishi.ledger.structs", False),
        ("core/jishi/ledger/apply.py", "jishi.ledger.sql", False),
        ("plugins/loyalty/jishi_loyalty/plugin.py", "jishi.ledger.structs", True),
        ("plugins/loyalty/jishi_loyalty/plugin.py", "jishi.hookspecs.pricing", False),
        ("plugins/loyalty/jishi_loyalty/plugin.py", "jishi_loyalty.points", False),
    ],
)
def test_the_door_is_where_we_think_it_is(file, name, expected):
    assert reaches_past_a_door(ROOT / file, name) is expected

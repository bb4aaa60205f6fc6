"""A small stranger's world: specs, plugins and distributions that pip could have installed."""

import sys
from types import SimpleNamespace

import pytest
from pluggy import HookspecMarker

from jishi.config import Config, Source, read_config
from jishi.plugins import Declaration, Plugin

hookspec = HookspecMarker("jishi")


@hookspec
def register_tables() -> list[str] | None: ...


@hookspec
def load_facts(basket: str) -> str | None: ...


@hookspec
def adjust_price(basket: str, lane: str) -> int | None: ...


@hookspec
def effects_of_order(basket: str) -> str | None: ...


@hookspec
def review_basket(basket: str) -> str | None: ...


@hookspec
def choose_sender(to: str) -> str | None: ...


@hookspec
def order_placed(basket: str, number: int) -> None: ...


@pytest.fixture
def specs():
    return SimpleNamespace(
        register_tables=register_tables,
        load_facts=load_facts,
        adjust_price=adjust_price,
        effects_of_order=effects_of_order,
        review_basket=review_basket,
        choose_sender=choose_sender,
        order_placed=order_placed,
    )


@pytest.fixture
def plugin_class():
    def make(name: str, **members: object) -> type[Plugin]:
        declared = members.pop("declared", {})
        declaration = Declaration(name=name, version="0.1.0", **declared)
        return type(name.title(), (Plugin,), {"declaration": declaration, **members})

    return make


@pytest.fixture
def plugin(plugin_class):
    return lambda name, **members: plugin_class(name, **members)()


@pytest.fixture
def build(tmp_path):
    def make(**tables: object) -> Config:
        shop = {"name": "shop", "secret": {"env": "SECRET"}}
        environ = {"SECRET": "x"} | tables.pop("environ", {})
        return read_config(Source(tmp_path, tables={"shop": shop, **tables}, environ=environ))

    return make


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install a distribution as pip would: a module and its metadata on the path."""
    site = tmp_path / "site-packages"
    site.mkdir()
    monkeypatch.syspath_prepend(site)
    before = set(sys.modules)

    def add(name: str, code: str, *, version="0.1.0", dist=None, point=None) -> None:
        dist = dist or f"jishi-{name.replace('_', '-')}"
        module = f"stranger_{dist.replace('-', '_')}"
        (site / f"{module}.py").write_text(code, "utf-8")
        meta = site / f"{dist.replace('-', '_')}-{version}.dist-info"
        meta.mkdir()
        (meta / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {dist}\nVersion: {version}\n", "utf-8"
        )
        (meta / "entry_points.txt").write_text(
            f"[jishi.plugins]\n{name} = {point or f'{module}:Made'}\n", "utf-8"
        )

    yield add
    for module in set(sys.modules) - before:
        if module.startswith("stranger_"):
            del sys.modules[module]


PLUGIN = """
from jishi.plugins import Declaration, Plugin, hookimpl
class Made(Plugin):
    declaration = Declaration(name={name!r}, version={version!r}{more})
    @hookimpl
    def adjust_price(self, basket, lane):
        return 1
"""


@pytest.fixture
def code():
    return lambda name, more="", version="0.1.0": PLUGIN.format(
        name=name, version=version, more=f", {more}" if more else ""
    )

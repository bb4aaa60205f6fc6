"""Each campaign plugin alone, and every two of them: the shop sells; none knows another."""

import ast
from itertools import combinations
from pathlib import Path

import pytest

from jishi.orders import find_order

PLUGINS = ("promotions", "group_buy", "flash_sale", "live_stream", "loyalty")
SETS = [*((name,) for name in PLUGINS), *combinations(PLUGINS, 2)]
ROOT = Path(__file__).parents[2] / "plugins"
PRICE = {
    "promotions": 9_000,
    "group_buy": 9_000,
    "flash_sale": 6_000,
    "live_stream": 7_000,
    "loyalty": 9_500,
}
"""What a piece of 100 yuan costs with one of them."""
ACTIVITY = ("group_buy", "flash_sale", "live_stream")


def price_of(plugins: tuple[str, ...]) -> int:
    """With two: the cheaper activity, then the tier's 5 %, then 10 yuan off."""
    price = min([PRICE[name] for name in plugins if name in ACTIVITY], default=10_000)
    if "loyalty" in plugins:
        price = price * 95 // 100
    return price - 1_000 if "promotions" in plugins else price


async def sold(mall, plugins: tuple[str, ...]) -> int:
    """A piece bought with what these plugins give, paid and taken back; what it cost."""
    await mall.goods({"tea": 10_000})
    extras = {}
    if "promotions" in plugins:
        steps = [{"reach": 1000, "off": 1000}]
        await mall.promotion(benefit={"kind": "reduction", "steps": steps})
    if "flash_sale" in plugins:
        extras["flash_sale.sale"] = await mall.flash({"tea": PRICE["flash_sale"]})
    elif "group_buy" in plugins and "live_stream" not in plugins:
        extras["group_buy.open"] = await mall.group(["tea"])
    if "live_stream" in plugins:
        extras["live_stream.session"] = await mall.live({"tea": PRICE["live_stream"]})
    tier = "silver" if "loyalty" in plugins else ""
    member = await mall.member(tier=tier)
    placed = await member.http.place({"tea": 1}, extras=extras)
    assert placed.status_code == 201, placed.text
    order = await find_order(mall.shop.database, placed.json()["id"])
    await mall.pay(order)
    assert await mall.give_back(order) == order.lines[0].total
    return order.lines[0].total


@pytest.fixture(params=SETS, ids="+".join)
def campaign_plugins(request) -> tuple[str, ...]:
    return request.param


async def test_the_shop_sells_with_these_alone(mall, runner, campaign_plugins):
    if mall.shop.database.dialect == "postgresql" and len(campaign_plugins) == 1:
        pytest.skip("alone on SQLite, in pairs on both")
    assert await sold(mall, campaign_plugins) == price_of(campaign_plugins)
    await runner.drain()
    await mall.adds_up()


def imported(name: str) -> set[str]:
    """The top names of everything that a plugin's code imports."""
    found: set[str] = set()
    for path in (ROOT / name).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("name", PLUGINS)
def test_no_plugin_imports_another(name):
    ours = {f"jishi_{each.name}" for each in ROOT.iterdir() if each.is_dir()}
    assert f"jishi_{name}" in imported(name), "the plugin's code was found"
    assert not imported(name) & (ours - {f"jishi_{name}"})

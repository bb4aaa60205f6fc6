"""A price under many campaigns: 20 lines, 500 promotions that are on, 50 coupons held."""

import asyncio
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from bench.figures import Row, at_most, figure
from bench.inprocess import basket_of
from bench.stage import Stage
from jishi.config import Source, read_config
from jishi.identifiers import new_id
from jishi.pricing import Basket, quote
from jishi.shop import Shop
from jishi.web import open_shop, require_tables
from jishi_promotions import Promotions
from jishi_promotions.campaigns import make_campaign, start_campaign
from jishi_promotions.claims import award_coupon
from jishi_promotions.coupons import NewBatch, issue_batch
from jishi_promotions.structs import Rule

PART = "promotions"
_LINES, _PROMOTIONS, _COUPONS, _CODES = 20, 500, 50, 100_000


def measure(stage: Stage) -> Iterator[Row]:
    """Quotes with everything that is on, then a batch of codes."""
    stage.say("quotes under many campaigns, in this process")
    yield from asyncio.run(_measure(stage))


async def _measure(stage: Stage) -> list[Row]:
    folder = stage.folder / f"promotions-{new_id()}"
    folder.mkdir(parents=True)
    shop = await _open(folder)
    try:
        plugin = shop.hooks.plugin("promotions")
        assert isinstance(plugin, Promotions)  # noqa: S101 it was just switched on
        for rule in rules(_PROMOTIONS, "automatic"):
            await _running(plugin, rule)
        for rule in rules(_COUPONS, "coupon"):
            campaign = await _running(plugin, rule)
            await award_coupon(plugin.desk, campaign, "member-1", f"bench:{campaign}")
        basket = msgspec.structs.replace(
            basket_of(_LINES), member="member-1", at=plugin.desk.now()
        )
        return [await _quotes(stage, shop, basket), await _codes(stage, plugin)]
    finally:
        await shop.database.stop()


async def _quotes(stage: Stage, shop: Shop, basket: Basket) -> Row:
    found = await quote(shop, basket)
    spent = []
    for _ in range(max(5, stage.pace.runs)):
        begun = time.process_time()
        for _ in range(20):
            await quote(shop, basket)
        spent.append((time.process_time() - begun) / 20 * 1000)
    return Row(
        part=PART,
        what=f"quote of {_LINES} lines under {_PROMOTIONS} promotions, {_COUPONS} coupons held",
        figure=figure(spent, "ms"),
        bar=at_most(15),
        note=f"processor time, SQLite; {len(found.adjustments)} adjustments, every promotion "
        "that means one of the lines is weighed",
    )


async def _codes(stage: Stage, plugin: Promotions) -> Row:
    campaign = await _running(plugin, next(rules(1, "coupon")))
    spent = []
    for _ in range(min(2, stage.pace.runs)):
        begun = time.process_time()
        new = NewBatch(size=_CODES)
        await issue_batch(plugin.desk, campaign, new, new_id(), "staff:bench")
        spent.append(time.process_time() - begun)
    return Row(
        part=PART,
        what=f"{_CODES:,} coupon codes issued",
        figure=figure(spent, "s"),
        bar=at_most(10),
        note="processor time, SQLite; in transactions of 2,000",
    )


async def _open(folder: Path) -> Shop:
    tables: dict[str, Any] = {
        "shop": {"name": "量一量", "secret": {"env": "SECRET"}},
        "database": {"url": f"sqlite:///{folder}/shop.db"},
        "channels": {"web": {"name": "网店"}},
    }
    config = read_config(Source(folder, tables=tables, environ={"SECRET": "s" * 48}))
    shop = await open_shop(config, None, {"promotions": Promotions})
    await require_tables(shop, "upgrade")
    return shop


async def _running(plugin: Promotions, rule: Rule) -> str:
    campaign = await make_campaign(plugin.desk, rule, "staff:bench")
    await start_campaign(plugin.desk, campaign.id, "staff:bench")
    return campaign.id


def rules(count: int, trigger: str) -> Iterator[Rule]:
    """Campaigns as a busy mall has them: some for everything, most for some goods."""
    dice = random.Random(2026)  # noqa: S311 - the same campaigns in every run
    for number in range(count):
        goods: dict[str, list[str]] = {}
        if number % 10:
            goods = {"skus": [f"SKU-{dice.randrange(200):03d}" for _ in range(10)]}
        document = {
            "title": f"活动 {number}",
            "trigger": trigger,
            "goods": goods,
            "group": f"group-{number % 4}",
            "benefit": _benefit(number, dice),
            "limits": {"total": 1_000_000} if number % 5 == 0 else {},
        }
        yield msgspec.json.decode(msgspec.json.encode(document), type=Rule)


def _benefit(number: int, dice: random.Random) -> dict[str, Any]:
    off = dice.randrange(300, 3000)
    return (
        {"kind": "reduction", "steps": [{"reach": 5000, "off": off}]},
        {"kind": "percent", "steps": [{"off": off}]},
        {"kind": "percent", "steps": [{"reach": 2, "off": off}]},
        {"kind": "nth_item", "off": 5000},
        {"kind": "buy_get", "buy": 3},
    )[dice.randrange(5)]

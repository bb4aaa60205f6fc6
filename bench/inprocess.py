"""What needs no server: hooks, and a quote with plugins that adjust it. Processor time counts."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import repeat
from typing import Literal

from bench.figures import Row, at_least, at_most, figure
from bench.stage import Stage
from jishi import hookspecs
from jishi.config import Source, read_config
from jishi.hookspecs.pricing import adjust_price, load_pricing
from jishi.plugins import Declaration, Hooks, Plugin, Where, hookimpl, hooks_for
from jishi.pricing import Basket, Item, Lane, Nets, Offer, quote
from jishi.shop import Shop
from jishi.web import make_shop
from jishi_content_review.scanner import Scanner
from jishi_content_review.structs import Group, Say, WordList
from jishi_content_review.word_lists import own_words

PART = "inprocess"
_LANES: tuple[Lane, ...] = ("activity", "member", "promotion", "coupon", "points")
_LINES = 20
_WAYS: tuple[tuple[Literal["best", "stack"], str], ...] = (
    ("stack", "all apply"),
    ("best", "the best of each lane applies"),
)
_WHERE = Where(channel="web")


def measure(stage: Stage) -> Iterator[Row]:
    """Quotes, then hooks, then the scanner of texts."""
    stage.say("quotes, hooks and texts in this process")
    yield from _quotes(stage)
    yield from _hooks(stage)
    yield _texts(stage)


class _Adjusting(Plugin):
    """Gives one percent off every line, in one lane."""

    lane: Lane

    @hookimpl
    def adjust_price(self, basket: Basket, lane: Lane, nets: Nets) -> list[Offer] | None:
        """Its offer."""
        if lane != self.lane:
            return None
        amounts = tuple(-(net // 100) for net in nets.lines)
        return [Offer(rule="percent", reason="九九折", amounts=amounts)]


class _Pure(Plugin):
    """Answers at once, always the same."""

    answer = (Offer(rule="none", reason="无"),)

    @hookimpl
    def adjust_price(self, basket: Basket, lane: Lane, nets: Nets) -> tuple[Offer, ...]:
        """Its offer."""
        return self.answer


def _made(kind: type[Plugin], number: int) -> type[Plugin]:
    name = f"bench_{number:02d}"
    declaration = Declaration(name=name, version="1.0.0")
    lane = _LANES[number % len(_LANES)]
    return type(name, (kind,), {"declaration": declaration, "lane": lane})


def basket_of(lines: int) -> Basket:
    """A basket of so many different things."""
    items = tuple(
        Item(
            key=f"SKU-{number:03d}",
            sku=f"SKU-{number:03d}",
            product=f"product-{number}",
            title=f"商品 {number}",
            quantity=1 + number % 3,
            unit_price=990 + 101 * number,
            weight_g=500,
            category=("home", "tea"),
            brand="坞上青",
            tax_rate=1300,
        )
        for number in range(lines)
    )
    return Basket(items=items, at=datetime(2026, 3, 1, tzinfo=UTC), delivery_fee=800)


def _shop(stage: Stage, together: Literal["best", "stack"]) -> Shop:
    """A shop with ten plugins that adjust prices, beside those every shop has."""
    tables = {
        "shop": {"name": "量一量", "secret": {"env": "SECRET"}},
        "database": {"url": "sqlite:///never-opened.db"},
        "channels": {"web": {"name": "网店"}},
        "pricing": {"lanes": dict.fromkeys(_LANES, together)},
    }
    config = read_config(Source(stage.folder, tables=tables, environ={"SECRET": "s" * 48}))
    ten = {f"bench_{number:02d}": _made(_Adjusting, number) for number in range(10)}
    return make_shop(config, also=ten)


def _quotes(stage: Stage) -> Iterator[Row]:
    basket = basket_of(_LINES)
    for together, said in _WAYS:
        shop = _shop(stage, together)
        spent = _each_awaited(stage, partial(quote, shop, basket))
        found = asyncio.run(quote(shop, basket))
        yield Row(
            part=PART,
            what=f"quote of {_LINES} lines, 10 adjusting plugins, {said}",
            figure=figure([1e6 / each for each in spent], "/s"),
            bar=at_least(2_000),
            note=f"{min(spent):.0f} µs, {len(found.adjustments)} adjustments; "
            "tax and rounding of the core included",
        )


def _hooks(stage: Stage) -> Iterator[Row]:
    basket = basket_of(_LINES)
    nets = Nets(lines=tuple(range(_LINES)))
    for number, bar in ((0, 2), (20, 40)):
        hooks = hooks_for(hookspecs.FAMILIES, *(_made(_Pure, each)() for each in range(number)))

        def ask(hooks: Hooks = hooks) -> object:
            return hooks.ask(adjust_price, _WHERE, basket=basket, lane="coupon", nets=nets)

        yield _hook(f"pure hook, {number} implementations", _each(stage, ask), bar)
    empty = hooks_for(hookspecs.FAMILIES)
    spent = _each_awaited(stage, lambda: empty.consult(load_pricing, _WHERE, basket=basket))
    yield _hook("awaited hook, 0 implementations", spent, 2)


def _hook(what: str, spent: list[float], bar: float) -> Row:
    return Row(part=PART, what=what, figure=figure(spent, "µs"), bar=at_most(bar))


def _each(stage: Stage, call: Callable[[], object]) -> list[float]:
    """Processor time of one call in µs, for each run."""

    def turns(count: int) -> float:
        begun = time.process_time()
        for _ in repeat(None, count):
            call()
        return time.process_time() - begun

    count = _enough(turns)
    return [turns(count) / count * 1e6 for _ in range(_runs(stage))]


def _each_awaited(stage: Stage, call: Callable[[], Awaitable[object]]) -> list[float]:
    """The same for something that is awaited."""

    async def turns(count: int) -> float:
        begun = time.process_time()
        for _ in repeat(None, count):
            await call()
        return time.process_time() - begun

    def run(count: int) -> float:
        return asyncio.run(turns(count))

    count = _enough(run)
    return [run(count) / count * 1e6 for _ in range(_runs(stage))]


def _enough(turns: Callable[[int], float]) -> int:
    """How many turns take about a fifth of a second; tried twice, so that all is warm."""
    turns(100)
    return max(100, int(0.2 / max(turns(1_000) / 1_000, 1e-8)))


def _runs(stage: Stage) -> int:
    return max(5, stage.pace.runs)


def _texts(stage: Stage) -> Row:
    """A lexicon of 5,000 words over 10,000 products, each with one of the words in it."""
    dice = random.Random(2026)  # noqa: S311 - the same texts in every run
    signs = [chr(0x4E00 + dice.randrange(3000)) for _ in range(3000)]
    words = sorted({"".join(dice.choices(signs, k=dice.randint(2, 5))) for _ in range(5_000)})
    said = Group(rule="bench", law="", say=Say(zh="", en=""), words=tuple(words))
    scanner = Scanner([own_words(), WordList(group=(said,))])
    texts = ["".join(dice.choices(signs, k=400)) + dice.choice(words) for _ in range(10_000)]
    spent, hits = [], 0
    for _ in range(stage.pace.runs):
        begun = time.process_time()
        hits = sum(len(scanner.scan(text)) for text in texts)
        spent.append(time.process_time() - begun)
    return Row(
        part=PART,
        what=f"{scanner.size:,} words in 10,000 product texts of 400 characters",
        figure=figure(spent, "s"),
        bar=at_most(5),
        note=f"{hits:,} words found; jishi-content-review",
    )

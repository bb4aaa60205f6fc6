"""Reads: the product list and a product, beside a bare handler that returns the same bytes."""

from collections.abc import Iterator
from contextlib import ExitStack

import msgspec

from bench.figures import Bar, Row, at_most, figure, ratio_at_least
from bench.load import Load, Shot, fire, in_turn, rate_of, told
from bench.processes import Server
from bench.stage import Stage, look

PART = "reads"
LIST = "/store/products?limit=20"
_AGAINST = "bare handler, same bytes"
_CONNECTIONS = (1, 8, 64, 256)
_GROWTH = (1_000, 10_000, 100_000)
_PLUGINS = (0, 5, 20)


class _Pair(msgspec.Struct, frozen=True):
    """The shop, the bare handler, and one product."""

    shop: Server
    bare: Server
    product: str

    def way(self, kind: str) -> tuple[str, str]:
        """The path in the shop and at the bare handler."""
        return (LIST, "/list") if kind == "list" else (self.product, "/detail")


def measure(stage: Stage) -> Iterator[Row]:
    """Lists and products at several connections, catalogue _GROWTH and numbers of plugins."""
    yield from _connections(stage)
    if not stage.pace.is_quick:
        yield from _growth(stage)
        yield from _plugins(stage)


def _connections(stage: Stage) -> Iterator[Row]:
    counts = (64,) if stage.pace.is_quick else _CONNECTIONS
    with ExitStack() as ends:
        pair = _pair(stage, ends, 1_000, 0)
        for kind, name in (("list", "product list of 20"), ("detail", "product detail")):
            for count in counts:
                stage.say(f"{name}, {count} connections")
                mine, best = _turns(stage, pair, kind, count)
                what = f"{name}, {count} connection{'s' if count > 1 else ''}"
                yield _row(what, mine, best, ratio_at_least(0.7))
                if count == 64:
                    yield Row(
                        part=PART,
                        what=f"{name}, 64 connections, p99",
                        figure=figure([load.p99 for load in mine], "ms"),
                        limit=figure([load.p99 for load in best], "ms"),
                        against=_AGAINST,
                        bar=at_most(25),
                    )


def _growth(stage: Stage) -> Iterator[Row]:
    """The same at more SKUs: one page again and again, and any product of all."""
    with ExitStack() as ends:
        builds = [stage.reading_build(skus) for skus in _GROWTH]
        servers = [ends.enter_context(build.served(stage.pace.workers)) for build in builds]
        handles = _handles(servers[0])
        shots = [
            _growth_shots(stage, server, skus, handles)
            for server, skus in zip(servers, _GROWTH, strict=True)
        ]
        for name in shots[0]:
            stage.say(f"{name} at {', '.join(f'{skus:,}' for skus in _GROWTH)} SKUs")
            for shot in shots:
                fire(msgspec.structs.replace(shot[name], seconds=1))
            ways = [lambda s=shot[name]: fire(s) for shot in shots]
            smallest, *larger = in_turn(stage.pace.runs, *ways)
            yield _row(f"{name}, {_GROWTH[0]:,} SKUs, 64 connections", smallest)
            for skus, loads in zip(_GROWTH[1:], larger, strict=True):
                bar = None if name == _ANY else ratio_at_least(0.8)
                what = f"{name}, {skus:,} SKUs, 64 connections"
                yield _row(what, loads, smallest, bar, f"at {_GROWTH[0]:,} SKUs")


_ANY = "any product of all, each once"


def _growth_shots(stage: Stage, server: Server, skus: int, handles: list[str]) -> dict[str, Shot]:
    """The same product everywhere, whatever the first page shows there."""
    file = stage.folder / f"handles-{skus}"
    file.write_text("\n".join(f"/store/products/{one}" for one in _all_handles(handles, skus)))
    seconds = stage.pace.reading
    return {
        "product list of 20": Shot(server, 64, seconds, LIST),
        "product detail": Shot(server, 64, seconds, f"/store/products/{handles[0]}"),
        _ANY: Shot(server, 64, seconds, "", ("get.lua", str(file))),
    }


def _all_handles(handles: list[str], skus: int) -> list[str]:
    """Products of the whole catalogue; copies are called after the first ones."""
    copies = skus // 1_000
    return handles + [f"{one}-copy{n}" for n in range(1, copies) for one in handles]


def _plugins(stage: Stage) -> Iterator[Row]:
    with ExitStack() as ends:
        pairs = [_pair(stage, ends, 1_000, number) for number in _PLUGINS]
        for kind, name in (("list", "product list of 20"), ("detail", "product detail")):
            stage.say(f"{name} with {', '.join(map(str, _PLUGINS))} plugins")
            shots = [Shot(p.shop, 64, stage.pace.reading, p.way(kind)[0]) for p in pairs]
            best = Shot(pairs[0].bare, 64, stage.pace.reading, pairs[0].way(kind)[1])
            *turns, bare = in_turn(stage.pace.runs, *(lambda s=s: fire(s) for s in (*shots, best)))
            for number, loads in zip(_PLUGINS, turns, strict=True):
                what = f"{name}, {number} plugins of strangers, 64 connections"
                yield _row(what, loads, bare, ratio_at_least(0.7))


def _pair(stage: Stage, ends: ExitStack, skus: int, plugins: int) -> _Pair:
    build = stage.reading_build(skus, plugins)
    shop = ends.enter_context(build.served(stage.pace.workers))
    product = f"/store/products/{_handles(shop)[0]}"
    bodies = {"list": look(shop, LIST), "detail": look(shop, product)}
    pair = _Pair(shop, ends.enter_context(stage.bare(**bodies)), product)
    for kind in ("list", "detail"):
        mine, best = pair.way(kind)
        fire(Shot(shop, 64, stage.pace.warm_up, mine))
        fire(Shot(pair.bare, 64, stage.pace.warm_up, best))
    return pair


def _handles(server: Server) -> list[str]:
    """All products of a small catalogue."""
    found: list[str] = []
    path = "/store/products?limit=100"
    while path:
        page = msgspec.json.decode(look(server, path))
        found += [item["handle"] for item in page["items"]]
        path = f"/store/products?limit=100&cursor={page['next']}" if page["next"] else ""
    return found


def _turns(stage: Stage, pair: _Pair, kind: str, count: int) -> tuple[list[Load], list[Load]]:
    mine, best = pair.way(kind)
    seconds = stage.pace.reading
    turns = in_turn(
        stage.pace.runs,
        lambda: fire(Shot(pair.bare, count, seconds, best)),
        lambda: fire(Shot(pair.shop, count, seconds, mine)),
    )
    return turns[1], turns[0]


def _row(
    what: str,
    mine: list[Load],
    best: list[Load] | None = None,
    bar: Bar | None = None,
    against: str = _AGAINST,
) -> Row:
    return Row(
        part=PART,
        what=what,
        figure=rate_of(mine),
        limit=rate_of(best) if best else None,
        against=against if best else "",
        bar=bar,
        note=told(mine, best if best and against == _AGAINST else ()),
    )

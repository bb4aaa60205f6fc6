"""Placing over HTTP, one durable request per order, beside pgbench doing the least."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from bench.agreed import GATEWAY
from bench.figures import Row, figure, ratio_at_least
from bench.load import Load, fire, rate_of, told
from bench.plugins import install
from bench.processes import Server
from bench.shoppers import Shoppers
from bench.stage import Stage, look

PART = "placing"
_SQL = Path(__file__).with_name("sql")
_CONNECTIONS = (8, 32, 64)


def measure(stage: Stage) -> Iterator[Row]:
    """Random SKUs, then one SKU that everybody wants, then SQLite beside PostgreSQL."""
    yield from _postgres(stage)
    if not stage.pace.is_quick:
        yield from _sqlite(stage)


def _postgres(stage: Stage) -> Iterator[Row]:
    least = stage.postgres.database()
    stage.postgres.run((_SQL / "order.sql").read_text(), least)
    build = stage.build(plugins=_till(stage))
    counts = (32,) if stage.pace.is_quick else _CONNECTIONS
    with build.served(stage.pace.workers) as server:
        shoppers = Shoppers(build, skus_of(server))
        fire(shoppers.orders(server, 32, stage.pace.warm_up))
        for crowd in ("random", "hot"):
            for count in counts:
                stage.say(f"placing, {count} connections, {crowd} SKUs")
                yield _crowd(stage, server, shoppers, least, (crowd, count))
    stage.postgres.drop(build.url)


def _crowd(
    stage: Stage, server: Server, shoppers: Shoppers, least: str, how: tuple[str, int]
) -> Row:
    crowd, count = how
    seconds = stage.pace.seconds
    first = shoppers.any_sku if crowd == "hot" else None
    best, mine = [], []
    for _ in range(stage.pace.runs):
        shot = shoppers.orders(server, count, seconds, first)
        stage.postgres.calm()
        server.settle()
        script = _SQL / f"{crowd}.pgbench"
        with server.frozen():
            best.append(stage.postgres.pgbench(least, script, count, seconds))
        mine.append(fire(shot))
    name = "one hot SKU" if crowd == "hot" else "random SKUs"
    return Row(
        part=PART,
        what=f"orders placed, {name}, {count} connections",
        figure=rate_of(mine),
        limit=figure(best, "/s"),
        against="pgbench, minimal order as a stored function",
        bar=ratio_at_least(2.0 if crowd == "hot" else 0.6),
        note=told(mine),
    )


def _sqlite(stage: Stage) -> Iterator[Row]:
    """SQLite in turn with PostgreSQL, both in a shop of the same goods."""
    stage.say("placing on SQLite and PostgreSQL")
    till = _till(stage)
    builds = [stage.sqlite_build(plugins=till), stage.build(plugins=till)]
    with builds[0].served() as small, builds[1].served() as large:
        pairs = [
            (server, Shoppers(build, skus_of(server)))
            for build, server in zip(builds, (small, large), strict=True)
        ]
        for server, shoppers in pairs:
            fire(shoppers.orders(server, 32, stage.pace.warm_up))
        turns: list[list[Load]] = [[], []]
        for _ in range(stage.pace.runs):
            for (server, shoppers), loads in zip(pairs, turns, strict=True):
                shot = shoppers.orders(server, 32, stage.pace.seconds)
                small.settle()
                large.settle()
                loads.append(fire(shot))
    stage.postgres.drop(builds[1].url)
    yield Row(
        part=PART,
        what="orders placed on SQLite (synchronous=FULL), 32 connections",
        figure=rate_of(turns[0]),
        limit=rate_of(turns[1]),
        against="the same shop on PostgreSQL",
        bar=ratio_at_least(0.7),
        note=told(turns[0]),
    )


def _till(stage: Stage) -> tuple[Path, list[str]]:
    """A gateway in the shop's own process, for the payment that begins with the order."""
    site = stage.folder / "site-placing"
    if not site.exists():
        install(site, GATEWAY, "bench.till:TillPlugin", {})
    return site, [GATEWAY]


def skus_of(server: Server) -> list[str]:
    """SKUs on sale: the first of each of some hundred products."""
    found: list[str] = []
    path = "/store/products?limit=100"
    while path and len(found) < 400:
        page = msgspec.json.decode(look(server, path))
        handles = [item["handle"] for item in page["items"]]
        found += [_first_sku(server, handle) for handle in handles]
        path = f"/store/products?limit=100&cursor={page['next']}" if page["next"] else ""
    return found


def _first_sku(server: Server, handle: str) -> str:
    product = msgspec.json.decode(look(server, f"/store/products/{handle}"))
    return str(product["skus"][0]["sku"])

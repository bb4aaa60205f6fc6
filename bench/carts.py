"""Cart lines: each request puts the first line into a cart that was opened before."""

import asyncio
import random
from collections.abc import Iterator

import msgspec

from bench.builds import Build
from bench.figures import Row, at_least
from bench.load import fire, rate_of, told
from bench.placing import skus_of
from bench.shoppers import Shoppers
from bench.stage import Stage
from jishi.checkout.structs import CartRow
from jishi.checkout.tables import CartTable
from jishi.clock import SystemClock
from jishi.db import Database
from jishi.identifiers import new_id

PART = "carts"
_CONNECTIONS = (8, 64)


def measure(stage: Stage) -> Iterator[Row]:
    """Lines added per second at several connections."""
    build = stage.build()
    counts = (64,) if stage.pace.is_quick else _CONNECTIONS
    with build.served(stage.pace.workers) as server:
        skus = skus_of(server)
        shoppers = Shoppers(build, skus)
        for count in counts:
            stage.say(f"cart lines, {count} connections")
            loads = []
            for seconds in [stage.pace.warm_up, *[stage.pace.seconds] * stage.pace.runs]:
                carts = Carts(skus)
                shot = shoppers.prepared(server, count, seconds, carts.line)
                asyncio.run(carts.open(build))
                stage.postgres.calm()
                server.settle()
                loads.append(fire(shot))
            mine = loads[1:]
            yield Row(
                part=PART,
                what=f"first line added to a cart, {count} connections",
                figure=rate_of(mine),
                bar=at_least(1_500),
                note=told(mine),
            )
    stage.postgres.drop(build.url)


class Carts:
    """Carts that stand open before anybody measures.

    Args:
        skus: What goes into them.
    """

    def __init__(self, skus: list[str]) -> None:
        self._skus = skus
        self._chance = random.Random(4711)  # noqa: S311 a measurement, no secret
        self._owners: list[tuple[str, str]] = []

    def line(self, guest: str) -> tuple[str, object]:
        """The request of a guest who has a cart: one piece of something."""
        cart = new_id()
        self._owners.append((cart, guest))
        body = {"sku": self._chance.choice(self._skus), "quantity": 1}
        return f"/store/carts/{cart}/lines", body

    async def open(self, build: Build) -> None:
        """Write the carts as opening them over HTTP would have done."""
        database = Database.open(build.url)
        await database.start()
        now = SystemClock().now()
        empty = CartRow(
            id="",
            owner="",
            channel="web",
            store=None,
            status="open",
            version=0,
            address=None,
            delivery="",
            codes="[]",
            contact="",
            note="",
            order_id=None,
            created_at=now,
            updated_at=now,
        )
        rows = [
            msgspec.structs.astuple(msgspec.structs.replace(empty, id=cart, owner=owner))
            for cart, owner in self._owners
        ]
        async with database.transaction() as tx:
            await tx.insert(CartTable, CartRow.__struct_fields__, rows)
        await database.stop()

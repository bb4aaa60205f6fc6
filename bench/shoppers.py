"""Prepared requests of shoppers: made before the clock runs, each from a guest of his own."""

import itertools
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from bench.agreed import ADDRESS, GATEWAY, METHOD
from bench.builds import Build
from bench.load import Shot, threads_for
from bench.processes import Server
from jishi.config import load_config
from jishi.membership import new_guest
from jishi.shop import Shop
from jishi.web import make_shop

_FASTEST = 9_000
"""Requests per second that are prepared for."""

Line = Callable[[str], tuple[str, object]]
"""From a guest's id: the path and the body of his request."""


class Shoppers:
    """Makes requests for one shop.

    Args:
        build: The shop's build.
        skus: What can be bought.
    """

    def __init__(self, build: Build, skus: Sequence[str]) -> None:
        self._folder = build.folder
        self._skus = sorted(skus)
        self._half = len(self._skus) // 2
        self._chance = random.Random(4711)  # noqa: S311 a measurement, no secret
        self._files = itertools.count(1)
        self._shop = _signing(build)

    def orders(
        self, server: Server, connections: int, seconds: float, first: str | None = None
    ) -> Shot:
        """Two lines bought at once by each guest, and their payment begun.

        Args:
            server: Where.
            connections: How many at once.
            seconds: For how long.
            first: The SKU that everybody wants; None for any.
        """

        def order(guest: str) -> tuple[str, object]:
            one = first or self._chance.choice(self._skus[: self._half])
            other = self._chance.choice(self._skus[self._half :])
            lines = [{"sku": one, "quantity": 1}, {"sku": other, "quantity": 2}]
            payment = {"gateway": GATEWAY, "method": METHOD}
            return "/store/orders", {"lines": lines, "address": ADDRESS, "payment": payment}

        return self.prepared(server, connections, seconds, order)

    def prepared(self, server: Server, connections: int, seconds: float, line: Line) -> Shot:
        """A shot of requests, each from a new guest."""
        threads = threads_for(connections)
        stem = self._folder / f"prepared-{next(self._files)}"
        each = int(_FASTEST * max(1, round(seconds)) / threads)
        for thread in range(threads):
            with Path(f"{stem}.{thread}").open("wb") as out:
                for _ in range(each):
                    guest = new_guest(self._shop)
                    path, body = line(guest.id)
                    out.write(f"{path}\t{guest.token}\t".encode() + msgspec.json.encode(body))
                    out.write(b"\n")
        return Shot(server, connections, seconds, "", ("post.lua", str(stem)))

    @property
    def any_sku(self) -> str:
        """One SKU, always the same."""
        return self._skus[0]


def _signing(build: Build) -> Shop:
    """The shop without its plugins, only to sign guests' tokens; its database is never opened."""
    config = load_config(build.folder / "jishi.toml")
    return make_shop(msgspec.structs.replace(config, plugins=type(config.plugins)()))

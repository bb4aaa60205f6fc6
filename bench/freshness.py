"""Freshness: how long until every process shows a change that one of them made."""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx

from bench.agreed import ADDRESS
from bench.builds import OWNER
from bench.figures import BenchFailed, Row, figure, never_above
from bench.processes import Server
from bench.stage import Stage

PART = "freshness"
_PROCESSES = 3
_EVERY = 0.005
"""Seconds between two looks; also how exact the figure is."""

_PATIENCE = 10.0


def measure(stage: Stage) -> Iterator[Row]:
    """A price, a count of the shelf and a sale, each seen in all of three servers."""
    build = stage.build()
    changes = 5 if stage.pace.is_quick else 20
    with ExitStack() as ends:
        servers = [ends.enter_context(build.served()) for _ in range(_PROCESSES)]
        watch = ends.enter_context(Watch(servers))
        stage.say(f"freshness in {_PROCESSES} processes")
        kinds = (
            ("price set", watch.set_price),
            ("stock counted", watch.count_stock),
            ("goods sold", watch.sell),
        )
        for name, change in kinds:
            waits = [watch.seen(change) for _ in range(changes)]
            yield Row(
                part=PART,
                what=f"{name} in one process, seen in all {_PROCESSES}: the slowest",
                figure=figure([max(each) for each in waits], "ms"),
                bar=never_above(1_000),
                note=f"worst of {changes}: {max(map(max, waits)):.0f} ms; the process that made "
                f"it: {max(each[0] for each in waits):.0f} ms",
            )
    stage.postgres.drop(build.url)


Change = Callable[[int], tuple[str, int]]
"""Makes the so-manyth change; gives the field of a SKU and the value it must have by now."""


class Watch:
    """Changes one product in the first process and looks at it in all.

    Args:
        servers: The processes.
    """

    def __init__(self, servers: list[Server]) -> None:
        self._servers = servers
        self._numbers = itertools.count(1)
        self._clients = [
            httpx.Client(base_url=each.address, timeout=20, trust_env=False) for each in servers
        ]
        page = self._get(0, "/store/products?limit=1")
        self._path = f"/store/products/{page['items'][0]['handle']}"
        self._sku = self._get(0, self._path)["skus"][0]["sku"]

    def __enter__(self) -> "Watch":
        """Log the owner in."""
        body = {"email": OWNER[0], "password": OWNER[1]}
        login = self._send("POST", "/admin/login", body)
        self._clients[0].headers["authorization"] = f"Bearer {login['token']}"
        return self

    def __exit__(self, *error: object) -> None:
        """Leave."""
        for client in self._clients:
            client.close()

    def seen(self, change: Change) -> list[float]:
        """Make a change; gives for each process the ms from the answer until it is seen there.

        Each process has shown the old state just before, so none has it fresh by luck.
        """
        for number in range(len(self._clients)):
            self._state(number)
        number = next(self._numbers)
        time.sleep(number % 10 / 17)  # another moment between two looks of the shop each time
        field, wanted = change(number)
        begun = time.monotonic()
        waiting, waits = set(range(len(self._clients))), [0.0] * len(self._clients)
        while waiting:
            for each in sorted(waiting):
                if self._state(each)[field] == wanted:
                    waiting.discard(each)
                    waits[each] = (time.monotonic() - begun) * 1000
            if time.monotonic() - begun > _PATIENCE:
                raise BenchFailed(f"{field} = {wanted} was not seen within {_PATIENCE:.0f} s")
            time.sleep(_EVERY)
        return waits

    def set_price(self, number: int) -> tuple[str, int]:
        """The owner sets another price."""
        amount = 5_000 + number
        items = [{"sku": self._sku, "amount": amount}]
        self._send("PUT", "/admin/prices", {"items": items})
        return "price", amount

    def count_stock(self, number: int) -> tuple[str, int]:
        """The owner counts the shelf."""
        pieces = 50 + number
        order = {"sku": self._sku, "kind": "count", "quantity": pieces, "reason": "counted"}
        self._send("POST", "/admin/stock", order)
        return "available", pieces

    def sell(self, number: int) -> tuple[str, int]:
        """A guest buys one piece."""
        before = self._state(0)["available"]
        with httpx.Client(base_url=self._servers[0].address, trust_env=False) as guest:
            token = guest.post("/store/sessions").json()["token"]
            body = {"lines": [{"sku": self._sku, "quantity": 1}], "address": ADDRESS}
            headers = {"authorization": f"Bearer {token}", "idempotency-key": f"k{number}"}
            answer = guest.post("/store/orders", json=body, headers=headers)
        if answer.status_code != 201:
            raise BenchFailed(f"POST /store/orders answered {answer.status_code} {answer.text}")
        return "available", before - 1

    def _state(self, number: int) -> dict[str, int]:
        skus = self._get(number, self._path)["skus"]
        found: dict[str, int] = next(each for each in skus if each["sku"] == self._sku)
        return found

    def _get(self, number: int, path: str) -> dict[str, list[dict[str, int]]]:
        answer = self._clients[number].get(path)
        if not answer.is_success:
            raise BenchFailed(f"GET {path} answered {answer.status_code} {answer.text[:300]}")
        found: dict[str, list[dict[str, int]]] = answer.json()
        return found

    def _send(self, method: str, path: str, body: object) -> dict[str, str]:
        headers = {"idempotency-key": f"bench-{next(self._numbers)}"}
        answer = self._clients[0].request(method, path, json=body, headers=headers)
        if not answer.is_success:
            raise BenchFailed(f"{method} {path} answered {answer.status_code} {answer.text[:300]}")
        found: dict[str, str] = answer.json() if answer.content else {}
        return found

"""What Prometheus may know: requests by route, and the state of the house when it asks."""

import os
from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from jishi import checkout
from jishi.events import backlog
from jishi.shop import Shop
from jishi.web.gate import Gate

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_NAMES = (*(str(limit) for limit in _BUCKETS), "+Inf")
_STATES = {
    "events_waiting": "Facts not yet handed to their listeners.",
    "jobs_waiting": "Jobs that wait or run.",
    "jobs_due": "Jobs whose time has come.",
    "jobs_dead": "Jobs that were given up.",
    "counter_waiting": "Orders that wait to be placed by this process.",
    "counter_batches": "Transactions of this process's counter so far.",
    "requests_inside": "Requests that this process is serving.",
    "requests_turned_away": "Requests that it turned away because too many were inside.",
    "counter_orders": "Orders decided in them; by batches it is the batch's size.",
}


class _Served(Collector):
    """Requests by route. Counted on the event loop alone, so without a lock for each number."""

    def __init__(self) -> None:
        self.requests: dict[tuple[str, str, int], int] = {}
        self.seconds: dict[tuple[str, str], tuple[list[int], list[float]]] = {}

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        key = (method, route, status)
        self.requests[key] = self.requests.get(key, 0) + 1
        times = self.seconds.get((method, route))
        if times is None:
            times = self.seconds[method, route] = ([0] * len(_NAMES), [0.0])
        times[0][bisect_left(_BUCKETS, seconds)] += 1
        times[1][0] += seconds

    def collect(self) -> Iterator[Metric]:
        requests = CounterMetricFamily(
            "jishi_requests", "Requests answered.", labels=("method", "route", "status")
        )
        for (method, route, status), count in self.requests.items():
            requests.add_metric((method, route, str(status)), count)
        yield requests
        took = HistogramMetricFamily(
            "jishi_request_seconds", "How long an answer took.", labels=("method", "route")
        )
        for labels, (counts, (total,)) in self.seconds.items():
            below = zip(_NAMES, accumulate(counts), strict=True)
            took.add_metric(labels, [(name, float(count)) for name, count in below], total)
        yield took


class Metrics:
    """The numbers of one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._served = _Served()
        self._registry.register(self._served)
        self._orders = Counter(
            "jishi_orders_placed", "Orders placed by this process.", registry=self._registry
        )
        self._states = {
            name: Gauge(f"jishi_{name}", help_, registry=self._registry)
            for name, help_ in _STATES.items()
        }
        info = Gauge(
            "jishi_process_info",
            "Which process of a fleet this is.",
            ("process", "port"),
            registry=self._registry,
        )
        info.labels(str(os.getpid()), os.environ.get("JISHI_SERVER_PORT", "")).set(1)
        self._gate: Gate | None = None

    def watch(self, gate: Gate) -> None:
        """Show, too, how many requests are inside a gate, and how many it turned away."""
        self._gate = gate

    def served(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request.

        Args:
            method: Its method.
            route: The route's template, never the address itself.
            status: The answer's status; 0 when there was none.
            seconds: How long it took.
        """
        self._served.count(method, route, status, seconds)
        if status == 201 and method == "POST" and route == "/store/orders":
            self._orders.inc()

    async def shown(self, shop: Shop, counter: checkout.Counter) -> bytes:
        """Everything, in Prometheus' text format."""
        behind = await backlog(shop)
        values = {
            "events_waiting": behind.events,
            "jobs_waiting": behind.jobs,
            "jobs_due": behind.due,
            "jobs_dead": behind.dead,
            "counter_waiting": counter.waiting,
            "counter_batches": counter.batches,
            "counter_orders": counter.served,
            "requests_inside": self._gate.inside if self._gate else 0,
            "requests_turned_away": self._gate.turned_away if self._gate else 0,
        }
        for name, value in values.items():
            self._states[name].set(value)
        return generate_latest(self._registry)

"""One process of customers: each walks from an empty cart to a paid order, again and again.

Started by the bench with a plan on standard input; answers with a `Walked` on standard output.
"""

import asyncio
import itertools
import random
import sys
import time
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urlsplit

import msgspec
import uvloop

from bench.agreed import ADDRESS, GATEWAY, METHOD, SIGNATURE, notice_of, sign
from bench.wire import Wire, WireBroken

STEPS = ("cart", "line 1", "line 2", "address", "delivery", "place", "pay", "notice")
"""The requests of one flow."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a process of customers shall do.

    Attributes:
        shop: The shop's address.
        flows: How many walk at once.
        warm_up: Seconds before what happens counts.
        seconds: Seconds that count.
        skus: What can be bought.
        way: ``till`` pays by a notice of its own; ``wechat`` at the simulator, which tells the
            shop; ``nothing`` asks a bare handler as often as the first, to weigh this driver.
        simulator: The simulator's address.
        seed: Of the choice of goods.
    """

    shop: str
    flows: int
    warm_up: float
    seconds: float
    skus: tuple[str, ...]
    way: Literal["till", "wechat", "nothing"]
    simulator: str = ""
    seed: int = 1


class Walked(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it.

    Attributes:
        walks: For each flow that ended while it counted: ms of the whole, then of each step.
        asked: Requests to the shop, the warm-up's too.
        errors: What went wrong, in words; empty when nothing did.
    """

    walks: tuple[tuple[float, ...], ...]
    asked: int
    errors: tuple[str, ...]


class _Cart(msgspec.Struct):
    id: str
    version: int


class _Opened(msgspec.Struct):
    cart: _Cart
    token: str


class _Order(msgspec.Struct):
    id: str
    status: str


class _Started(msgspec.Struct):
    parameters: dict[str, str]


class _Wrong(Exception):
    """A step was not answered as it should be."""


_opened = msgspec.json.Decoder(_Opened).decode
_order = msgspec.json.Decoder(_Order).decode
_started = msgspec.json.Decoder(_Started).decode
_WHERE = msgspec.json.encode({"address": ADDRESS})
_HOW = msgspec.json.encode({"delivery": "courier"})
_FORM = "Content-Type: application/x-www-form-urlencoded\r\n"


class Customer:
    """One flow after the other on one connection.

    Args:
        plan: What to do.
        shop: The connection to the shop.
        simulator: The connection to the simulator.
        chance: Chooses goods.
    """

    def __init__(
        self, plan: Plan, shop: Wire, simulator: Wire | None, chance: random.Random
    ) -> None:
        self._plan = plan
        self._shop = shop
        self._simulator = simulator
        self._chance = chance
        self._times: list[float] = []
        self._token = ""
        self.asked = 0

    async def walk(self) -> list[float]:
        """One flow; gives the moments between its steps, by the monotonic clock.

        Raises:
            _Wrong: The shop refused something.
            WireBroken: It hung up.
        """
        self._times = [time.monotonic()]
        if self._plan.way == "nothing":
            for _ in STEPS:
                await self._step("POST", "/answer", _WHERE)
            return self._times
        order = await self._buy()
        body = {"gateway": GATEWAY, "method": METHOD}
        if self._plan.way == "wechat":
            body = {"gateway": "wechat_pay", "method": "native"}
        path = f"/store/orders/{order}/payments"
        started = _started(await self._step("POST", path, msgspec.json.encode(body)))
        if self._plan.way == "wechat":
            await self._pay_at_simulator(order, started.parameters)
        else:
            await self._tell(started.parameters)
        return self._times

    async def _buy(self) -> str:
        """From an empty cart to an order; gives its id."""
        self._token = ""
        opened = _opened(await self._step("POST", "/store/carts"))
        self._token = f"Authorization: Bearer {opened.token}\r\n"
        cart = f"/store/carts/{opened.cart.id}"
        for number, sku in enumerate(self._chance.sample(self._plan.skus, 2)):
            line = {"sku": sku, "quantity": number + 1}
            await self._step("POST", f"{cart}/lines", msgspec.json.encode(line))
        await self._step("PATCH", cart, _WHERE)
        await self._step("PATCH", cart, _HOW)
        wish = msgspec.json.encode({"cart": opened.cart.id})
        key = "Idempotency-Key: bench-0001\r\n"
        return _order(await self._step("POST", "/store/orders", wish, key)).id

    async def _tell(self, parameters: dict[str, str]) -> None:
        """The gateway's notice, sent by ourselves."""
        body = notice_of(parameters, datetime.now(UTC))  # noqa: TID251 no shop, no clock
        self._token = ""
        headers = f"{SIGNATURE}: {sign(body)}\r\n"
        await self._step("POST", f"/notify/{GATEWAY}", body, headers)

    async def _pay_at_simulator(self, order: str, parameters: dict[str, str]) -> None:
        """Confirm as a person does, then look until the shop has heard of it."""
        if self._simulator is None:
            raise _Wrong("there is no simulator")
        code = parameters["code_url"].rpartition("pr=")[2]
        status, body = await self._simulator.ask(
            "POST", f"/pay/{code}", b"decision=confirm", _FORM
        )
        if status >= 400:
            raise _Wrong(f"POST /pay/{code} answered {status} {body[:200]!r}")
        wait, end = 0.01, time.monotonic() + 30
        while time.monotonic() < end:
            status, body = await self._shop.ask("GET", f"/store/orders/{order}", b"", self._token)
            if status == 200 and _order(body).status == "paid":
                self._times.append(time.monotonic())
                return
            await asyncio.sleep(wait)
            wait = min(wait * 1.5, 0.2)
        raise _Wrong(f"order {order} was not paid after 30 s: {body[:200]!r}")

    async def _step(self, method: str, path: str, body: bytes = b"", headers: str = "") -> bytes:
        status, answer = await self._shop.ask(method, path, body, self._token + headers)
        if not 200 <= status < 300:
            raise _Wrong(f"{method} {path} answered {status} {answer[:300]!r}")
        self._times.append(time.monotonic())
        self.asked += 1
        return answer


async def drive(plan: Plan) -> Walked:
    """All flows of this process, until the time is up."""
    begun = time.monotonic() + plan.warm_up
    walks: list[tuple[float, ...]] = []
    errors: list[str] = []
    asked = 0

    async def one(number: int) -> None:
        nonlocal asked
        shop = await _connected(plan.shop)
        simulator = await _connected(plan.simulator) if plan.simulator else None
        chance = random.Random(plan.seed * 1_000 + number)  # noqa: S311 a measurement
        customer = Customer(plan, shop, simulator, chance)
        while time.monotonic() < begun + plan.seconds and len(errors) < 5:
            try:
                times = await customer.walk()
            except (_Wrong, WireBroken, msgspec.MsgspecError) as error:
                errors.append(f"{type(error).__name__}: {error}")
                continue
            if begun <= times[-1] < begun + plan.seconds:
                walks.append(_ms(times))
        asked += customer.asked
        shop.close()

    await asyncio.gather(*(one(number) for number in range(plan.flows)))
    return Walked(walks=tuple(walks), asked=asked, errors=tuple(errors[:5]))


def _ms(times: list[float]) -> tuple[float, ...]:
    whole = round((times[-1] - times[0]) * 1000, 2)
    pairs = itertools.pairwise(times)
    return (whole, *(round((after - before) * 1000, 2) for before, after in pairs))


async def _connected(address: str) -> Wire:
    parts = urlsplit(address)
    return await Wire.open(parts.hostname or "", parts.port or 80)


if __name__ == "__main__":
    told = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(drive(told))))

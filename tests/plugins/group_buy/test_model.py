"""Whatever members, staff and time do, a model says who sits in the team and what he pays."""

import os
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jishi.callers import Caller
from jishi.checkout import Counter, PlaceOrder, WantedLine, place_order
from jishi.fulfilment import Address
from jishi.identifiers import new_id
from jishi.ledger import check
from jishi.payments import cancel_order, settle, start_payment
from jishi.problems import Problem

HOME = Address(name="李雷", phone="13800138000", region="浙江省", city="杭州市", street="1 号")
EXAMPLES = 80 if os.environ.get("JISHI_GROUP") == "long" else 4
HOLD, TEAM = timedelta(minutes=15), timedelta(hours=1)
people = st.integers(0, 6)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("join"), people),
        st.tuples(st.just("pay"), people),
        st.tuples(st.just("pay"), people),
        st.tuples(st.just("give up"), people),
        st.tuples(st.just("send away"), people),
        st.tuples(st.just("wait"), st.sampled_from([1, 10, 20])),
        st.tuples(st.just("look"), people),
    ),
    min_size=6,
    max_size=18,
)
"""What happens, and to whom; ``send away``: staff cancels; ``look``: the jobs are done."""


class Model:
    """One team of at most five, three to five fill it: 10 % and 20 % off 100 yuan."""

    def __init__(self) -> None:
        self.placed: dict[int, object] = {}  # person: when
        self.paid: set[int] = set()
        self.over = False

    def sits(self, person: int) -> bool:
        return person in self.placed or person in self.paid

    def takes(self, person: int, now, ends) -> bool:
        room = len(self.placed) + len(self.paid) < 5
        return room and not self.over and now < ends and not self.sits(person)

    def end(self, now, ends) -> None:
        full = len(self.paid) == 5
        self.over = self.over or full or (now >= ends and not self.placed)

    @property
    def price(self) -> int:
        return 8_000 if len(self.paid) >= 5 else 9_000 if len(self.paid) >= 3 else 0


class Run:
    """The same in a shop."""

    def __init__(self, shop, paper, counter, merchant, passes) -> None:
        self.shop, self.paper, self.counter = shop, paper, counter
        self.merchant, self.passes, self.model = merchant, passes, Model()
        self.world, self.orders, self.sent_away = new_id(), {}, set()

    async def begin(self) -> None:
        self.campaign = await self.merchant.campaign(hours=1, orders_per_member=0)
        self.ends = self.shop.clock.now() + TEAM
        order = await self._place(99, {"group_buy.open": self.campaign})
        self.orders[99] = order
        await self._pay(order)
        await self.passes(seconds=0)
        ((self.code,),) = await self.shop.database.fetch(
            "SELECT code FROM group_buy_teams WHERE campaign = $1", self.campaign
        )
        self.model.paid.add(99)

    async def step(self, what: str, number: int) -> None:
        now = self.shop.clock.now()
        if what == "wait":
            await self.passes(minutes=number)
            self._expire()
        elif what == "look":
            await self.passes(seconds=0)
        elif what == "join":
            expected = self.model.takes(number, now, self.ends)
            assert await self._joins(number) == expected
        elif number in self.orders:
            await getattr(self, what.replace(" ", "_"))(number)
        self.model.end(self.shop.clock.now(), self.ends)

    def _expire(self) -> None:
        now = self.shop.clock.now()
        for person, since in list(self.model.placed.items()):
            if since + HOLD <= now:
                del self.model.placed[person]

    async def _joins(self, person: int) -> bool:
        await self.passes(seconds=0)
        try:
            self.orders[person] = await self._place(person, {"group_buy.team": self.code})
        except Problem:
            return False
        self.model.placed[person] = self.shop.clock.now()
        return True

    async def _place(self, person: int, extras: dict[str, str]) -> str:
        me = Caller(kind="member", id=f"{self.world}-{person}")
        wish = PlaceOrder(lines=(WantedLine(sku="tea", quantity=1),), address=HOME, extras=extras)
        order, _ = await place_order(self.shop, self.counter, me, wish, new_id())
        return order.id

    async def _pay(self, order: str) -> None:
        attempt = await start_payment(self.shop, order, "paper", "scan", {}, "member")
        self.paper.pay(attempt.number)
        await settle(self.shop, self.paper.report(attempt.number), gateway="paper")

    async def pay(self, person: int) -> None:
        if person in self.model.placed:
            await self._pay(self.orders[person])
            del self.model.placed[person]
            self.model.paid.add(person)
            await self.passes(seconds=0)

    async def give_up(self, person: int) -> None:
        if person in self.model.placed:
            await cancel_order(self.shop, self.orders[person], "member")
            del self.model.placed[person]

    async def send_away(self, person: int) -> None:
        if person in self.model.paid and not self.model.over:
            await cancel_order(self.shop, self.orders[person], "staff:1")
            self.model.paid.discard(person)
            await self.passes(seconds=0)

    async def end(self, net) -> None:
        for _ in range(3):
            await self.passes(minutes=40)
        self._expire()
        self.model.end(self.shop.clock.now(), self.ends)
        price = self.model.price
        for person in self.model.paid:
            assert await net(self.orders[person]) == price
        kept = await self.shop.database.fetch(
            "SELECT o.paid - o.refunded, s.state FROM group_buy_seats s "
            "JOIN orders_orders o ON o.id = s.order_id WHERE s.campaign = $1",
            self.campaign,
        )
        assert sorted(kept) == sorted(
            [(price, "settled")] * len(self.model.paid)
            + [(0, "gone")] * (len(kept) - len(self.model.paid))
        )
        assert await check(self.shop.database) == []


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(steps=steps)
async def test_a_team_does_what_the_model_does(
    steps, shop, paper, merchant, passes, net, counter, tea
):
    run = Run(shop, paper, counter, merchant, passes)
    await run.begin()
    for what, number in steps:
        await run.step(what, number)
    await run.end(net)


@pytest.fixture
async def counter(shop):
    counter = Counter(shop)
    await counter.start()
    yield counter
    await counter.stop()

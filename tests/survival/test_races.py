"""Many at once: each race ends right, and wrong as soon as its guard is away."""

import asyncio
from collections import Counter as Count
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
import pytest

from jishi.callers import Caller
from jishi.checkout import (
    Counter,
    PlaceOrder,
    WantedLine,
    add_line,
    current_cart,
    merge_carts,
    open_cart,
    place_order,
)
from jishi.checkout.problems import CartClosed
from jishi.events import Happened, emit, first_time
from jishi.fulfilment import Address
from jishi.identifiers import new_id
from jishi.ledger import Group, Hold, apply, balances, stock_account
from jishi.orders import RefundWish, find_order
from jishi.payments import refund_order, settle, start_payment
from jishi.payments.list_payments import order_payments
from jishi.problems import NotFound
from jishi.testing.orders import fill_stock, place
from jishi.testing.unguarded import GUARDS

HANGZHOU = Address(
    name="李雷", phone="13800138000", region="浙江省", city="杭州市", street="文三路 1 号"
)
Race = Callable[[Any, Any, Any], Coroutine[Any, Any, dict[str, tuple[object, object]]]]
"""Gives pairs of what is and what should be."""


async def together(*work):
    return await asyncio.gather(*work, return_exceptions=True)


def kinds(answers) -> Count[str]:
    return Count(type(one).__name__ for one in answers)


async def sixty_ask_for_twenty(shop, paper, seller):
    await fill_stock(shop, "tea", 20)

    async def buy(number: int):
        hold = Hold(
            account=stock_account("tea"), amount=1, key=f"o{number}", owner=f"o{number}",
            expires_at=None,
        )  # fmt: skip
        group = Group(operations=(hold,))
        (done,) = await shop.database.atomically(lambda tx: apply(tx, [group], shop.clock.now()))
        return "refused" if done.refusals else "sold"

    answers = await together(*(buy(number) for number in range(60)))
    return {"answers": (Count(map(str, answers)), {"sold": 20, "refused": 40})}


async def one_key_fifty_times(shop, paper, seller):
    await seller.product("tea", stock=60)
    me = Caller(kind="guest", id=new_id())
    wish = PlaceOrder(lines=(WantedLine(sku="tea", quantity=1),), address=HANGZHOU)
    answers = await at_the_counter(shop, *((me, wish, "k") for _ in range(50)))
    right = [one for one in answers if not isinstance(one, BaseException)]
    return {
        "orders": (len({order.id for order, _ in right}), 1),
        "placed": (Count(replayed for _, replayed in right), {"no": 1, "yes": 49}),
        "held": (await held(shop), 1),
    }


async def one_cart_twenty_times(shop, paper, seller):
    await seller.product("tea", stock=60)
    me = Caller(kind="guest", id=new_id())
    cart = await open_cart(shop, me)
    await add_line(shop, me.owner, me.channel, cart.id, WantedLine(sku="tea", quantity=1), None)
    wish = PlaceOrder(cart=cart.id, address=HANGZHOU)
    answers = await at_the_counter(shop, *((me, wish, f"k{n}") for n in range(5)))
    return {
        "answers": (kinds(answers), {"tuple": 1, CartClosed.__name__: 4}),
        "held": (await held(shop), 1),
    }


async def at_the_counter(shop, *wishes):
    counter = Counter(shop)
    await counter.start()
    answers = await together(*(place_order(shop, counter, *wish) for wish in wishes))
    await counter.stop()
    return answers


async def held(shop) -> int:
    return (await balances(shop.database, [stock_account("tea")]))[stock_account("tea")].held


async def a_storm_over_a_cart(shop, paper, seller):
    """Thirty edits while ten logins take the cart over: what was acknowledged is there."""
    for name in "abc":
        await seller.product(name)
    guest, member = (Caller(kind="guest", id=new_id()) for _ in range(2))
    cart, theirs = await open_cart(shop, guest), await open_cart(shop, member)
    said: Count[str] = Count()

    async def edit(number: int) -> None:
        sku = "abc"[number % 3]
        wanted = WantedLine(sku=sku, quantity=1)
        with_me = guest if number % 2 else member
        which = cart if number % 2 else theirs
        await add_line(shop, with_me.owner, "web", which.id, wanted, None)
        said[f"{'guest' if number % 2 else 'member'} {sku}"] += 1

    async def log_in() -> None:
        now = shop.clock.now()
        await shop.database.atomically(
            lambda tx: merge_carts(tx, guest.owner, member.owner, "web", now)
        )

    edits = [edit(number) for number in range(30)]
    answers = await together(*edits[:20], *(log_in() for _ in range(10)), *edits[20:])
    wrong = {type(one) for one in answers if isinstance(one, BaseException)}
    after = await current_cart(shop, member)
    has = {line.sku: line.quantity for line in after.lines}
    left = await current_cart(shop, guest)
    # Of two carts with the same goods the larger quantity stays; what comes later adds up.
    return {
        "refusals": (wrong - {CartClosed, NotFound}, set()),
        "guest's cart": (left, None),
        "lines": (set(has), set("abc")),
        "lost": (
            [
                sku
                for sku in "abc"
                if has.get(sku, 0) < max(said[f"guest {sku}"], said[f"member {sku}"])
            ],
            [],
        ),
        "invented": (
            [
                sku
                for sku in "abc"
                if has.get(sku, 0) > said[f"guest {sku}"] + said[f"member {sku}"]
            ],
            [],
        ),
    }


async def refunds_of_sixty_percent(shop, paper, seller):
    order = await paid(shop, paper)
    answers = await together(
        *(give_back(shop, order, RefundWish(amount=600), f"k{n}") for n in range(20))
    )
    return {"answers": (kinds(answers), {"Refunded": 1, "RefundTooMuch": 19})}


async def one_refund_fifty_times(shop, paper, seller):
    order = await paid(shop, paper)
    answers = await together(
        *(give_back(shop, order, RefundWish(amount=10), "k") for _ in range(50))
    )
    right = [one for one in answers if not isinstance(one, BaseException)]
    return {
        "replayed": (Count(one.replayed for one in right), {"no": 1, "yes": 49}),
        "refunded": ((await find_order(shop.database, order.id)).refunded, 10),
    }


async def paid(shop, paper):
    order = await place(shop, [("tea", 3, 1000)])
    attempt = await start_payment(shop, order.id, "paper", "scan", {}, "guest")
    paper.pay(attempt.number)
    await settle(shop, paper.report(attempt.number), gateway="paper")
    return await find_order(shop.database, order.id)


async def give_back(shop, order, wish, key):
    return await refund_order(
        shop, order.id, wish, restock="no", reason="", key=key, actor="staff:1"
    )


async def thirty_reports(shop, paper, seller):
    order = await place(shop, [("tea", 2, 600)])
    attempt = await start_payment(shop, order.id, "paper", "scan", {}, "guest")
    paper.pay(attempt.number)
    report = paper.report(attempt.number)
    answers = await together(*(settle(shop, report, gateway="paper") for _ in range(30)))
    payments = await order_payments(shop.database, order.id)
    return {
        "outcomes": (Count(one.outcome for one in answers), {"paid": 1, "repeated": 29}),
        "captured": ([one.captured for one in payments.attempts], [600]),
        "refunds": (payments.refunds, ()),
    }


async def ten_starts(shop, paper, seller):
    order = await place(shop, [("tea", 1, 100)])
    answers = await together(
        *(start_payment(shop, order.id, "paper", "scan", {}, "guest") for _ in range(10))
    )
    return {
        "attempts": (len({getattr(one, "id", one) for one in answers}), 1),
        "asked": (len(paper.requests), 1),
    }


async def one_transaction_for_two_orders(shop, paper, seller):
    orders = [await place(shop, [("tea", 1, 100)]) for _ in range(2)]
    reports = []
    for order in orders:
        attempt = await start_payment(shop, order.id, "paper", "scan", {}, "guest")
        paper.pay(attempt.number)
        reports.append(msgspec.structs.replace(paper.report(attempt.number), transaction="T"))
    answers = await together(*(settle(shop, one, gateway="paper") for one in reports))
    return {"outcomes": (sorted(one.outcome for one in answers), ["mismatch", "paid"])}


async def a_message_thirty_times(shop, paper, seller):
    now = shop.clock.now()
    answers = await together(
        *(
            shop.database.atomically(lambda tx: first_time(tx, "till:7", "m1", now))
            for _ in range(30)
        )
    )
    return {"new": (Count(answers), {True: 1, False: 29})}


async def a_fact_thirty_times(shop, paper, seller):
    fact = Happened(name="order.paid", subject="o1", data={}, key="order.paid:o1")
    await together(
        *(shop.database.atomically(lambda tx: emit(tx, shop, [fact])) for _ in range(30))
    )
    told = await shop.database.fetch("SELECT count(*) FROM events_outbox WHERE subject = 'o1'")
    return {"told": (told, [(1,)])}


RACES: dict[str, Race] = {
    "row lock": sixty_ask_for_twenty,
    "floor": sixty_ask_for_twenty,
    "placing key": one_key_fifty_times,
    "cart once": one_cart_twenty_times,
    "cart line": a_storm_over_a_cart,
    "order version": refunds_of_sixty_percent,
    "paid once": thirty_reports,
    "one attempt": ten_starts,
    "one transaction": one_transaction_for_two_orders,
    "refund key": one_refund_fifty_times,
    "inbox": a_message_thirty_times,
    "event key": a_fact_thirty_times,
}
"""By the guard that each of them needs."""

BARS = {
    "placing key": pytest.mark.bar("B06"),
    "refund key": pytest.mark.bar("B06"),
    "cart line": pytest.mark.bar("B17"),
    "paid once": pytest.mark.bar("B10"),
}


def wrong(pairs: dict[str, tuple[object, object]]) -> list[str]:
    return [
        f"{name}: {is_} instead of {want}" for name, (is_, want) in pairs.items() if is_ != want
    ]


def marked(guard: str):
    marks = [pytest.mark.bar("B22"), *([BARS[guard]] if guard in BARS else [])]
    return pytest.param(guard, marks=marks, id=guard.replace(" ", "-"))


@pytest.mark.parametrize("guard", [marked(guard) for guard in RACES])
async def test_a_race_ends_right(shop, paper, seller, guard):
    assert wrong(await RACES[guard](shop, paper, seller)) == []


@pytest.mark.control
@pytest.mark.bar("B22")
@pytest.mark.parametrize("guard", [marked(guard) for guard in RACES])
async def test_without_its_guard_the_same_race_ends_wrong(shop, paper, seller, guard, without):
    """The positive control: the test above would notice."""
    if shop.database.dialect not in GUARDS[guard].shows_on:
        pytest.skip("here the engine's one writer guards by itself; the other engine shows it")
    await without(guard, shop.database)
    assert wrong(await RACES[guard](shop, paper, seller)) != []


@pytest.mark.bar("B22")
def test_every_guard_has_its_race():
    assert set(GUARDS) == set(RACES)
    assert all("postgresql" in guard.shows_on for guard in GUARDS.values())


@pytest.mark.bar("B06")
async def test_a_key_of_the_store_is_placed_once_over_http(seller, shopper):
    await seller.product("tea", stock=60)
    answers = await asyncio.gather(*(shopper.place({"tea": 1}, "k") for _ in range(50)))
    assert Count(one.status_code for one in answers) == {201: 1, 200: 49}
    assert len({one.json()["id"] for one in answers}) == 1
    assert sum(one.headers.get("idempotent-replayed") == "true" for one in answers) == 49


@pytest.mark.bar("B07")
async def test_a_key_with_another_body_is_refused_and_does_nothing(shop, seller, shopper):
    await seller.product("tea", stock=60)
    await shopper.place({"tea": 1}, "k")
    answers = await asyncio.gather(*(shopper.place({"tea": 2}, "k") for _ in range(5)))
    assert {(one.status_code, one.json()["code"]) for one in answers} == {
        (422, "idempotency_key_reused")
    }
    assert await held(shop) == 1


@pytest.mark.bar("B09")
async def test_a_refused_request_leaves_its_key_unused(seller, shopper):
    await seller.product("tea", stock=60)
    refused = await shopper.place({"tea": 0}, "k")
    unknown = await shopper.place({"nothing": 1}, "k")
    assert 400 <= refused.status_code < 500
    assert 400 <= unknown.status_code < 500
    assert (await shopper.place({"tea": 1}, "k")).status_code == 201

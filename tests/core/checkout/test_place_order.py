"""Placing: once per key, at the price that was shown, or not at all."""

import asyncio

import msgspec
import pytest

from jishi.catalogue import NewPrice, set_prices
from jishi.checkout import PlaceOrder, WantedLine, add_line, place_order
from jishi.checkout.problems import (
    AddressMissing,
    CartChanged,
    CartClosed,
    CartEmpty,
    LimitReached,
    LineTooLarge,
    NotSold,
    OrderRefused,
    OutOfStock,
    PriceChanged,
    TooManyUnpaid,
)
from jishi.effects import Claim, Debit, Event
from jishi.effects import Credit as EffectCredit
from jishi.fulfilment import DeliveryNotOffered
from jishi.idempotency import KeyReused
from jishi.ledger import Credit, Group, apply, balances, check
from jishi.orders import Objection, load_order, timeline_of
from jishi.plugins import Declaration, HookFailed, Plugin, hookimpl
from jishi.problems import Invalid, Problem


async def orders(mall) -> int:
    return int(str((await mall.shop.database.fetch("SELECT count(*) FROM orders_orders"))[0][0]))


async def test_an_order_keeps_what_was_bought_and_holds_its_stock(mall):
    tea, cup = await mall.sells("TEA", price=1990), await mall.sells("CUP", price=500)
    shopper = mall.guest()
    order = await mall.order(shopper, mall.now((tea, 2), (cup, 1), note="轻放"))
    assert (order.status, order.total, order.delivery_fee) == ("placed", 2 * 1990 + 500 + 800, 800)
    assert sum(line.total for line in order.lines) + order.delivery_fee == order.total
    assert [(line.sku, line.quantity) for line in order.lines] == [("TEA", 2), ("CUP", 1)]
    assert (await mall.held(tea), await mall.held(cup)) == (2, 1)
    stored = await load_order(mall.shop.database, order.id)
    assert msgspec.structs.replace(stored, lines=()) == msgspec.structs.replace(order, lines=())
    assert [entry.step for entry in await timeline_of(mall.shop.database, order.id)] == ["place"]
    assert await check(mall.shop.database) == []


async def test_the_same_key_and_wish_is_one_order(mall):
    tea, shopper = await mall.sells("TEA"), mall.guest()
    request = mall.now((tea, 1))
    answers = await asyncio.gather(
        *(place_order(mall.shop, mall.counter, shopper, request, "k1") for _ in range(20))
    )
    assert len({order.id for order, _ in answers}) == 1
    assert sorted(replayed for _, replayed in answers) == ["no"] + ["yes"] * 19
    assert (await orders(mall), await mall.held(tea)) == (1, 1)


async def test_the_same_key_with_another_wish_is_refused(mall):
    tea, shopper = await mall.sells("TEA"), mall.guest()
    await mall.order(shopper, mall.now((tea, 1)), "k1")
    with pytest.raises(KeyReused):
        await mall.order(shopper, mall.now((tea, 2)), "k1")
    assert (await orders(mall), await mall.held(tea)) == (1, 1)


async def test_another_shoppers_key_is_another_key(mall):
    tea = await mall.sells("TEA")
    first = await mall.order(mall.guest(), mall.now((tea, 1)), "k1")
    second = await mall.order(mall.guest(), mall.now((tea, 1)), "k1")
    assert first.id != second.id


async def test_a_repeat_is_answered_when_the_goods_are_gone(mall):
    tea, shopper = await mall.sells("TEA", stock=1), mall.guest()
    first = await mall.order(shopper, mall.now((tea, 1)), "k1")
    with pytest.raises(OutOfStock):
        await mall.order(mall.guest(), mall.now((tea, 1)))
    again, replayed = await place_order(mall.shop, mall.counter, shopper, mall.now((tea, 1)), "k1")
    assert (again.id, replayed) == (first.id, "yes")


async def test_a_cart_becomes_one_order_however_many_keys_come(mall, hangzhou):
    tea, shopper = await mall.sells("TEA"), mall.guest()
    cart = await mall.cart(shopper, (tea, 1))
    request = PlaceOrder(cart=cart.id, address=hangzhou)
    answers = await asyncio.gather(
        *(mall.order(shopper, request, f"k{number}") for number in range(20)),
        return_exceptions=True,
    )
    placed = [answer for answer in answers if not isinstance(answer, BaseException)]
    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert len(placed) == 1
    assert {type(one) for one in refused} == {CartClosed}
    assert {one.extra["order"] for one in refused} == {placed[0].id}
    assert (await orders(mall), await mall.held(tea)) == (1, 1)


async def test_a_cart_nobody_could_order_is_not_called_closed(mall, hangzhou):
    tea, shopper = await mall.sells("TEA", stock=0), mall.guest()
    cart = await mall.cart(shopper, (tea, 1))
    request = PlaceOrder(cart=cart.id, address=hangzhou)
    answers = await asyncio.gather(
        *(mall.order(shopper, request, f"k{number}") for number in range(20)),
        return_exceptions=True,
    )
    assert {type(one) for one in answers} == {OutOfStock}


async def test_another_wish_under_the_key_of_an_ordered_cart_is_refused(mall, hangzhou):
    tea, shopper = await mall.sells("TEA"), mall.guest()
    cart = await mall.cart(shopper, (tea, 1))
    await mall.order(shopper, PlaceOrder(cart=cart.id, address=hangzhou), "k1")
    with pytest.raises(KeyReused):
        await mall.order(shopper, PlaceOrder(cart=cart.id, address=hangzhou, note="x"), "k1")


async def test_a_cart_that_changed_since_it_was_shown_is_not_ordered(mall, hangzhou):
    tea, shopper = await mall.sells("TEA"), mall.guest()
    cart = await mall.cart(shopper, (tea, 1))
    await add_line(mall.shop, shopper.owner, "web", cart.id, WantedLine(sku=tea), None)
    with pytest.raises(CartChanged):
        await mall.order(
            shopper, PlaceOrder(cart=cart.id, cart_version=cart.version, address=hangzhou)
        )
    assert await orders(mall) == 0


async def test_a_price_that_changed_since_it_was_shown_is_told(mall):
    tea, shopper = await mall.sells("TEA", price=1000), mall.guest()
    with pytest.raises(PriceChanged) as told:
        await mall.order(shopper, mall.now((tea, 1), expected_total=1))
    assert told.value.extra["quote"]["total"] == 1800
    await set_prices(mall.shop, [NewPrice(sku=tea, amount=1200)])
    order = await mall.order(shopper, mall.now((tea, 1), expected_total=2000))
    assert order.total == 2000


async def test_what_runs_out_is_named_with_what_is_left(mall):
    tea, cup = await mall.sells("TEA", stock=5), await mall.sells("CUP", stock=2)
    with pytest.raises(OutOfStock) as told:
        await mall.order(mall.guest(), mall.now((tea, 1), (cup, 3)))
    assert (told.value.extra["sku"], told.value.extra["available"]) == ("CUP", 2)
    assert (await orders(mall), await mall.held(tea)) == (0, 0)


async def test_one_sku_in_two_lines_is_counted_together(mall):
    tea = await mall.sells("TEA", stock=5, max_per_order=3)
    with pytest.raises(LineTooLarge):
        await mall.order(mall.guest(), mall.now((tea, 2), (tea, 2)))
    order = await mall.order(mall.guest(), mall.now((tea, 2), (tea, 1)))
    assert [line.quantity for line in order.lines] == [3]


async def test_one_customer_buys_no_more_than_the_limit_in_all_orders(mall):
    tea, shopper = await mall.sells("TEA", max_per_member=3), mall.guest()
    await mall.order(shopper, mall.now((tea, 2)))
    with pytest.raises(LimitReached) as told:
        await mall.order(shopper, mall.now((tea, 2)))
    assert told.value.extra["available"] == 1
    await mall.order(shopper, mall.now((tea, 1)))
    await mall.order(mall.guest(), mall.now((tea, 3)))


async def test_a_limit_that_was_raised_counts_what_was_bought_before(mall):
    tea, shopper = await mall.sells("TEA", stock=99, max_per_member=1), mall.guest()
    await mall.order(shopper, mall.now((tea, 1)))
    await mall.limit(tea, 3)
    answers = await asyncio.gather(
        *(mall.order(shopper, mall.now((tea, 1))) for _ in range(5)), return_exceptions=True
    )
    assert sum(not isinstance(answer, BaseException) for answer in answers) == 2
    await mall.limit(tea, 2)
    with pytest.raises(LimitReached):
        await mall.order(shopper, mall.now((tea, 1)))
    await mall.limit(tea, 4)
    await mall.order(shopper, mall.now((tea, 1)))
    with pytest.raises(LimitReached):
        await mall.order(shopper, mall.now((tea, 1)))
    assert await check(mall.shop.database) == []


async def test_fifty_orders_of_one_customer_at_once_respect_the_limit(mall):
    tea, shopper = await mall.sells("TEA", stock=99, max_per_member=1), mall.guest()
    answers = await asyncio.gather(
        *(mall.order(shopper, mall.now((tea, 1))) for _ in range(50)), return_exceptions=True
    )
    assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
    assert {type(one) for one in answers if isinstance(one, BaseException)} == {LimitReached}


async def test_unpaid_orders_of_one_customer_are_few(mall):
    tea, shopper = await mall.sells("TEA", stock=99), mall.guest()
    answers = await asyncio.gather(
        *(mall.order(shopper, mall.now((tea, 1))) for _ in range(20)), return_exceptions=True
    )
    assert sum(not isinstance(answer, BaseException) for answer in answers) == 5
    assert {type(one) for one in answers if isinstance(one, BaseException)} == {TooManyUnpaid}
    assert await mall.held(tea) == 5


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, Invalid),
        ({"lines": (WantedLine(sku="NO"),)}, NotSold),
        ({"lines": (WantedLine(sku="TEA"),)}, AddressMissing),
        ({"lines": (WantedLine(sku="TEA", quantity=1000),)}, LineTooLarge),
        ({"lines": (WantedLine(sku="TEA"),), "delivery": "rocket"}, DeliveryNotOffered),
    ],
)
async def test_what_makes_no_sense_is_refused_and_nothing_is_written(mall, said, expected):
    await mall.sells("TEA")
    with pytest.raises(expected):
        await mall.order(mall.guest(), PlaceOrder(**said))
    assert await orders(mall) == 0


async def test_an_empty_cart_is_not_ordered(mall, hangzhou):
    shopper = mall.guest()
    cart = await mall.cart(shopper)
    with pytest.raises(CartEmpty):
        await mall.order(shopper, PlaceOrder(cart=cart.id, address=hangzhou))


# Plugins ----------------------------------------------------------------------------------------


class Grumbler(Plugin):
    declaration = Declaration(name="grumbler", version="1.0")

    code = "too_late"

    @hookimpl
    async def review_checkout(self, draft):
        return [Objection(code=self.code, message=f"{self.code}!")]


class Second(Grumbler):
    declaration = Declaration(name="second", version="1.0")
    code = "too_far"


async def test_review_checkout(mall_with):
    """Every objection of every plugin is shown together."""
    mall = await mall_with(Grumbler, Second)
    tea = await mall.sells("TEA")
    with pytest.raises(OrderRefused) as told:
        await mall.order(mall.guest(), mall.now((tea, 1)))
    assert [one["code"] for one in told.value.extra["objections"]] == ["too_late", "too_far"]
    assert (await orders(mall), await mall.held(tea)) == (0, 0)


class Broken(Plugin):
    declaration = Declaration(name="broken", version="2.1")

    @hookimpl
    def review_checkout(self, draft):
        raise RuntimeError("no idea")


async def test_a_review_that_fails_refuses_the_order(mall_with):
    mall = await mall_with(Broken)
    tea = await mall.sells("TEA")
    with pytest.raises(HookFailed) as told:
        await mall.order(mall.guest(), mall.now((tea, 1)))
    assert told.value.plugin == "broken@2.1"
    assert await orders(mall) == 0


class Seats(Plugin):
    """Claims a seat with every order."""

    declaration = Declaration(name="seats", version="1.0")

    @hookimpl
    def effects_of_order(self, order, transition):
        if transition != "place":
            return None
        return [
            Claim(account="seats:evening", amount=1, key="seat", refusal="The evening is full."),
            Event(name="seats.taken", data={"order": order.id}, key="taken"),
        ]


async def test_effects_of_order(mall_with):
    """What a plugin claims is held with the order, or the order is refused whole."""
    mall = await mall_with(Seats)
    tea, now = await mall.sells("TEA"), mall.shop.clock.now()
    delivery = Credit(account="seats:evening", amount=2, key="seats", reason="chairs")
    await mall.shop.database.atomically(lambda tx: apply(tx, [Group(operations=(delivery,))], now))
    answers = await asyncio.gather(
        *(mall.order(mall.guest(), mall.now((tea, 1))) for _ in range(4)), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, Problem)]
    assert [str(one) for one in refused] == ["The evening is full."] * 2
    assert (await balances(mall.shop.database, ["seats:evening"]))["seats:evening"].held == 2
    assert (await orders(mall), await mall.held(tea)) == (2, 2)
    names = await mall.shop.database.fetch_as(str, "SELECT name FROM events_outbox ORDER BY name")
    assert names.count("seats.taken") == 2
    sources = await mall.shop.database.fetch("SELECT DISTINCT account, source FROM ledger_holds")
    assert {(str(account).partition(":")[0], source) for account, source in sources} == {
        ("seats", "seats@1.0"),
        ("stock", "core"),
        ("unpaid", "core"),
    }


class Gift(Plugin):
    """Gives points and takes a voucher with every order."""

    declaration = Declaration(name="gift", version="2.0")

    @hookimpl
    def effects_of_order(self, order, transition):
        if transition != "place":
            return None
        return [
            EffectCredit(account=f"points:{order.owner}", amount=5, key="points", reason="a gift"),
            Debit(account="vouchers:spring", amount=1, key="voucher", reason="taken"),
        ]


async def test_what_a_plugin_moves_at_placing_stands_in_the_ledger_under_its_name(mall_with):
    mall = await mall_with(Gift)
    tea, now = await mall.sells("TEA"), mall.shop.clock.now()
    printed = Credit(account="vouchers:spring", amount=2, key="printed", reason="printed")
    await mall.shop.database.atomically(lambda tx: apply(tx, [Group(operations=(printed,))], now))
    await mall.order(mall.guest(), mall.now((tea, 1)))
    moved = await mall.shop.database.fetch(
        "SELECT amount, source FROM ledger_entries WHERE key LIKE 'effect:%' ORDER BY amount"
    )
    assert moved == [(-1, "gift@2.0"), (5, "gift@2.0")]

"""Carts hold what was acknowledged, hold no stock, and belong to one shopper."""

import asyncio

import msgspec
import pytest

from jishi.checkout import (
    Details,
    PlaceOrder,
    WantedLine,
    add_line,
    current_cart,
    find_cart,
    merge_carts,
    remove_line,
    set_details,
    set_quantity,
)
from jishi.checkout.problems import CartChanged, CartClosed, LineTooLarge, NotSold
from jishi.identifiers import new_id
from jishi.problems import NotFound


async def test_the_same_sku_twice_is_one_line(mall):
    tea, shopper = await mall.sells("TEA"), mall.guest()
    cart = await mall.cart(shopper, (tea, 2), (tea, 3))
    assert [(line.sku, line.quantity) for line in cart.lines] == [("TEA", 5)]
    assert cart.version == 2


async def test_a_cart_holds_no_stock(mall):
    tea = await mall.sells("TEA", stock=3)
    await mall.cart(mall.guest(), (tea, 3))
    assert await mall.held(tea) == 0


async def test_thirty_edits_at_once_are_all_in_the_cart(mall):
    skus = [await mall.sells(f"S{number}") for number in range(10)]
    shopper = mall.guest()
    cart = await mall.cart(shopper)

    async def edit(number: int) -> None:
        wanted = WantedLine(sku=skus[number % 10], quantity=1)
        await add_line(mall.shop, shopper.owner, "web", cart.id, wanted, None)

    await asyncio.gather(*(edit(number) for number in range(30)))
    cart = await find_cart(mall.shop.database, shopper.owner, cart.id)
    assert sorted((line.sku, line.quantity) for line in cart.lines) == [
        (sku, 3) for sku in sorted(skus)
    ]
    assert cart.version == 30


async def test_of_two_edits_of_the_same_version_one_is_told(mall):
    tea, shopper = await mall.sells("TEA"), mall.guest()
    cart = await mall.cart(shopper, (tea, 1))
    line = cart.lines[0].id
    await set_quantity(mall.shop, shopper.owner, cart.id, line, 2, cart.version)
    with pytest.raises(CartChanged) as told:
        await set_quantity(mall.shop, shopper.owner, cart.id, line, 9, cart.version)
    assert told.value.extra["version"] == cart.version + 1
    left = await find_cart(mall.shop.database, shopper.owner, cart.id)
    assert left.lines[0].quantity == 2


async def test_somebody_elses_cart_is_not_there(mall):
    tea = await mall.sells("TEA")
    cart = await mall.cart(mall.guest(), (tea, 1))
    stranger = mall.guest()
    for attempt in (
        find_cart(mall.shop.database, stranger.owner, cart.id),
        add_line(mall.shop, stranger.owner, "web", cart.id, WantedLine(sku=tea), None),
        remove_line(mall.shop, stranger.owner, cart.id, cart.lines[0].id, None),
        set_details(mall.shop, stranger.owner, cart.id, Details(note="mine")),
        mall.order(stranger, PlaceOrder(cart=cart.id)),
    ):
        with pytest.raises(NotFound):
            await attempt


async def test_a_refused_line_changes_nothing(mall):
    tea, shopper = await mall.sells("TEA"), mall.guest()
    cart = await mall.cart(shopper, (tea, 900))
    with pytest.raises(LineTooLarge):
        await add_line(
            mall.shop, shopper.owner, "web", cart.id, WantedLine(sku=tea, quantity=100), None
        )
    with pytest.raises(NotSold):
        await add_line(mall.shop, shopper.owner, "web", cart.id, WantedLine(sku="NO"), None)
    assert await find_cart(mall.shop.database, shopper.owner, cart.id) == cart


async def test_taking_a_line_out_twice_is_no_error(mall):
    tea, shopper = await mall.sells("TEA"), mall.guest()
    cart = await mall.cart(shopper, (tea, 1))
    for _ in range(2):
        cart = await remove_line(
            mall.shop, shopper.owner, cart.id, cart.lines[0].id if cart.lines else "gone", None
        )
    assert cart.lines == ()


async def test_what_is_left_out_of_details_stays(mall):
    shopper = mall.guest()
    cart = await mall.cart(shopper)
    await set_details(mall.shop, shopper.owner, cart.id, Details(note="{{7*7}}", codes=("B", "A")))
    cart = await set_details(mall.shop, shopper.owner, cart.id, Details(contact="13800138000"))
    assert (cart.note, cart.codes, cart.contact) == ("{{7*7}}", ("A", "B"), "13800138000")


async def test_an_ordered_cart_can_not_be_changed(mall, hangzhou):
    tea, shopper = await mall.sells("TEA"), mall.guest()
    cart = await mall.cart(shopper, (tea, 1))
    order = await mall.order(shopper, PlaceOrder(cart=cart.id, address=hangzhou))
    with pytest.raises(CartClosed) as told:
        await add_line(mall.shop, shopper.owner, "web", cart.id, WantedLine(sku=tea), None)
    assert told.value.extra["order"] == order.id
    assert await current_cart(mall.shop, shopper) is None


# Login ------------------------------------------------------------------------------------------


async def merged(mall, guest: str, member: str) -> str | None:
    now = mall.shop.clock.now()
    return await mall.shop.database.atomically(
        lambda tx: merge_carts(tx, guest, member, "web", now)
    )


async def test_ten_logins_at_once_lose_nothing_and_double_nothing(mall):
    skus = [await mall.sells(f"S{number}") for number in range(6)]
    guest, member = mall.guest(), mall.guest()
    await mall.cart(guest, *((sku, 2) for sku in skus[:4]))
    await mall.cart(member, (skus[3], 5), (skus[4], 1))
    targets = await asyncio.gather(*(merged(mall, guest.owner, member.owner) for _ in range(10)))
    cart = await current_cart(mall.shop, member)
    assert set(targets) == {cart.id}
    assert {line.sku: line.quantity for line in cart.lines} == {
        "S0": 2, "S1": 2, "S2": 2, "S3": 5, "S4": 1,
    }  # fmt: skip
    assert await current_cart(mall.shop, guest) is None


async def test_a_guest_with_nothing_changes_nothing(mall):
    tea, member = await mall.sells("TEA"), mall.guest()
    cart = await mall.cart(member, (tea, 1))
    assert await merged(mall, new_id(), member.owner) == cart.id
    assert await current_cart(mall.shop, member) == cart


async def test_a_member_without_a_cart_gets_the_guests(mall):
    tea, guest, member = await mall.sells("TEA"), mall.guest(), mall.guest()
    await mall.cart(guest, (tea, 3))
    await merged(mall, guest.owner, member.owner)
    cart = await current_cart(mall.shop, member)
    assert [(line.sku, line.quantity) for line in cart.lines] == [("TEA", 3)]


async def test_carts_of_two_channels_stay_apart(mall):
    tea, guest, member = await mall.sells("TEA"), mall.guest(), mall.guest()
    at_the_app = msgspec.structs.replace(guest, channel="mini_program")
    await mall.cart(member, (tea, 1))
    await mall.cart(guest, (tea, 4))
    await mall.cart(at_the_app, (tea, 7))
    await merged(mall, guest.owner, member.owner)
    here = await current_cart(mall.shop, member)
    there = await current_cart(mall.shop, msgspec.structs.replace(member, channel="mini_program"))
    assert [line.quantity for line in here.lines] == [4]
    assert [line.quantity for line in there.lines] == [7]

"""Addresses: all that were kept are there, one is the default, nobody sees another's."""

import asyncio

import msgspec
import pytest

from jishi.fulfilment import Address
from jishi.membership import (
    Identity,
    MemberAddress,
    add_address,
    change_address,
    list_addresses,
    load_address,
    remove_address,
)
from jishi.problems import Invalid, NotFound

HOME = MemberAddress(
    name="李雷", phone="13800138000", region="浙江省", city="杭州市", street="文三路 1 号"
)
DEFAULT = msgspec.structs.replace(HOME, is_default="yes")
EMAIL = Identity(kind="email", value="li@example.com")


@pytest.fixture
async def me(enter) -> str:
    return (await enter()).member.id


async def defaults(shop, member: str) -> list[str]:
    kept = await list_addresses(shop.database, member)
    return [one.id for one in kept if one.address.is_default == "yes"]


async def test_the_first_address_is_the_default(shop, me):
    first = await add_address(shop, me, HOME)
    await add_address(shop, me, HOME)
    assert await defaults(shop, me) == [first.id]


async def test_a_new_default_takes_over(shop, me):
    await add_address(shop, me, HOME)
    second = await add_address(shop, me, DEFAULT)
    assert await defaults(shop, me) == [second.id]


async def test_when_the_default_goes_the_oldest_follows(shop, me):
    first, second = await add_address(shop, me, HOME), await add_address(shop, me, HOME)
    await remove_address(shop, me, first.id)
    assert await defaults(shop, me) == [second.id]


async def test_a_changed_address_is_the_one_that_is_read(shop, me):
    kept = await add_address(shop, me, HOME)
    await change_address(shop, me, kept.id, msgspec.structs.replace(HOME, city="宁波市"))
    assert (await load_address(shop.database, me, kept.id)).address.city == "宁波市"


async def test_thirty_addresses_added_at_once_are_all_there_with_one_default(shop, me):
    await asyncio.gather(*(add_address(shop, me, DEFAULT) for _ in range(30)))
    assert len(await list_addresses(shop.database, me)) == 30
    assert len(await defaults(shop, me)) == 1


async def test_there_are_never_more_than_fifty(shop, me):
    answers = await asyncio.gather(
        *(add_address(shop, me, HOME) for _ in range(55)), return_exceptions=True
    )
    assert sum(isinstance(answer, Invalid) for answer in answers) == 5
    assert len(await list_addresses(shop.database, me)) == 50


async def test_an_address_of_somebody_else_is_not_there(shop, me, enter):
    other = (await enter(EMAIL)).member.id
    theirs = await add_address(shop, other, HOME)
    for story in (
        load_address(shop.database, me, theirs.id),
        change_address(shop, me, theirs.id, HOME),
        remove_address(shop, me, theirs.id),
    ):
        with pytest.raises(NotFound):
            await story
    assert [one.id for one in await list_addresses(shop.database, other)] == [theirs.id]


def test_it_has_every_field_that_a_delivery_needs():
    own = {one.name: one.type for one in msgspec.structs.fields(MemberAddress)}
    delivery = {one.name: one.type for one in msgspec.structs.fields(Address)}
    assert {name: own.get(name) for name in delivery} == delivery

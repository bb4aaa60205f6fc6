"""Two members who left something in every room."""

import pytest

from jishi.testing.members import ALICE, BOB, Person
from jishi.testing.members import buy as shopping
from jishi.testing.members import join as enter_shop
from jishi.testing.people import Shopper


@pytest.fixture
async def alice(shop, client, seller):
    """Give a member."""
    await seller.product("tea", stock=100)
    return await enter_shop(shop, Person(*ALICE, shopper=Shopper(client, shop)))


@pytest.fixture
async def bob(shop, client, alice):
    """Give another one."""
    return await enter_shop(shop, Person(*BOB, shopper=Shopper(client, shop)))


@pytest.fixture
def buy(shop):
    """Give a way to have somebody buy."""
    return lambda person, stage="completed": shopping(shop, person, stage)


@pytest.fixture
def join(shop):
    """Give a way to have somebody join."""
    return lambda person: enter_shop(shop, person)

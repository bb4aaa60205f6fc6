"""People of the web's tests."""

import pytest

from jishi.callers import Caller
from jishi.staff import create_owner, log_in_staff


@pytest.fixture
async def owner(shop) -> dict[str, str]:
    """The headers of the shop's owner."""
    await create_owner(shop, "owner@example.com", "long and winding road 7")
    login = await log_in_staff(shop, "owner@example.com", "long and winding road 7", Caller())
    return {"authorization": f"Bearer {login.token}"}

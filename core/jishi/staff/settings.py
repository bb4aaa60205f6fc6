"""The table ``[staff]`` of a build."""

from typing import Annotated

import msgspec

from jishi.config import setting
from jishi.shop import Shop


class StaffSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[staff]``: what is asked of the people who work here."""

    second_factor: Annotated[
        tuple[str, ...],
        setting(
            help="Roles that may do nothing until a second factor is set up: owner, accountant.",
            scope="shop",
        ),
    ] = ()


def needs_second_factor(shop: Shop, role: str) -> bool:
    """Whether the merchant wants one of everybody who has this role."""
    return role in shop.config.section("staff", StaffSettings).second_factor

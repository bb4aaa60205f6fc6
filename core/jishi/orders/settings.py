"""``[orders]``: how orders go on by themselves."""

from typing import Annotated

import msgspec

from jishi.config import setting


class OrderSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``[orders]``: how orders go on by themselves."""

    complete_after_days: Annotated[
        int,
        setting(help="Shipped goods count as received after so many days.", unit="days", ge=1),
    ] = 10

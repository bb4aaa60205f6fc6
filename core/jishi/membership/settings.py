"""``[membership]``: when two members are taken for one."""

from typing import Annotated, Literal

import msgspec

from jishi.config import setting


class MembershipSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``[membership]``: when two members are taken for one."""

    merge: Annotated[
        Literal["automatic", "people"],
        setting(help="Whether members become one by themselves where it is certain."),
    ] = "automatic"
    merge_at: Annotated[
        int,
        setting(
            help="From here on it is certain, in hundredths of a percent.", ge=9_000, le=10_000
        ),
    ] = 9_800
    ask_at: Annotated[
        int,
        setting(
            help="From here on people should look, in hundredths of a percent.", ge=100, le=10_000
        ),
    ] = 5_000

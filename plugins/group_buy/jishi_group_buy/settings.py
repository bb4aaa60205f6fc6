"""What a merchant writes in ``[plugins.group_buy]``."""

from typing import Annotated, Literal

import msgspec

from jishi.config import setting


class GroupBuySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[plugins.group_buy]``: what campaigns are like that do not say otherwise."""

    ladder: Annotated[
        dict[str, Annotated[int, msgspec.Meta(ge=1, le=100)]],
        setting(help="People who must come together, and percent off for all of them."),
    ] = msgspec.field(default_factory=lambda: {"3": 10, "5": 20})
    hours: Annotated[
        int, setting(help="How long a team may gather.", unit="hours", ge=1, le=720)
    ] = 24
    orders_per_member: Annotated[
        int, setting(help="Seats that one member may have in a campaign; 0: any number.", ge=0)
    ] = 1
    listed: Annotated[
        Literal["yes", "no"],
        setting(help="Whether a campaign's page shows open teams that anybody may join."),
    ] = "no"

    def __post_init__(self) -> None:
        wrong = [reach for reach in self.ladder if not reach.isdecimal() or int(reach) < 2]
        if wrong or not self.ladder:
            raise ValueError('ladder: expected people and percent, such as { "3" = 10, "5" = 20 }')

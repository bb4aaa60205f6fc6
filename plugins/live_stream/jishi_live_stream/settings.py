"""The table ``[plugins.live_stream]`` of a build."""

from typing import Annotated

import msgspec

from jishi.config import Secret, setting


class LiveStreamSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What live streams need."""

    secret: Annotated[
        Secret,
        setting(
            help="32 characters or more; the seeds of draws and the codes of visits come from it. "
            "Whoever changes it between a draw's opening and its end breaks his promise.",
            scope="shop",
        ),
    ]
    coupon_minutes: Annotated[
        int,
        setting(
            help="How long coupons of a session are good after it has ended.",
            unit="minutes",
            ge=0,
            le=10_080,
        ),
    ] = 30
    claim_hours: Annotated[
        int,
        setting(
            help="How long winners have to claim; then prizes go back.",
            unit="hours",
            ge=1,
            le=8760,
        ),
    ] = 72

    def __post_init__(self) -> None:
        if len(self.secret.reveal()) < 32:
            raise ValueError("the secret of live streams needs 32 characters or more")

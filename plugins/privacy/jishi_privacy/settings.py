"""What a merchant writes in ``[plugins.privacy]``."""

from typing import Annotated, Literal

import msgspec

from jishi.config import setting

Days = Annotated[int, msgspec.Meta(ge=0, le=36_500)]


class Purpose(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[plugins.privacy.purposes]]``: something that members are asked to agree to.

    Attributes:
        code: Names it for ever: ``marketing``.
        version: Of the text; a new one asks everybody anew.
        title: What a member reads above it.
        text: The text itself, or its address.
        separate: ``yes`` where the law asks for a consent of its own (PIPL art. 23, 29, 39).
    """

    code: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    version: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    text: Annotated[str, msgspec.Meta(max_length=20_000)] = ""
    separate: Literal["no", "yes"] = "no"


class PrivacySettings(msgspec.Struct, frozen=True, kw_only=True):
    """``[plugins.privacy]``."""

    purposes: Annotated[
        tuple[Purpose, ...], setting(help="What members are asked to agree to.", scope="shop")
    ] = ()
    cooling_off_days: Annotated[
        int,
        setting(
            help="How long a member may take his erasure back.",
            unit="days",
            ge=0,
            le=15,
            scope="shop",
        ),
    ] = 7
    archive_hours: Annotated[
        int,
        setting(
            help="How long an archive waits for its member.",
            unit="hours",
            ge=1,
            le=720,
            scope="shop",
        ),
    ] = 72
    link_minutes: Annotated[
        int,
        setting(
            help="How long a link to an archive works.",
            unit="minutes",
            ge=1,
            le=1440,
            scope="shop",
        ),
    ] = 15
    exports_a_day: Annotated[
        int, setting(help="How many archives a member may ask for in a day.", ge=1, scope="shop")
    ] = 3
    retention: Annotated[
        dict[str, Days],
        setting(help="Days that a table keeps its rows, by table; 0 for ever.", scope="shop"),
    ] = {}

    def __post_init__(self) -> None:
        codes = [each.code for each in self.purposes]
        if len(set(codes)) < len(codes):
            raise ValueError(f"two purposes have the same code, among {', '.join(codes)}")

    def purpose(self, code: str) -> Purpose | None:
        """The purpose of a code, as it stands today."""
        return next((each for each in self.purposes if each.code == code), None)

"""What ``[plugins.<name>]`` says of a plugin that runs elsewhere."""

from typing import Annotated, Literal

import httpx
import msgspec

from jishi.config import Secret, setting
from jishi.egress import Reach, Refused
from jishi.remote.signature import key_of

RemoteHook = Literal[
    "order_placed",
    "order_paid",
    "order_shipped",
    "order_completed",
    "order_cancelled",
    "order_refunded",
    "member_joined",
    "review_checkout",
    "review_subject",
    "adjust_price",
]
"""The hooks that can be answered from elsewhere."""

SECONDS = 30.0
"""The longest that anybody waits; the budget of a hook is mostly shorter."""


class RemoteSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table of a remote plugin; the console never changes it."""

    remote: Annotated[str, setting(help="The address that is called.", scope="shop", console="no")]
    secret: Annotated[
        Secret, setting(help="Signs what is sent: whsec_… or any long text.", scope="shop")
    ]
    hooks: Annotated[
        tuple[RemoteHook, ...],
        setting(help="The hooks it answers.", scope="shop", console="no"),
    ]
    inside: Annotated[
        tuple[str, ...],
        setting(
            help="Networks of your own that it may lie in, reachable by plain http as well.",
            scope="shop",
            console="no",
        ),
    ] = ()
    scopes: Annotated[
        tuple[str, ...],
        setting(
            help="What it may know: members:contact for addresses, telephone numbers and notes.",
            scope="shop",
            console="no",
        ),
    ] = ()
    version: Annotated[
        str,
        setting(help="Its version, for logs.", scope="shop", console="no", pattern=r"^[\w.]+$"),
    ] = "1"
    answer_bytes: Annotated[
        int,
        setting(
            help="The largest answer that is read.",
            unit="bytes",
            scope="shop",
            console="no",
            ge=1_000,
            le=10_000_000,
        ),
    ] = 256_000

    def __post_init__(self) -> None:
        key_of(self.secret)
        if not self.hooks:
            raise ValueError("hooks: name at least one")
        try:
            self.reach().check_url(self.remote)
        except Refused as refusal:
            raise ValueError(f"remote: {refusal}") from None

    def reach(self) -> Reach:
        """How far its calls go: to its own host."""
        try:
            host = httpx.URL(self.remote).raw_host.decode("ascii")
        except httpx.InvalidURL as error:
            raise ValueError(f"remote: this is no address: {error}") from None
        return Reach(
            hosts=(host,) if host else (),
            inside=self.inside,
            answer_bytes=self.answer_bytes,
            seconds=SECONDS,
        )

    @property
    def host(self) -> str:
        """Its host, with the port when that is not https's, as a plugin declares it."""
        url = httpx.URL(self.remote)
        name = url.raw_host.decode("ascii")
        return name if url.port is None else f"{name}:{url.port}"

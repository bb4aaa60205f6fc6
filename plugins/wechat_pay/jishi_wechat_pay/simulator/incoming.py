"""What merchants send to the simulated WeChat Pay, and the rules for each field.

What the simulator does not use is not looked at, as merchants may send more than it knows.
"""

from datetime import datetime
from typing import Annotated, Literal

import msgspec


class AmountIn(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is to be paid, fen."""

    total: Annotated[int, msgspec.Meta(ge=1)]
    currency: Literal["CNY"] = "CNY"


class PayerIn(msgspec.Struct, kw_only=True):
    """Who is to pay."""

    openid: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


class H5InfoIn(msgspec.Struct, kw_only=True):
    """The kind of browser."""

    type: Literal["Wap", "iOS", "Android"]


class SceneIn(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Where the payer is."""

    payer_client_ip: Annotated[str, msgspec.Meta(min_length=1, max_length=45)]
    h5_info: H5InfoIn | None = None


class OrderIn(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A prepay order as merchants send it; what the simulator does not use is not looked at."""

    appid: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    mchid: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    description: Annotated[str, msgspec.Meta(min_length=1, max_length=127)]
    out_trade_no: Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z_\-|*]{6,32}$")]
    notify_url: Annotated[str, msgspec.Meta(pattern=r"^https?://[^?#]+$", max_length=255)]
    amount: AmountIn
    time_expire: datetime | None = None
    attach: Annotated[str, msgspec.Meta(max_length=128)] | None = None
    payer: PayerIn | None = None
    scene_info: SceneIn | None = None


class CloseIn(msgspec.Struct, kw_only=True):
    """The body of a close."""

    mchid: str


class RefundAmountIn(msgspec.Struct, kw_only=True):
    """How much of what was paid goes back, fen."""

    refund: Annotated[int, msgspec.Meta(ge=1)]
    total: Annotated[int, msgspec.Meta(ge=1)]
    currency: Literal["CNY"]


class RefundIn(msgspec.Struct, kw_only=True):
    """A refund as merchants send it."""

    out_refund_no: Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z_\-|*@]{1,64}$")]
    amount: RefundAmountIn
    transaction_id: str | None = None
    out_trade_no: str | None = None
    reason: Annotated[str, msgspec.Meta(max_length=80)] | None = None
    notify_url: Annotated[str, msgspec.Meta(pattern=r"^https?://[^?#]+$")] | None = None

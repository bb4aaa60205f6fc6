"""The calls a mini program's server makes, one function each. All raise as `Client.post`.

Sources: WeChat's documentation for mini programs, 开发/服务端.
"""

from typing import Literal

import msgspec

from jishi_wechat_miniprogram.client import Client
from jishi_wechat_miniprogram.problems import Refused

NOT_CHANGED = 10060023
"""upload_shipping_info: WeChat knows exactly this already."""


class Session(msgspec.Struct, frozen=True):
    """Whose login code it was. WeChat's session_key is not even read."""

    openid: str
    unionid: str = ""


class Watermark(msgspec.Struct, frozen=True):
    """For whom WeChat gave a phone number out."""

    appid: str = ""


class PhoneInfo(msgspec.Struct, frozen=True):
    """A phone number that WeChat verified."""

    pure: str = msgspec.field(name="purePhoneNumber")
    country: str = msgspec.field(name="countryCode")
    watermark: Watermark = Watermark()


class _Phone(msgspec.Struct, frozen=True):
    phone_info: PhoneInfo


class _Nothing(msgspec.Struct, frozen=True):
    pass


class _Value(msgspec.Struct, frozen=True):
    value: str


class SubscribeMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message that a user allowed once."""

    touser: str
    template_id: str
    data: dict[str, _Value]
    page: str = ""
    miniprogram_state: Literal["", "trial", "developer"] = ""


class CodeWish(msgspec.Struct, frozen=True, kw_only=True):
    """A mini-program code that shall be drawn."""

    scene: str
    page: str
    check_path: bool = False
    env_version: Literal["release", "trial", "develop"] = "release"
    width: int = 430


class OrderKey(msgspec.Struct, frozen=True, kw_only=True):
    """A payment, by WeChat's number."""

    order_number_type: Literal[2] = 2
    transaction_id: str


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """The receiver's telephone, all but its ends masked."""

    receiver_contact: str


class Parcel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One parcel, or whatever stands for it."""

    tracking_no: str = ""
    express_company: str = ""
    item_desc: str
    contact: Contact | None = None


class Payer(msgspec.Struct, frozen=True, kw_only=True):
    """Who paid."""

    openid: str


LogisticsType = Literal[1, 2, 3, 4]
"""1 express, 2 same-city, 3 virtual, 4 self-pickup."""


class ShippingInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What was shipped for one payment."""

    order_key: OrderKey
    logistics_type: LogisticsType
    delivery_mode: Literal[1, 2]
    is_all_delivered: bool
    shipping_list: tuple[Parcel, ...]
    upload_time: str
    payer: Payer


class PartShippingInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What was shipped for one part of a combined payment."""

    order_key: OrderKey
    logistics_type: LogisticsType
    delivery_mode: Literal[1, 2]
    is_all_delivered: bool
    shipping_list: tuple[Parcel, ...]


class CombinedShippingInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What was shipped for several orders that were paid together."""

    order_key: OrderKey
    sub_orders: tuple[PartShippingInfo, ...]
    upload_time: str
    payer: Payer


class WechatOrder(msgspec.Struct, frozen=True, kw_only=True):
    """How WeChat sees a payment.

    Attributes:
        order_state: 1 to be shipped, 2 shipped, 3 received, 4 settled, 5 refunded, 6 money waits.
        transaction_id: WeChat's number.
    """

    transaction_id: str
    order_state: int


class _Order(msgspec.Struct, frozen=True):
    order: WechatOrder


async def log_in(client: Client, code: str) -> Session:
    """Who has this login code; it serves once, for five minutes."""
    query = {"js_code": code, "grant_type": "authorization_code"}
    return await client.exchange("/sns/jscode2session", query, Session)


async def phone_number(client: Client, code: str) -> PhoneInfo:
    """The phone number that a user gave the mini program; the code serves once."""
    answer = await client.post("/wxa/business/getuserphonenumber", {"code": code}, _Phone)
    return answer.phone_info


def message_of(
    openid: str, template: str, values: dict[str, str], page: str, state: str
) -> SubscribeMessage:
    """A subscribe message; its values fit their types."""
    return SubscribeMessage(
        touser=openid,
        template_id=template,
        data={key: _Value(value) for key, value in values.items()},
        page=page,
        miniprogram_state="" if state == "formal" else msgspec.convert(state, _STATE),
    )


async def send_message(client: Client, message: SubscribeMessage) -> None:
    """Send a subscribe message."""
    await client.post("/cgi-bin/message/subscribe/send", message, _Nothing)


async def draw_code(client: Client, wish: CodeWish) -> tuple[bytes, str]:
    """The image of a code, and its media type."""
    return await client.post_for_image("/wxa/getwxacodeunlimit", wish)


async def upload_shipping(client: Client, info: ShippingInfo | CombinedShippingInfo) -> None:
    """Tell WeChat what was shipped; what it knows already is no error."""
    combined = isinstance(info, CombinedShippingInfo)
    name = "upload_combined_shipping_info" if combined else "upload_shipping_info"
    try:
        await client.post(f"/wxa/sec/order/{name}", info, _Nothing)
    except Refused as refused:
        if refused.code != NOT_CHANGED:
            raise


async def find_order(client: Client, transaction_id: str) -> WechatOrder:
    """How WeChat sees a payment."""
    wish = {"transaction_id": transaction_id}
    return (await client.post("/wxa/sec/order/get_order", wish, _Order)).order


_STATE = Literal["trial", "developer"]

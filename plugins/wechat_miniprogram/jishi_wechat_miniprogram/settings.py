"""What a merchant writes in ``[plugins.wechat_miniprogram]``; most stands in WeChat's console."""

import re
from typing import Annotated, Literal

import msgspec

from jishi.config import Secret, setting
from jishi_wechat_miniprogram.values import DoesNotFit, kind_of

HOST = "https://api.weixin.qq.com"
Mode = Literal["plaintext", "compat", "safe"]
State = Literal["formal", "trial", "developer"]
Wanted = Literal["on", "off"]

_AES_KEY = re.compile(r"[0-9A-Za-z]{43}")
_PAGE = re.compile(r"[^/].{0,1000}")


class PushSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``push``: messages that WeChat sends to the shop, as set under 开发设置 → 消息推送."""

    token: Annotated[Secret, setting(help="The push's Token.", scope="shop")]
    aes_key: Annotated[
        Secret | None,
        setting(help="The EncodingAESKey, 43 letters; not for plaintext.", scope="shop"),
    ] = None
    mode: Annotated[
        Mode, setting(help="How messages come: plaintext, compat or safe.", scope="shop")
    ] = "safe"

    def __post_init__(self) -> None:
        if self.mode != "plaintext" and self.aes_key is None:
            raise ValueError(f"push: mode {self.mode} needs aes_key, the console's EncodingAESKey")
        if self.aes_key is not None and not _AES_KEY.fullmatch(self.aes_key.reveal()):
            raise ValueError("push.aes_key: expected the 43 letters and digits of EncodingAESKey")


class AppSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[plugins.wechat_miniprogram.apps.<channel>]``: one mini program."""

    appid: Annotated[
        str, setting(help="The AppID.", pattern=r"^[0-9A-Za-z_]{4,32}$", scope="shop")
    ]
    secret: Annotated[Secret, setting(help="The AppSecret.", scope="shop")]
    push: Annotated[
        PushSettings | None, setting(help="Messages that WeChat pushes.", scope="shop")
    ] = None
    state: Annotated[
        State,
        setting(
            help="Which version messages and codes open: formal, trial, developer.", scope="shop"
        ),
    ] = "formal"


class MessageSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[plugins.wechat_miniprogram.messages."order.paid"]``: what an event says to a member."""

    template: Annotated[str, setting(help="The template's id.", pattern=r"^[0-9A-Za-z_-]{8,64}$")]
    values: Annotated[dict[str, str], setting(help="By the template's keys: amount2 = '{total}'.")]
    page: Annotated[str, setting(help="The page that opens: pages/order/index?id={order}.")] = ""

    def __post_init__(self) -> None:
        if not self.values:
            raise ValueError("values: expected the template's keys, such as thing1 = '{goods}'")
        for key in self.values:
            try:
                kind_of(key)
            except DoesNotFit as error:
                raise ValueError(f"values.{error}") from None
        if self.page and not _PAGE.fullmatch(self.page):
            raise ValueError("page: expected a path without a slash before it")


class PageSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[plugins.wechat_miniprogram.pages]``: what a scanned code opens."""

    product: Annotated[str, setting(help="A product's page.")] = "pages/product/index"
    store: Annotated[str, setting(help="A store's page.")] = "pages/store/index"
    table: Annotated[str, setting(help="The page to order at a table.")] = "pages/table/index"

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            if not _PAGE.fullmatch(getattr(self, name)):
                raise ValueError(f"pages.{name}: expected a path without a slash before it")


class WechatMiniprogramSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """``[plugins.wechat_miniprogram]``: the shop's mini programs."""

    apps: Annotated[
        dict[str, AppSettings],
        setting(help="By channel: the mini program's appid, secret and push.", scope="shop"),
    ]
    messages: Annotated[
        dict[str, MessageSettings],
        setting(help="By event: the subscribe message that tells the member.", scope="shop"),
    ] = {}
    consents: Annotated[
        Literal["client", "push"],
        setting(
            help="Who counts members' consents: the client's word or WeChat's push.", scope="shop"
        ),
    ] = "client"
    shipping: Annotated[
        Wanted, setting(help="Tell WeChat what was shipped, so that it pays out.", scope="shop")
    ] = "on"
    carriers: Annotated[
        dict[str, str],
        setting(help="The shop's names of carriers and WeChat's codes: 顺丰 = SF.", scope="shop"),
    ] = {}
    riders: Annotated[
        tuple[str, ...],
        setting(
            help="Carriers that are the shop's own people: reported as same-city.", scope="shop"
        ),
    ] = ()
    virtual: Annotated[
        tuple[str, ...],
        setting(help="Deliveries without goods, by code: gift_card, download.", scope="shop"),
    ] = ()
    pages: Annotated[
        PageSettings, setting(help="The pages that mini-program codes open.", scope="shop")
    ] = PageSettings()
    host: Annotated[
        str,
        setting(
            help="Where WeChat answers.", pattern=r"^https?://[^/]+$", scope="shop", console="no"
        ),
    ] = HOST

    def __post_init__(self) -> None:
        if not self.apps:
            raise ValueError("apps: expected a table per channel, such as apps.mini_program")
        ids = [app.appid for app in self.apps.values()]
        secrets = {app.appid: app for app in self.apps.values()}
        for app in self.apps.values():
            if ids.count(app.appid) > 1 and secrets[app.appid] != app:
                raise ValueError(f"apps: {app.appid} stands there twice, and not the same")

    def app_of(self, channel: str) -> AppSettings | None:
        """The mini program of a channel."""
        return self.apps.get(channel)

    def app_called(self, appid: str) -> AppSettings | None:
        """The mini program with an AppID; None for a stranger's."""
        return next((app for app in self.apps.values() if app.appid == appid), None)

    @property
    def appids(self) -> tuple[str, ...]:
        """The AppIDs of every mini program, each once."""
        return tuple(dict.fromkeys(app.appid for app in self.apps.values()))

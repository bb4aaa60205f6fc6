"""Switches WeChat Pay on in a shop."""

from typing import ClassVar
from urllib.parse import urlsplit

from jishi.payments import Gateway
from jishi.plugins import Declaration, Plugin, hookimpl
from jishi_wechat_pay.gateway import WechatGateway
from jishi_wechat_pay.settings import HOSTS, WechatPaySettings


class WechatPay(Plugin):
    """Takes payments with WeChat Pay API v3 as a direct merchant."""

    declaration: ClassVar[Declaration] = Declaration(
        name="wechat_pay",
        version="0.1.0",
        settings=WechatPaySettings,
        scopes=("payments:provider",),
        hosts=tuple(urlsplit(host).netloc for host in HOSTS),
        required="yes",
    )

    def __init__(self, settings: WechatPaySettings) -> None:
        self._settings = settings

    @hookimpl
    def register_gateways(self) -> list[Gateway]:
        """Bring the gateway ``wechat_pay``."""
        return [WechatGateway(self._settings)]

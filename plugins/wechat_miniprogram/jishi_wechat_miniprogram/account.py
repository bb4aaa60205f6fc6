"""What the plugin needs to speak for its mini programs, made once there is a shop."""

from jishi.plugins import Desk
from jishi.shop import Shop
from jishi_wechat_miniprogram.client import Client
from jishi_wechat_miniprogram.connection import Connection
from jishi_wechat_miniprogram.push import PushReader
from jishi_wechat_miniprogram.seal import Seal
from jishi_wechat_miniprogram.settings import AppSettings, WechatMiniprogramSettings
from jishi_wechat_miniprogram.tokens import AccessTokens

SOURCE = "wechat_miniprogram"
"""Who proved an identity: WeChat, here."""


class Account:
    """The lines of all mini programs of a shop.

    Args:
        settings: The plugin's.
        desk: The plugin's.
        shop: Its secret seals the tokens.
    """

    def __init__(self, settings: WechatMiniprogramSettings, desk: Desk, shop: Shop) -> None:
        self.settings = settings
        self.desk = desk
        self.shop = shop
        self._connection = Connection(settings.host)
        self._seal = Seal(shop.config.shop.secret)
        self._clients = {app.appid: self._client(app) for app in settings.apps.values()}
        self._readers = {
            app.appid: PushReader(app.appid, app.push)
            for app in settings.apps.values()
            if app.push is not None
        }

    def client(self, appid: str) -> Client:
        """The line of a mini program."""
        return self._clients[appid]

    def reader(self, appid: str) -> PushReader | None:
        """The letter box of a mini program; None when it has none."""
        return self._readers.get(appid)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._connection.close()

    def _client(self, app: AppSettings) -> Client:
        tokens = AccessTokens(app, self.desk, self._connection, self._seal)
        return Client(app, self._connection, tokens)

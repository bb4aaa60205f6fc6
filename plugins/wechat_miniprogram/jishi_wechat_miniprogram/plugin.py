"""Switches WeChat mini programs on in a shop."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit

from litestar.types import ControllerRouterHandler

from jishi.events import Happened, JobKind, Listener, Schedule
from jishi.personal import PersonalTable
from jishi.plugins import Declaration, Plugin, Writing, hookimpl
from jishi.shop import Shop
from jishi_wechat_miniprogram.account import Account
from jishi_wechat_miniprogram.hear import hear
from jishi_wechat_miniprogram.personal import PERSONAL
from jishi_wechat_miniprogram.routes import routes_of
from jishi_wechat_miniprogram.settings import HOST, WechatMiniprogramSettings
from jishi_wechat_miniprogram.tables import TABLES
from jishi_wechat_miniprogram.take_push import act_on_push, forget_pushes
from jishi_wechat_miniprogram.upload_shipping import behind, upload_shipping

LOOK_BACK = timedelta(days=30)
"""How long a shipment that WeChat has not heard of is tried again."""


class WechatMiniprogram(Plugin):
    """Members of mini programs, messages to them, codes, and what WeChat must know of shipping."""

    declaration: ClassVar[Declaration] = Declaration(
        name="wechat_miniprogram",
        version="0.1.0",
        settings=WechatMiniprogramSettings,
        scopes=("orders:read", "payments:read"),
        hosts=(urlsplit(HOST).netloc,),
        tables=TABLES,
        migrations="jishi_wechat_miniprogram.migrations",
    )

    def __init__(self, settings: WechatMiniprogramSettings) -> None:
        self._settings = settings
        self._account: Account | None = None

    @hookimpl
    def register_routes(self) -> list[ControllerRouterHandler]:
        """Login, phone, consents, codes, scenes, the push, the report of frozen money."""
        return routes_of(self.account)

    @hookimpl
    def register_jobs(self) -> Sequence[Schedule | JobKind | Listener]:
        """Messages for the events the merchant named; the upload of shipping info."""
        heard = [
            Listener(event=event, name="message", do=self._tell)
            for event in self._settings.messages
        ]
        always: list[Schedule | JobKind | Listener] = [
            JobKind(name="act_on_push", do=self._act),
            JobKind(name="upload", do=self._upload_again),
            Schedule(name="forget_pushes", every=timedelta(days=1), do=self._forget),
        ]
        if self._settings.shipping == "off":
            return [*heard, *always]
        return [
            *heard,
            *always,
            Listener(event="order.shipped", name="upload", do=self._upload),
            Listener(event="order.refunded", name="upload", do=self._upload),
            Schedule(name="catch_up", every=timedelta(hours=1), do=self._catch_up),
        ]

    @hookimpl
    def register_personal_data(self) -> Sequence[PersonalTable]:
        """Who agreed to messages, and who was sent one."""
        return PERSONAL

    def account(self, shop: Shop) -> Account:
        """What the plugin works with; made when it is first wanted."""
        if self._account is None or self._account.shop is not shop:
            self._account = Account(self._settings, self.desk, shop)
        return self._account

    async def close(self) -> None:
        """Let go of the connections."""
        if self._account is not None:
            await self._account.close()
            self._account = None

    async def _tell(self, shop: Shop, happened: Happened) -> None:
        await hear(self.account(shop), happened)

    async def _upload(self, shop: Shop, happened: Happened) -> None:
        await upload_shipping(self.account(shop), happened.subject)

    async def _act(self, shop: Shop, payload: dict[str, Any]) -> None:
        told = (str(payload[name]) for name in ("app", "event", "transaction"))
        await act_on_push(self.account(shop), *told)

    async def _upload_again(self, shop: Shop, payload: dict[str, Any]) -> None:
        await upload_shipping(self.account(shop), str(payload["order"]))

    async def _catch_up(self, shop: Shop) -> None:
        now = self.desk.now()
        orders = await behind(self.account(shop), now - LOOK_BACK)

        async def work(tx: Writing) -> None:
            for order in orders:
                await tx.enqueue("upload", {"order": order}, key=f"{order}:{now:%Y%m%d%H}")

        await self.desk.atomically(work)

    async def _forget(self, shop: Shop) -> None:
        await forget_pushes(self.account(shop))

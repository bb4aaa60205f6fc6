"""The plugin's declaration and its hooks."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar

from litestar.types import ControllerRouterHandler

from jishi.dossiers import Look
from jishi.events import JobKind, Listener, Schedule
from jishi.personal import PersonalTable
from jishi.plugins import Declaration, Plugin, hookimpl
from jishi.shop import Shop
from jishi_privacy import jobs
from jishi_privacy.looks import keep_look
from jishi_privacy.member_routes import MEMBER_ROUTES
from jishi_privacy.personal import PERSONAL
from jishi_privacy.settings import PrivacySettings
from jishi_privacy.staff_routes import STAFF_ROUTES
from jishi_privacy.tables import TABLES


class Privacy(Plugin):
    """Personal data in Jishi: consent, export, erasure, retention, an access log."""

    declaration: ClassVar[Declaration] = Declaration(
        name="privacy",
        version="0.1.0",
        settings=PrivacySettings,
        scopes=("members:read", "orders:read"),
        tables=TABLES,
        migrations="jishi_privacy.migrations",
        live_settings="yes",
    )

    def __init__(self, settings: PrivacySettings) -> None:
        self.settings = settings

    @hookimpl
    def register_routes(self) -> Sequence[ControllerRouterHandler]:
        """Routes below ``/privacy``."""
        return [*MEMBER_ROUTES, *STAFF_ROUTES]

    @hookimpl
    def register_personal_data(self) -> Sequence[PersonalTable]:
        """What this plugin itself keeps about people."""
        return PERSONAL

    @hookimpl
    def register_jobs(self) -> Sequence[Schedule | JobKind | Listener]:
        """Archives, erasures, new keys; retention once a day, archives thrown away each hour."""
        return [
            JobKind(name="export", do=self.export),
            JobKind(name="erasure", do=self.erase),
            JobKind(name="reseal", do=self.reseal),
            Schedule(name="retention", every=timedelta(days=1), do=self.retain),
            Schedule(name="archives", every=timedelta(hours=1), do=self.throw_away),
        ]

    @hookimpl
    async def staff_looked(self, look: Look) -> None:
        """Keep who looked at whom."""
        await keep_look(self.desk, look)

    async def export(self, shop: Shop, payload: dict[str, Any]) -> None:
        """Make an archive."""
        await jobs.make_archive(shop, self.desk, payload)

    async def erase(self, shop: Shop, payload: dict[str, Any]) -> None:
        """Forget a member."""
        await jobs.forget(shop, self.desk, payload)

    async def reseal(self, shop: Shop, _: dict[str, Any]) -> None:
        """Bring everything to the newest key."""
        await jobs.seal_again(shop, self.desk)

    async def retain(self, shop: Shop) -> None:
        """Remove what is too old."""
        await jobs.remove_old(shop, self.desk, self.settings)

    async def throw_away(self, _: Shop) -> None:
        """Throw away archives that nobody fetched."""
        await jobs.throw_away(self.desk, self.settings)

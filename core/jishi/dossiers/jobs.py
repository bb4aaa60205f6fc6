"""Tell plugins who looked at whom."""

from typing import Any

from jishi.dossiers.structs import Look
from jishi.events import Handlers, Happened
from jishi.hookspecs.personal import staff_looked
from jishi.shop import Shop


def register(handlers: Handlers) -> None:
    """Bring the room's events to plugins."""
    handlers.tells("staff.looked", staff_looked, _look)


async def _look(shop: Shop, event: Happened) -> dict[str, Any]:
    data: dict[str, Any] = event.data
    look = Look(
        id=event.id,
        staff=event.subject,
        kind=data["kind"],
        subjects=tuple(data["subjects"]),
        request_id=data["request_id"],
        address=data["address"],
        at=event.at or shop.clock.now(),
    )
    return {"look": look}

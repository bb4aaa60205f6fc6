"""All routes below ``/promotions/``."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from jishi_promotions.admin_routes import ADMIN_ROUTES
from jishi_promotions.store_routes import STORE_ROUTES
from jishi_promotions.till_routes import TILL_ROUTES

if TYPE_CHECKING:
    from litestar.types import ControllerRouterHandler

ROUTES: "Sequence[ControllerRouterHandler]" = (*ADMIN_ROUTES, *STORE_ROUTES, *TILL_ROUTES)

"""How the catalogue is reached."""

from jishi.catalogue.admin_routes import ADMIN_ROUTES
from jishi.catalogue.goods_routes import GOODS_ROUTES
from jishi.catalogue.store_routes import STORE_ROUTES

ROUTES = (*STORE_ROUTES, *ADMIN_ROUTES, *GOODS_ROUTES)
"""Every handler of this room."""

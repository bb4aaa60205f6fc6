"""The shop on the web: assembled, protected, described and served.

Start reading at `assemble`: it collects what the rooms and plugins bring. `front` stands before
everything; `answers` turns every failure into a problem document.
"""

from jishi.web.assemble import Jishi, create_app, make_shop, open_shop
from jishi.web.life import MigrationsPending, Pending, require_tables
from jishi.web.logs import set_up_logs
from jishi.web.rooms import handlers_of, migrations_of
from jishi.web.server import serve
from jishi.web.settings import WebSettings
from jishi.web.visitors import cookie_of
from jishi.web.working import work

__all__ = [
    "Jishi",
    "MigrationsPending",
    "Pending",
    "WebSettings",
    "cookie_of",
    "create_app",
    "handlers_of",
    "make_shop",
    "migrations_of",
    "open_shop",
    "require_tables",
    "serve",
    "set_up_logs",
    "work",
]

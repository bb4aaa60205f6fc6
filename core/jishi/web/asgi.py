"""What a server process imports: the factory `app`; JISHI_CONFIG names the build."""

import gc

from litestar import Litestar

from jishi.config import load_config
from jishi.web.assemble import create_app
from jishi.web.logs import set_up_logs
from jishi.web.settings import WebSettings


def app() -> Litestar:
    """The shop of the build that JISHI_CONFIG names, else of ``./jishi.toml``."""
    config = load_config()
    set_up_logs(config.section("web", WebSettings).log)
    made = create_app(config)
    gc.freeze()  # what is here now stays: looking through it for garbage would stop every request
    return made

"""What a worker process of `jishi serve` runs: the shop behind its gate."""

from jishi.config import load_config
from jishi.web import asgi
from jishi.web.gate import Gate
from jishi.web.settings import WebSettings


def app() -> Gate:
    """The shop of the build that JISHI_CONFIG names, with no more requests inside than it says."""
    made = asgi.app()
    gate = Gate(made, load_config().section("web", WebSettings).requests_at_once)
    made.state.metrics.watch(gate)
    return gate

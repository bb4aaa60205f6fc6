"""The plugin behind a request: its settings may have changed since the routes were made."""

from typing import TYPE_CHECKING, Any, cast

from litestar import Request

from jishi.callers import caller_of
from jishi.plugins import Where
from jishi.problems import OutOfService
from jishi.shop import shop_of

if TYPE_CHECKING:
    from jishi_promotions.plugin import Promotions

AnyRequest = Request[Any, Any, Any]


def plugin_of(request: AnyRequest) -> "Promotions":
    """The plugin as it is set up where the request comes from.

    Raises:
        OutOfService: It is off there.
    """
    caller = caller_of(request)
    where = Where(channel=caller.channel, store=caller.store)
    plugin = shop_of(request).hooks.plugin("promotions", where)
    if plugin is None:
        raise OutOfService("Promotions are off here.")
    return cast("Promotions", plugin)

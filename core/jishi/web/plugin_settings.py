"""How staff see and change the settings of plugins."""

from typing import Any

from litestar import Request, get, patch
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody

from jishi.callers import Caller, require_staff
from jishi.db import Transaction
from jishi.plugins import (
    Saved,
    SettingsForm,
    find_saved,
    keep,
    load_saved,
    settings_form,
    settle,
    with_changes,
)
from jishi.shop import Shop, shop_of
from jishi.staff import record

AnyRequest = Request[object, object, State]


@get("/admin/plugins/{plugin:str}/settings", operation_id="plugins_settings", tags=["plugins"])
async def get_settings(request: AnyRequest, plugin: FromPath[str]) -> SettingsForm:
    """A plugin's settings as a form: JSON Schema and the present values, secrets left out."""
    require_staff(request, "plugins:read")
    shop = shop_of(request)
    return settings_form(shop.hooks, await find_saved(shop.database, plugin))


@patch(
    "/admin/plugins/{plugin:str}/settings",
    operation_id="plugins_change_settings",
    tags=["plugins"],
)
async def patch_settings(
    request: AnyRequest, plugin: FromPath[str], data: JSONBody[dict[str, Any]]
) -> SettingsForm:
    """Change some settings; null takes back what was saved. The answer says when it counts."""
    caller = require_staff(request, "plugins:write")
    return await change_settings(shop_of(request), caller, plugin, data)


async def change_settings(
    shop: Shop, caller: Caller, name: str, changes: dict[str, Any]
) -> SettingsForm:
    """Save changed settings of a plugin; every process takes them over within a second.

    Args:
        shop: The shop.
        caller: Who changes them.
        name: The plugin.
        changes: Values by key; None takes back what was saved.

    Raises:
        NoSettings: There is nothing to change.
        WrongSettings: The plugin cannot work with them; nothing was saved.
        Clash: Somebody changed them at the same moment.
    """
    before = await find_saved(shop.database, name)
    values = with_changes(shop.hooks, before, changes)

    async def work(tx: Transaction) -> None:
        await keep(tx, before, values, shop.clock.now())
        await record(tx, shop, caller, "plugin.configured", name, {"changes": changes})

    if values != before.values:
        await shop.database.atomically(work)
    saved = await load_saved(shop.database)
    settle(shop.hooks, saved)
    now = next((each for each in saved if each.plugin == name), Saved(name))
    return settings_form(shop.hooks, now)


ROUTES = (get_settings, patch_settings)

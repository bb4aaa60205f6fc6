"""What routes work with: the plugin as it is now."""

from typing import Any, Protocol, cast

import msgspec

from jishi.plugins import Desk, Plugin
from jishi.problems import NotFound
from jishi_privacy.settings import PrivacySettings


class Office(msgspec.Struct, frozen=True):
    """The plugin's desk and settings."""

    desk: Desk
    settings: PrivacySettings


class _Request(Protocol):
    @property
    def app(self) -> Any: ...


class _Privacy(Protocol):
    settings: PrivacySettings


def office_of(request: _Request) -> Office:
    """The office of the shop that serves a request.

    Raises:
        NotFound: The plugin is off.
    """
    plugin: Plugin | None = request.app.state.shop.hooks.plugin("privacy")
    if plugin is None:
        raise NotFound
    return Office(plugin.desk, cast("_Privacy", plugin).settings)

"""Extras: what a shopper's client says to plugins, by ``<plugin>.<name>``; wishes, never facts."""

from collections.abc import Mapping
from typing import Annotated

import msgspec

from jishi.plugins import Where
from jishi.problems import Invalid
from jishi.shop import Shop

MOST = 20

Extras = Annotated[
    dict[
        Annotated[
            str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\Z", max_length=64)
        ],
        Annotated[str, msgspec.Meta(max_length=200)],
    ],
    msgspec.Meta(max_length=MOST, description="Wishes for plugins: `<plugin>.<name>` and a text."),
]
"""As clients send them."""


def check_extras(shop: Shop, where: Where, extras: Mapping[str, str]) -> None:
    """Refuse a wish that nobody here could hear.

    Raises:
        Invalid: Its plugin is not switched on in this place.
    """
    for name in extras:
        plugin = name.partition(".")[0]
        if shop.hooks.plugin(plugin, where) is None:
            raise Invalid(
                f"The extra {name!r} is for the plugin {plugin!r}, which is not switched on here.",
                field="extras",
                next_step="Leave it out.",
            )

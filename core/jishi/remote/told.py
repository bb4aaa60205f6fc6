"""What a remote plugin is told: plain JSON, without people's data unless a scope allows it."""

from collections.abc import Collection
from typing import Any

import msgspec

CONTACT = "members:contact"
"""The scope that lets people's data go out."""

PERSONAL = ("address", "contact", "note")
"""What is left out of orders otherwise."""


def told(order: msgspec.Struct, scopes: Collection[str]) -> dict[str, Any]:
    """An order, or a draft of one, as it is sent."""
    plain: dict[str, Any] = msgspec.to_builtins(order, str_keys=True)
    if CONTACT in scopes:
        return plain
    return {key: value for key, value in plain.items() if key not in PERSONAL}


def priced(basket: msgspec.Struct) -> dict[str, Any]:
    """A basket as it is sent; what other plugins loaded is theirs."""
    fields = msgspec.structs.asdict(basket)
    fields["extras"] = dict(fields["extras"])  # a view on what cannot be changed
    return {
        key: msgspec.to_builtins(value, str_keys=True)
        for key, value in fields.items()
        if key != "loaded"
    }

"""What one plugin loaded is shown to all: so that nobody changes it, containers become frozen."""

from types import MappingProxyType
from typing import Any


def frozen(value: Any) -> Any:
    """The value with dicts, lists and sets in it replaced by ones that cannot change."""
    kind = type(value)
    if kind is dict:
        return MappingProxyType({key: frozen(each) for key, each in value.items()})
    if kind is list or kind is tuple:
        return tuple(frozen(each) for each in value)
    if kind is set:
        return frozenset(value)
    return value

"""Tells structs, tagged unions, choices and secrets apart in the types of settings."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeGuard, get_args, get_origin

import msgspec

from jishi.config.secret import Secret
from jishi.config.wording import members, plain


def is_struct(hint: object) -> TypeGuard[type[msgspec.Struct]]:
    """Whether it is a struct, with or without metadata."""
    bare = plain(hint)
    return isinstance(bare, type) and issubclass(bare, msgspec.Struct)


def hides_secrets(hint: object) -> bool:
    """Whether a value of this type may hold a secret, so that it must not be shown."""
    bare = plain(hint)
    if is_struct(bare):
        return any(hides_secrets(field.type) for field in msgspec.structs.fields(bare))
    return bare is Secret or any(hides_secrets(inner) for inner in get_args(bare))


def is_for_the_file(hint: object) -> bool:
    """Whether a value of this type may hold a secret or lead to a file of the machine."""
    bare = plain(hint)
    if is_struct(bare):
        return any(is_for_the_file(field.type) for field in msgspec.structs.fields(bare))
    return bare in (Secret, Path) or any(is_for_the_file(inner) for inner in get_args(bare))


def tagged(table: Mapping[str, object], structs: list[Any]) -> object:
    """The struct whose tag the table carries, else the first."""
    for struct in structs:
        config = plain(struct).__struct_config__  # type: ignore[attr-defined]
        if config.tag_field and table.get(config.tag_field) == config.tag:
            return struct
    return structs[0]


def choices(hint: object) -> list[str]:
    """The words that a ``Literal`` allows."""
    words = [get_args(plain(m)) for m in members(hint) if get_origin(plain(m)) is Literal]
    return [word for group in words for word in group if isinstance(word, str)]

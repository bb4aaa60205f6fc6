"""What a setting is called, means and is measured in; README tables and forms are made from it."""

from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec

from jishi.config.secret import Secret
from jishi.config.shapes import is_for_the_file
from jishi.config.wording import expected, members, plain, shown

Scope = Literal["shop", "channel", "store"]
"""How far down a setting may be overridden."""


def setting(
    *,
    title: str | None = None,
    help: str | None = None,  # noqa: A002 - the word every settings form uses
    unit: str | None = None,
    scope: Scope = "store",
    console: Literal["yes", "no"] = "yes",
    ge: int | None = None,
    le: int | None = None,
    pattern: str | None = None,
    min_length: int | None = None,
    max_length: int | None = None,
) -> msgspec.Meta:
    """Describe a field of a settings struct, inside ``Annotated``.

    Args:
        title: The label in a form.
        help: One sentence for the merchant.
        unit: What a number counts: ``fen``, ``points``, ``grams``, ``minutes``.
        scope: The deepest place where the setting may be overridden.
        console: ``no`` when only the file and the environment may say it: whom to call, what
            to allow. Secrets and paths of files never are the console's.
        ge: The smallest allowed number.
        le: The largest allowed number.
        pattern: A regular expression that a text must match.
        min_length: The fewest characters or items.
        max_length: The most characters or items.

    Returns:
        The metadata: ``points: Annotated[int, setting(unit="points", ge=0)] = 1``.
    """
    limits: dict[str, Any] = {
        "ge": ge,
        "le": le,
        "pattern": pattern,
        "min_length": min_length,
        "max_length": max_length,
    }
    meta: msgspec.Meta = msgspec.Meta(
        title=title,
        description=help,
        extra={"unit": unit, "scope": scope, "console": console},
        **limits,
    )
    return meta


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """One setting, described for a person.

    Attributes:
        name: The key in the toml.
        type: What may be written, in words: ``a whole number from 1 to 65535``.
        default: The default as toml-like text; None when the setting must be given.
        title: The label in a form.
        help: One sentence for the merchant.
        unit: What a number counts, or None.
        scope: The deepest place where the setting may be overridden.
        secret: ``yes`` when it is written as ``{ env = … }`` or ``{ file = … }``.
        console: Whether staff may change it in the console.
    """

    name: str
    type: str
    default: str | None
    title: str
    help: str
    unit: str | None
    scope: Scope
    secret: Literal["yes", "no"]
    console: Literal["yes", "no"] = "yes"


def describe(settings: type[msgspec.Struct]) -> list[Described]:
    """List the settings of a struct in the order they are declared."""
    return [_described(field) for field in msgspec.structs.fields(settings)]


def _described(field: msgspec.structs.FieldInfo) -> Described:
    meta = _meta(field.type)
    extra = (meta.extra if meta else None) or {}
    secret = any(plain(member) is Secret for member in members(field.type))
    return Described(
        name=field.encode_name,
        type=expected(field.type),
        default=_default(field),
        title=(meta.title if meta else None) or field.name.replace("_", " "),
        help=(meta.description if meta else None) or "",
        unit=extra.get("unit"),
        scope=extra.get("scope", "store"),
        secret="yes" if secret else "no",
        console="no" if is_for_the_file(field.type) else extra.get("console", "yes"),
    )


def _default(field: msgspec.structs.FieldInfo) -> str | None:
    if field.default is not msgspec.NODEFAULT:
        return "none" if field.default is None else shown(field.default)
    if field.default_factory is not msgspec.NODEFAULT:
        made = field.default_factory()
        return "its own defaults" if isinstance(made, msgspec.Struct) else shown(made)
    return None


def _meta(hint: object) -> msgspec.Meta | None:
    """The metadata of a field; the one nearest to the field wins."""
    if get_origin(hint) is Annotated:
        metas = [extra for extra in get_args(hint)[1:] if isinstance(extra, msgspec.Meta)]
        return metas[-1] if metas else None
    return next((found for member in members(hint) if (found := _meta_of(member))), None)


def _meta_of(member: object) -> msgspec.Meta | None:
    return _meta(member) if get_origin(member) is Annotated else None

"""What a console shows: JSON Schema of a settings struct, and values without secrets."""

from pathlib import Path
from typing import Any

import msgspec

from jishi.config.secret import Secret
from jishi.config.settings import Described, describe
from jishi.config.shapes import hides_secrets

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def form_of(settings: type[msgspec.Struct]) -> dict[str, Any]:
    """JSON Schema of a settings struct.

    Besides the usual words each property has ``x-unit``, ``x-scope`` (the deepest place where
    it may be overridden) and ``x-secret``; ``readOnly`` is what only file and environment say.
    """
    fields = msgspec.structs.fields(settings)
    parts: dict[str, Any] = {}
    properties = {
        described.name: _property(field, described, parts)
        for field, described in zip(fields, describe(settings), strict=True)
    }
    form: dict[str, Any] = {
        "$schema": DIALECT,
        "type": "object",
        "properties": properties,
        "required": [field.encode_name for field in fields if field.required],
        "additionalProperties": False,
    }
    return form | ({"$defs": parts} if parts else {})


def values_of(made: msgspec.Struct) -> tuple[dict[str, Any], dict[str, bool]]:
    """The values of a settings struct as JSON has them, and which secrets are set.

    A setting that may hold a secret is among the second alone, whatever else it holds.
    """
    values: dict[str, Any] = {}
    secrets: dict[str, bool] = {}
    for field in msgspec.structs.fields(type(made)):
        value = getattr(made, field.name)
        if hides_secrets(field.type):
            secrets[field.encode_name] = bool(value)
        else:
            values[field.encode_name] = _plain(value)
    return values, secrets


def _property(
    field: msgspec.structs.FieldInfo, described: Described, parts: dict[str, Any]
) -> dict[str, Any]:
    hidden = hides_secrets(field.type)
    shape = {} if hidden else _shape(field.type, parts)
    shape |= {"title": described.title, "x-scope": described.scope}
    shape |= {"x-secret": "yes" if hidden else "no"}
    if described.help:
        shape["description"] = described.help
    if described.unit:
        shape["x-unit"] = described.unit
    if described.console == "no":
        shape["readOnly"] = True
    if not hidden and not field.required:
        shape["default"] = _plain(_default(field))
    return shape


def _default(field: msgspec.structs.FieldInfo) -> object:
    if field.default is not msgspec.NODEFAULT:
        return field.default
    return field.default_factory()


def _shape(hint: Any, parts: dict[str, Any]) -> dict[str, Any]:
    """The type in JSON Schema's words; nothing where it has none."""
    try:
        (shape,), more = msgspec.json.schema_components(
            (hint,), schema_hook=_foreign, ref_template="#/$defs/{name}"
        )
    except TypeError:
        return {}
    parts |= more
    return dict(shape)


def _foreign(kind: type) -> dict[str, Any]:
    if kind is Path or issubclass(kind, Path):
        return {"type": "string"}
    raise NotImplementedError(f"{kind} has no JSON Schema")


def _plain(value: object) -> Any:
    return msgspec.to_builtins(value, enc_hook=_foreign_value, str_keys=True)


def _foreign_value(value: object) -> str:
    if isinstance(value, Secret):
        raise TypeError("a secret is never shown")
    return str(value)

"""Says in a person's words what is wrong with a body: where, what was expected, what to do."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import inspect

from jishi.config import did_you_mean
from jishi.problems import Invalid
from jishi.web.limits import Malformed, TooDeep

_PLACE = re.compile(r"^(?P<said>.*?)(?: - at `(?P<of>key in )?\$(?P<path>.*)`)?$", re.DOTALL)
_UNKNOWN = re.compile(r"unknown field `(.+?)`")
_MISSING = re.compile(r"missing required field `(.+?)`")
_INVENTED = re.compile(r"Invalid enum value '?(.*?)'?$", re.DOTALL)
_BODY = "(the whole body)"
_NO_BODY = ("data", "'data'")  # Litestar's words: its handler's argument got no value
_STEPS = re.compile(r"\.([^.\[\]]+)|\[(?:\.\.\.|\d+)\]")


class UnknownField(Invalid):
    """A field that this address does not have; refused, so that a misspelling is noticed."""

    code = "unknown_field"
    title = "There is no such field"


class MissingField(Invalid):
    """A field that must be there is not."""

    code = "missing_field"
    title = "A field is missing"


class WrongValue(Invalid):
    """A field has a value that it cannot have."""

    code = "wrong_value"
    title = "A field has a wrong value"


def say_validation(message: str, wanted: Any = Any) -> Invalid:
    """A problem for msgspec's complaint.

    Args:
        message: The complaint: ``Expected `int` >= 1 - at `$.lines[2].quantity```.
        wanted: The type that was wanted, to say what could have been meant.
    """
    match = _PLACE.match(message)
    said, path = (match["said"], match["path"] or "") if match else (message, "")
    if unknown := _UNKNOWN.search(said):
        return _unknown(unknown[1], path, wanted)
    if missing := _MISSING.search(said):
        field = f"{path}.{missing[1]}".lstrip(".")
        return MissingField(f"{field} is missing.", field=field, next_step="Send it.")
    field = path.lstrip(".") or _BODY
    return _wrong(field, said, _kinds_at(wanted, path))


def say_decode(error: Exception) -> Invalid | Malformed:
    """A problem for a body that is no JSON at all."""
    if isinstance(error, RecursionError):
        return TooDeep("The JSON is nested too deeply.")
    return Malformed(f"The body is not JSON: {error}.", next_step="Send UTF-8 JSON.")


def say_parameters(errors: Iterable[Any], wanted: Mapping[str, Any]) -> Invalid:
    """A problem for parameters of the path, the query or the headers; the first one counts.

    Args:
        errors: Litestar's complaints.
        wanted: The types of the parameters, to say what could have been meant.
    """
    first = next((each for each in errors if isinstance(each, dict)), {})
    field, said = first.get("key"), str(first.get("message", "it cannot be read"))
    if (field, said) == _NO_BODY:
        return MissingField(
            "The body is missing: a JSON body is expected.",
            field=_BODY,
            next_step="Send JSON with Content-Type: application/json.",
        )
    if isinstance(field, str):
        return _wrong(field, said, _kinds_at(wanted[field], "") if field in wanted else [])
    return WrongValue(f"A parameter cannot be used: {_plain(said)}.")


def _wrong(field: str, said: str, kinds: list[inspect.Type]) -> WrongValue:
    """A wrong value; where only some words are allowed, with these words."""
    words = sorted(f"{word}" for kind in kinds for word in _words(kind))
    invented = _INVENTED.match(said)
    if not invented or not words:
        return WrongValue(f"{field}: {_plain(said)}.", field=field)
    found = invented[1][:60]
    return WrongValue(
        _ended(f"{field}: there is no {found!r}{did_you_mean(found, words)}"),
        field=field,
        next_step=f"One of: {', '.join(words)}.",
    )


def _words(kind: inspect.Type) -> Iterable[object]:
    if isinstance(kind, inspect.LiteralType):
        return kind.values
    return [each.value for each in kind.cls] if isinstance(kind, inspect.EnumType) else []


def _unknown(name: str, path: str, wanted: Any) -> UnknownField:
    field = f"{path}.{name}".lstrip(".")
    known = sorted(_fields_at(wanted, path))
    listed = f"Known here: {', '.join(known)}." if known else "Leave it out."
    return UnknownField(
        _ended(f"There is no field {field!r}{did_you_mean(name, known)}"),
        field=field,
        next_step=listed,
    )


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith("?") else f"{sentence}."


def _plain(said: str) -> str:
    words = said.replace("`", "").replace("object", "a JSON object").replace("array", "a list")
    words = words.replace("Object", "the object").rstrip(".")
    return words[:1].lower() + words[1:]


def _fields_at(wanted: Any, path: str) -> set[str]:
    """The names of the fields that an object at ``path`` may have."""
    structs = [each for each in _kinds_at(wanted, path) if isinstance(each, inspect.StructType)]
    return {field.encode_name for struct in structs for field in struct.fields}


def _kinds_at(wanted: Any, path: str) -> list[inspect.Type]:
    """The types that a value at ``path`` may have."""
    try:
        here: list[inspect.Type] = [inspect.type_info(wanted)]
    except (TypeError, ValueError):
        return []
    for step in _STEPS.finditer(path):
        here = [inner for each in here for inner in _inside(each, step[1])]
    return list(_flat(here))


def _inside(kind: inspect.Type, name: str | None) -> Iterator[inspect.Type]:
    for each in _flat([kind]):
        if isinstance(each, inspect.StructType) and name is not None:
            yield from (field.type for field in each.fields if field.encode_name == name)
        elif isinstance(each, inspect.ListType | inspect.VarTupleType) and name is None:
            yield each.item_type
        elif isinstance(each, inspect.DictType):
            yield each.value_type


def _flat(kinds: Iterable[inspect.Type]) -> Iterator[inspect.Type]:
    for kind in kinds:
        bare = kind.type if isinstance(kind, inspect.Metadata) else kind
        yield from _flat(bare.types) if isinstance(bare, inspect.UnionType) else (bare,)

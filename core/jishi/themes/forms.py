"""Reads what the storefront's forms send: short texts, nothing else."""

import unicodedata
from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import parse_qsl

import msgspec

from jishi.fulfilment import Address
from jishi.themes.problems import FieldWrong, WrongForm
from jishi.themes.visit import AnyRequest

FORM = "application/x-www-form-urlencoded"
_BYTES = 64_000
_FIELDS = 60

S = TypeVar("S", bound=msgspec.Struct)
Form = dict[str, str]


async def read_form(request: AnyRequest) -> Form:
    """The fields of a form, trimmed; of several with one name the last.

    Raises:
        WrongForm: It is not a form of this shop.
    """
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if sent != FORM or len(body) > _BYTES:
        raise WrongForm(f"Expected {FORM} of at most {_BYTES} bytes.")
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_FIELDS
        )
    except ValueError:
        raise WrongForm("The form is not UTF-8, or has too many fields.") from None
    if any("\x00" in value for _, value in pairs):
        raise WrongForm("A text cannot contain the character NUL.")
    return {name: value.strip() for name, value in pairs}


def read_as(kind: type[S], values: Mapping[str, object]) -> S:
    """The values of a form as a story wants them.

    Raises:
        FieldWrong: One of them does not fit.
    """
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        said, _, path = str(error).partition(" - at ")
        field = path.strip("`$.") or None
        raise FieldWrong(f"{field or 'form'}: {said}.", field=field) from None


def whole_number(form: Form, name: str, default: int = 0) -> int:
    """A field that holds a whole number.

    Raises:
        FieldWrong: It does not.
    """
    text = form.get(name, "") or str(default)
    if not text.removeprefix("-").isdecimal() or len(text) > 15:
        raise FieldWrong(f"{name}: expected a whole number.", field=name)
    return int(text)


def wrong_fields(form: Form, kind: type[msgspec.Struct]) -> list[str]:
    """The names of fields that do not fit a struct's."""
    wrong: list[str] = []
    for field in msgspec.structs.fields(kind):
        if field.name not in form and not field.required:
            continue
        try:
            msgspec.convert(form.get(field.name, ""), field.type)
        except msgspec.ValidationError:
            wrong.append(field.name)
    return wrong


def address_fields(form: Form) -> Form:
    """What a form says about an address; digits in a phone number may be of any width."""
    fields = {name: form[name] for name in Address.__struct_fields__ if name in form}
    if "phone" in fields:
        fields["phone"] = unicodedata.normalize("NFKC", fields["phone"])
    return fields

"""Puts right what the web framework says about our types in the API's description.

- ``tuple[X, ...]`` is a list of X; it is described as "X or anything".
- a body that may be missing is not required;
- the Idempotency-Key is, though the handler asks for it in its own words;
- a repeat is answered with 200 where the first answer was 201;
- CSV goes in and comes out as ``text/csv``.
"""

import dataclasses
from collections.abc import Iterator

from litestar.openapi.spec import (
    OpenAPI,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    Reference,
    RequestBody,
    Schema,
)

from jishi.idempotency import LONGEST

_KEY = Schema(type=OpenAPIType.STRING, min_length=1, max_length=LONGEST, pattern=r"\S")
_CSV = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))
_CSV_ANSWERS = frozenset({"catalogue_export"})
_CSV_BODIES = frozenset({"catalogue_import"})


def put_right(description: OpenAPI, operation: Operation) -> None:
    """Correct an operation and everything it refers to.

    Args:
        description: Where the schemas are that others refer to.
        operation: One operation of it.
    """
    for schema in (*(description.components.schemas or {}).values(), *_schemas(operation)):
        _tell_lists(schema)
    _tell_body(operation)
    _tell_key(operation)
    _tell_csv(operation)


def _schemas(operation: Operation) -> Iterator[Schema | Reference | None]:
    contents: list[OpenAPIMediaType] = []
    if isinstance(operation.request_body, RequestBody):
        contents += operation.request_body.content.values()
    for answer in (operation.responses or {}).values():
        if isinstance(answer, OpenAPIResponse):
            contents += (answer.content or {}).values()
    yield from (each.schema for each in contents)


def _tell_lists(schema: Schema | Reference | None) -> None:
    """Take "or anything" out of every list; what is taken out is gone for the next walk."""
    if not isinstance(schema, Schema):
        return
    items = schema.items
    if isinstance(items, Schema) and items.one_of:
        known = [each for each in items.one_of if not _is_anything(each)]
        schema.items = known[0] if len(known) == 1 else Schema(one_of=known)
    inner = [schema.items, *(schema.properties or {}).values()]
    for choices in (schema.one_of, schema.any_of, schema.all_of):
        inner += choices or ()
    if isinstance(schema.additional_properties, Schema):
        inner.append(schema.additional_properties)
    for each in inner:
        _tell_lists(each)


def _is_anything(schema: Schema | Reference) -> bool:
    return isinstance(schema, Schema) and all(
        getattr(schema, field.name) is None for field in dataclasses.fields(schema)
    )


def _tell_body(operation: Operation) -> None:
    body = operation.request_body
    if isinstance(body, RequestBody):
        body.required = not any(_may_be_null(each.schema) for each in body.content.values())


def _may_be_null(schema: Schema | Reference | None) -> bool:
    if not isinstance(schema, Schema):
        return False
    if schema.type == OpenAPIType.NULL:
        return True
    return any(_may_be_null(each) for each in (schema.one_of or ()))


def _tell_key(operation: Operation) -> None:
    for parameter in operation.parameters or ():
        if isinstance(parameter, Parameter) and parameter.name == "Idempotency-Key":
            parameter.required = True
            parameter.schema = _KEY
            _tell_repeat(operation)


def _tell_repeat(operation: Operation) -> None:
    answers = operation.responses or {}
    first = answers.get("201")
    if isinstance(first, OpenAPIResponse) and "200" not in answers:
        repeat = OpenAPIResponse(description="A repeat: the first answer.", content=first.content)
        operation.responses = {"200": repeat, **answers}


def _tell_csv(operation: Operation) -> None:
    if operation.operation_id in _CSV_BODIES:
        operation.request_body = RequestBody(content={"text/csv": _CSV}, required=True)
    answer = (operation.responses or {}).get("200")
    if operation.operation_id in _CSV_ANSWERS and isinstance(answer, OpenAPIResponse):
        answer.content = {"text/csv": _CSV}

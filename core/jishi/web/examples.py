"""Examples for the API's description, made from its schemas: the same at every start, in no time.

A library's random examples took seconds of every start and read like line noise.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from litestar.openapi.spec import (
    OpenAPI,
    OpenAPIMediaType,
    OpenAPIType,
    Operation,
    Reference,
    RequestBody,
    Schema,
)
from litestar.openapi.spec.enums import OpenAPIFormat

_DEEP = 8
"""Levels of an example; a category in a category in a category is enough."""

_NAMED: Mapping[str, object] = {
    "currency": "CNY",
    "price_list": "base",
    "parent": "",
    "role": "packer",
    "scopes": "orders:read",
    "password": "correct horse battery staple",
    "new_password": "correct horse battery staple",
    "sku": "TEA-100G",
    "code": "TEA-100G",
    "handle": "green-tea",
    "title": "明前龙井 100 克",
    "name": "王小明",
    "phone": "13800138000",
    "region": "浙江省",
    "city": "杭州市",
    "district": "西湖区",
    "street": "文三路 100 号",
    "email": "owner@example.com",
    "carrier": "顺丰",
    "tracking": "SF1000000000001",
    "gateway": "wechat_pay",
    "method": "native",
    "amount": 9900,
    "price": 9900,
    "total": 9900,
}
"""What members of these names look like in a shop; amounts in fen."""

_FORMATS: Mapping[str, object] = {
    "date-time": "2026-03-01T08:00:00Z",
    "date": "2026-03-01",
    "uuid": "019c8f6e-0000-7000-8000-000000000001",
    "uri": "https://shop.example.com",
}


def add_examples(description: OpenAPI, operation: Operation) -> None:
    """Give the bodies of an operation an example each.

    Args:
        description: Where the schemas are that others refer to.
        operation: One operation of it.
    """
    known = description.components.schemas or {}
    for content in _contents(operation):
        if content.schema is not None and content.example is None:
            content.example = example_of(content.schema, known)


def _contents(operation: Operation) -> Iterator[OpenAPIMediaType]:
    if isinstance(operation.request_body, RequestBody):
        yield from operation.request_body.content.values()
    for status, answer in (operation.responses or {}).items():
        if status.startswith("2") and not isinstance(answer, Reference):
            yield from (answer.content or {}).values()


def example_of(
    schema: Schema | Reference, known: Mapping[str, Schema], name: str = "", depth: int = 0
) -> Any:
    """A value that fits a schema; always the same one.

    Args:
        schema: The schema, or a reference to one of `known`.
        known: Schemas by name.
        name: The member's name, where it is one.
        depth: How deep in the example it stands.
    """
    if isinstance(schema, Reference):
        found = known.get(schema.ref.rpartition("/")[2])
        return example_of(found, known, name, depth) if found else {}
    if schema.enum or schema.const is not None:
        return schema.const if schema.const is not None else next(iter(schema.enum or ()))
    for choices in (schema.one_of, schema.any_of, schema.all_of):
        for choice in choices or ():
            return example_of(choice, known, name, depth)
    return _of_type(schema, known, name, depth)


def _of_type(schema: Schema, known: Mapping[str, Schema], name: str, depth: int) -> Any:
    kind = (
        schema.type if isinstance(schema.type, OpenAPIType) else next(iter(schema.type or ()), "")
    )
    if kind == OpenAPIType.OBJECT:
        members = schema.properties or {} if depth < _DEEP else {}
        return {each: example_of(of, known, each, depth + 1) for each, of in members.items()}
    if kind == OpenAPIType.ARRAY:
        items = schema.items
        return [example_of(items, known, name, depth + 1)] if items and depth < _DEEP else []
    if kind in (OpenAPIType.INTEGER, OpenAPIType.NUMBER):
        return _number(schema, name)
    if kind == OpenAPIType.BOOLEAN:
        return True
    return _text(schema, name) if kind == OpenAPIType.STRING else None


def _number(schema: Schema, name: str) -> int:
    wanted = _NAMED.get(name)
    number = wanted if isinstance(wanted, int) else 1
    least, most = schema.minimum, schema.maximum
    number = max(number, int(least)) if least is not None else number
    return min(number, int(most)) if most is not None else number


def _text(schema: Schema, name: str) -> object:
    kind = schema.format.value if isinstance(schema.format, OpenAPIFormat) else schema.format
    if kind and kind in _FORMATS:
        return _FORMATS[kind]
    wanted = _NAMED.get(name)
    text = wanted if isinstance(wanted, str) else "…"
    return text[: schema.max_length] if schema.max_length else text

"""The API's description carries an example of every body that has a shape."""

import msgspec

from jishi.checkout.structs import PlaceOrder
from jishi.web import create_app
from jishi.web.docs import describe


async def test_the_example_of_an_order_is_one_that_can_be_read(client):
    paths = (await client.get("/openapi.json")).json()["paths"]
    content = paths["/store/orders"]["post"]["requestBody"]["content"]["application/json"]
    order = msgspec.convert(content["example"], PlaceOrder)
    assert order.lines[0].sku == "TEA-100G"


async def test_every_body_of_the_store_has_an_example(client):
    paths = (await client.get("/openapi.json")).json()["paths"]
    bare = [
        path
        for path, item in paths.items()
        for operation in item.values()
        for content in operation.get("requestBody", {}).get("content", {}).values()
        if "example" not in content
    ]
    assert bare == []


async def test_examples_are_the_same_at_every_start(shop):
    assert describe(create_app(shop)) == describe(create_app(shop))

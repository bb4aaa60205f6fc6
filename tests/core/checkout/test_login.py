"""Whoever logs in keeps what he put into the cart as a guest, over HTTP."""

import asyncio

import pytest

from jishi.plugins import Declaration, Plugin, hookimpl


class Box:
    name = "box"

    def __init__(self) -> None:
        self.codes: list[str] = []

    def serves(self, kind: str) -> bool:
        return kind == "phone"

    async def send(self, identity, code: str) -> None:
        self.codes.append(code)


BOX = Box()


class Letterbox(Plugin):
    declaration = Declaration(name="letterbox", version="1.0")

    @hookimpl
    def register_code_senders(self):
        return [BOX]


@pytest.fixture
def shop_plugins(shop_plugins):
    return shop_plugins | {"letterbox": Letterbox}


async def test_a_guests_cart_is_the_members_after_login(seller, shopper):
    await seller.product("tea")
    opened = (await shopper.send("POST", "/store/carts")).json()["cart"]
    path = f"/store/carts/{opened['id']}"
    await shopper.send("POST", f"{path}/lines", json={"sku": "tea", "quantity": 2})
    sent = await shopper.send("POST", "/store/login/codes", json={"phone": "13800138000"})
    assert sent.status_code == 202
    body = {"phone": "13800138000", "code": BOX.codes[-1]}
    answers = await asyncio.gather(
        *(shopper.send("POST", "/store/login", json=body) for _ in range(5))
    )
    entered = [answer for answer in answers if answer.is_success]
    assert len(entered) == 1
    shopper.headers = {"authorization": f"Bearer {entered[0].json()['token']}"}
    cart = (await shopper.send("GET", "/store/carts/current")).json()
    assert [(line["sku"], line["quantity"]) for line in cart["lines"]] == [("tea", 2)]
    assert (await shopper.send("GET", path)).status_code == 404

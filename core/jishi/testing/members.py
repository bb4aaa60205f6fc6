"""Members who leave something about themselves in every room, to see what becomes of it."""

from typing import Any

import msgspec

from jishi.callers import Caller
from jishi.identifiers import new_id
from jishi.membership import Identity, MemberAddress, add_address, attach_proved, enter
from jishi.orders import complete_order, pay_order, ship_order
from jishi.shop import Shop
from jishi.testing.people import Shopper

Words = tuple[str, str, str, str, str]
"""A person's phone, openid, name, street, and a note."""


class Person(msgspec.Struct):
    """A member and everything that would recognise him."""

    phone: str
    openid: str
    name: str
    street: str
    note: str
    shopper: Shopper
    id: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """What must not be found when he is forgotten."""
        return (self.phone, self.openid, self.name, self.street, self.note)

    @property
    def address(self) -> dict[str, str]:
        """Where his parcels go."""
        return {
            "name": self.name,
            "phone": self.phone,
            "region": "浙江省",
            "city": "杭州市",
            "street": self.street,
        }


ALICE: Words = (
    "13911112222",
    "oLice-_12345678901234567890",
    "欧阳爱丽",
    "翠苑五区 7 幢",
    "放门口的鞋柜",
)
BOB: Words = ("13933334444", "oBoob-_12345678901234567890", "司马博文", "古荡湾 88 号", "周末再送")


async def join(shop: Shop, person: Person) -> Person:
    """Let him log in with his phone, and with WeChat."""
    caller = Caller(kind="guest", id=person.shopper.id)
    async with shop.database.transaction() as tx:
        phone = Identity(kind="phone", value=f"86{person.phone}")
        entered = await enter(tx, shop, phone, caller, person.name)
    person.id = entered.member.id
    person.shopper.id = person.id
    person.shopper.headers = {"authorization": f"Bearer {entered.token}"}
    async with shop.database.transaction() as tx:
        openid = Identity(kind="wechat_openid", value=person.openid, issuer="wx1")
        await attach_proved(tx, shop, person.id, openid, "login")
    address = msgspec.convert(person.address, MemberAddress)
    await add_address(shop, person.id, address)
    return person


async def buy(shop: Shop, person: Person, stage: str = "completed") -> dict[str, Any]:
    """An order of his, with his address, contact and note, a payment and a cart left over."""
    answer = await person.shopper.place(
        {"tea": 1}, address=person.address, contact=person.phone, note=person.note
    )
    assert answer.status_code == 201, answer.text
    order: dict[str, Any] = answer.json()
    if stage == "completed":
        await pay_order(shop, order["id"], order["total"], "test")
        await ship_order(shop, order["id"], "test", new_id(), carrier="SF", tracking="1")
        await complete_order(shop, order["id"], "test")
    opened = (await person.shopper.send("POST", "/store/carts", json={})).json()["cart"]
    body = {"address": person.address, "contact": person.phone, "note": person.note}
    kept = await person.shopper.send("PATCH", f"/store/carts/{opened['id']}", json=body)
    assert kept.status_code == 200, kept.text
    await person.shopper.send(
        "POST", f"/store/carts/{opened['id']}/lines", json={"sku": "tea", "quantity": 1}
    )
    await person.shopper.send("POST", "/store/login/codes", json={"phone": person.phone})
    return order

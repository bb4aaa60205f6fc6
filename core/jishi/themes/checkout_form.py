"""The checkout's form: what it says, what it would cost, what is wrong with it."""

from typing import Literal

import msgspec

from jishi.checkout import (
    Cart,
    PlaceOrder,
    Priced,
    WantedLine,
    current_cart,
    price_wish,
    wish_of_cart,
    wish_of_lines,
)
from jishi.fulfilment import Address
from jishi.identifiers import new_secret
from jishi.membership import KeptAddress, list_addresses
from jishi.problems import Problem
from jishi.themes.forms import Form, address_fields, read_as, wrong_fields
from jishi.themes.visit import Visit

_NEW = "new"


class Till(msgspec.Struct, frozen=True, kw_only=True):
    """The checkout's form.

    Attributes:
        form: The fields as they were sent, or as they are offered first.
        cart: The cart that becomes an order; None to buy one SKU at once.
        line: What is bought at once.
        kept: Addresses that the member keeps.
        address: What the fields say; None as long as they say nothing sensible.
        wrong: Names of fields that do not fit.
        key: Names this order, so that a form sent twice is one order.
    """

    form: Form
    cart: Cart | None
    line: WantedLine | None
    kept: tuple[KeptAddress, ...]
    address: Address | None
    wrong: tuple[str, ...]
    key: str

    @property
    def request(self) -> PlaceOrder:
        """What the form asks for, without any price.

        Raises:
            FieldWrong: A text is too long.
        """
        values: dict[str, object] = {
            "cart": self.cart.id if self.cart else None,
            "lines": (self.line,) if self.line else (),
            "address": self.address,
            "delivery": self.form.get("delivery", ""),
            "contact": self.form.get("contact", ""),
            "note": self.form.get("note", ""),
        }
        if self.form.get("codes"):
            values["codes"] = tuple(self.form["codes"].split())
        return read_as(PlaceOrder, values)


async def open_till(visit: Visit, form: Form, state: Literal["first", "sent"]) -> Till | None:
    """The checkout's form for a cart, or for one SKU that the form names; None: nothing to buy.

    Args:
        visit: Who comes.
        form: The address's parameters at first, the sent fields afterwards.
        state: ``first`` fills in what is known and complains about nothing.

    Raises:
        FieldWrong: The quantity makes no sense.
    """
    cart, line = await _goods(visit, form)
    if cart is None and line is None:
        return None
    kept = await _kept(visit)
    if state == "first" and cart:
        form = {**_said_before(cart), **form}
    saved = form.get("saved") or (kept[0].id if kept else _NEW)
    chosen = next((one for one in kept if one.id == saved), None)
    fields = address_fields(form)
    wrong = [] if chosen else wrong_fields(fields, Address)
    address = _copy(chosen) if chosen else None
    if not chosen and not wrong:
        address = msgspec.convert(fields, Address)
    return Till(
        form={**form, "saved": saved},
        cart=cart,
        line=line,
        kept=kept,
        address=address,
        wrong=tuple(wrong) if state == "sent" else (),
        key=form.get("key", "")[:128] or new_secret(),
    )


async def price_till(visit: Visit, till: Till) -> tuple[Priced | None, Problem | None]:
    """What the form's order would cost right now, or why it has no price."""
    try:
        said = till.request
        priced = await _priced(visit, till, said)
        if priced.delivery is None and said.delivery:
            # What was chosen before is not offered at this address: offer the rest.
            priced = await _priced(visit, till, msgspec.structs.replace(said, delivery=""))
    except Problem as problem:
        return None, problem
    return priced, None


async def _priced(visit: Visit, till: Till, said: PlaceOrder) -> Priced:
    wish = wish_of_cart(till.cart, said) if till.cart else wish_of_lines(said)
    return await price_wish(visit.shop, visit.caller, wish)


async def _goods(visit: Visit, form: Form) -> tuple[Cart | None, WantedLine | None]:
    if form.get("sku"):
        wanted = {"sku": form["sku"], "quantity": form.get("quantity") or "1"}
        return None, read_as(WantedLine, wanted)
    if visit.caller.kind not in ("guest", "member"):
        return None, None
    cart = await current_cart(visit.shop, visit.caller)
    return (cart if cart and cart.lines else None), None


async def _kept(visit: Visit) -> tuple[KeptAddress, ...]:
    if visit.caller.kind != "member":
        return ()
    found = await list_addresses(visit.shop.database, visit.caller.owner)
    return tuple(sorted(found, key=lambda one: one.address.is_default != "yes"))


def _copy(kept: KeptAddress) -> Address:
    return msgspec.convert(
        {name: getattr(kept.address, name) for name in Address.__struct_fields__}, Address
    )


def _said_before(cart: Cart) -> Form:
    """What the cart knows already, as the form's fields."""
    known = {"note": cart.note, "contact": cart.contact, "delivery": cart.delivery}
    if cart.address is None:
        return known
    written = {name: getattr(cart.address, name) for name in Address.__struct_fields__}
    return {**written, **known}

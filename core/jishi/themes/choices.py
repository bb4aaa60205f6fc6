"""From options to a SKU: every value of an option is a link to the SKU that it leads to."""

from typing import Literal

import msgspec

from jishi.catalogue import ShownProduct, ShownSku


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One value of an option.

    Attributes:
        value: What is chosen: 玛瑙红.
        sku: The SKU it leads to.
        state: Looked at now, to be had, or sold out.
    """

    value: str
    sku: str
    state: Literal["chosen", "open", "gone"]


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """One option with its values, in order."""

    name: str
    choices: tuple[Choice, ...]


def chosen_sku(product: ShownProduct, code: str) -> ShownSku | None:
    """The SKU that is looked at: the asked one, else the first that can be had."""
    for sku in product.skus:
        if sku.sku == code:
            return sku
    return next((sku for sku in product.skus if sku.available), None) or next(
        iter(product.skus), None
    )


def choices(product: ShownProduct, chosen: ShownSku | None) -> tuple[Group, ...]:
    """Every option; each value leads to the SKU that changes the least besides it."""
    if chosen is None:
        return ()
    return tuple(
        Group(
            name=option.name,
            choices=tuple(_choice(product, chosen, option.name, value) for value in option.values),
        )
        for option in product.options
    )


def _choice(product: ShownProduct, chosen: ShownSku, name: str, value: str) -> Choice:
    having = [sku for sku in product.skus if sku.options.get(name) == value]
    best = max(having, key=lambda sku: (_alike(sku, chosen), sku.available > 0))
    if chosen.options.get(name) == value:
        return Choice(value=value, sku=chosen.sku, state="chosen")
    return Choice(value=value, sku=best.sku, state="open" if best.available else "gone")


def _alike(sku: ShownSku, other: ShownSku) -> int:
    return sum(sku.options.get(name) == value for name, value in other.options.items())

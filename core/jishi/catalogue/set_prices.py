"""Set prices, in the base list and in those of channels."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec

from jishi.catalogue.change_products import Note
from jishi.catalogue.judge import Draft, Judged, judge
from jishi.catalogue.load_products import load_products
from jishi.catalogue.memory import bump
from jishi.catalogue.problems import SkuNotFound
from jishi.catalogue.publish import publish
from jishi.catalogue.save_products import save_products
from jishi.catalogue.shelves import load_shelves
from jishi.catalogue.structs import Code, Fen, Product
from jishi.db import Transaction
from jishi.problems import Invalid
from jishi.shop import Shop

_SET = """
INSERT INTO catalogue_prices (sku, price_list, amount, currency) VALUES ($1, $2, $3, $4)
ON CONFLICT (sku, price_list) DO UPDATE SET amount = EXCLUDED.amount, currency = EXCLUDED.currency
"""
_UNSET = "DELETE FROM catalogue_prices WHERE sku = $1 AND price_list = $2"
_OWNERS = "SELECT code, product FROM catalogue_skus WHERE code = ANY($1)"


class NewPrice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a SKU shall cost in a price list.

    Attributes:
        sku: The SKU's code.
        amount: In fen; None takes it out of the list again, so that ``base`` counts.
        price_list: ``base`` or a list that a channel names.
    """

    sku: Code
    amount: Fen | None
    price_list: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$")] = "base"


async def set_prices(
    shop: Shop, changes: Sequence[NewPrice], note: Note | None = None
) -> list[Judged]:
    """Set prices, all or none.

    A price in ``base`` belongs to what is reviewed; the answer says what became of the products.

    Raises:
        SkuNotFound: A SKU does not exist.
        Invalid: A price would be taken out of ``base``.
    """
    owners = await _owners(shop, changes)
    for number, one in enumerate(changes):
        if one.amount is None and one.price_list == "base":
            raise Invalid(
                "Every SKU has a price in the list base.", field=f"[{number}].amount", sku=one.sku
            )
    base = {one.sku: one.amount for one in changes if one.price_list == "base"}
    shelves = await load_shelves(shop.database)
    touched = list(dict.fromkeys(owners[sku] for sku in base))
    found = await load_products(shop.database, "id", touched)
    judged = await judge(shop, [_draft(one, base) for one in found], shelves)
    async with shop.database.transaction() as tx:
        if judged:
            await save_products(tx, shop, [(one.old, one.product) for one in judged], shelves)
        await _set_others(tx, shop, [one for one in changes if one.price_list != "base"], owners)
        if note is not None:
            await note(tx, ",".join(owners)[:200])
    return judged


async def _owners(shop: Shop, changes: Sequence[NewPrice]) -> dict[str, str]:
    rows = await shop.database.fetch(_OWNERS, [one.sku for one in changes])
    owners = {str(code): str(product) for code, product in rows}
    for number, one in enumerate(changes):
        if one.sku not in owners:
            raise SkuNotFound(f"There is no SKU {one.sku!r}.", field=f"[{number}].sku")
    return owners


def _draft(product: Product, base: Mapping[str, int | None]) -> Draft:
    skus = tuple(
        msgspec.structs.replace(sku, price=price)
        if (price := base.get(sku.code)) is not None
        else sku
        for sku in product.listing.skus
    )
    listing = msgspec.structs.replace(product.listing, skus=skus)
    return Draft(old=product, listing=listing, status=product.status)


async def _set_others(
    tx: Transaction, shop: Shop, changes: Sequence[NewPrice], owners: Mapping[str, str]
) -> None:
    if not changes:
        return
    await bump(tx, shop.database)
    currency = shop.config.shop.currency
    wanted = [(one.sku, one.price_list, one.amount) for one in changes]
    await tx.execute_many(_SET, [(*one, currency) for one in wanted if one[2] is not None])
    await tx.execute_many(_UNSET, [one[:2] for one in wanted if one[2] is None])
    await publish(tx, shop.config, list({owners[one.sku] for one in changes}))

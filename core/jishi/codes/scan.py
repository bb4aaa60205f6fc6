"""Find what was scanned."""

from collections.abc import Sequence

import msgspec

from jishi.codes import sql
from jishi.codes.gtin import gtin
from jishi.codes.labels import Label, is_payment_code
from jishi.codes.problems import AmbiguousCode, UnknownCode
from jishi.codes.settings import CodeSettings
from jishi.codes.structs import CodeKind, Scanned
from jishi.shop import Shop


class _Row(msgspec.Struct, frozen=True):
    sku: str
    kind: CodeKind
    product: str
    title: str
    price: int


async def scan(shop: Shop, text: str, *, store: str | None = None, issuer: str = "") -> Scanned:
    """What a scanned or typed code means in a store.

    Args:
        shop: The shop.
        text: As scanned.
        store: Where; its scales' labels and their numbers go before everybody's.
        issuer: The till's vendor, whose own numbers count as well.

    Raises:
        UnknownCode: Nothing here has this code.
        AmbiguousCode: Several SKUs have it.
    """
    code = text.strip()
    if is_payment_code(code):
        raise UnknownCode(
            "This is a customer's payment code, not goods.",
            next_step="Scan it when the basket is to be paid.",
        )
    for form in shop.config.section("codes", CodeSettings).formats(store, code):
        label = form.read(code)
        if label is not None:
            return await _labelled(shop, label, store)
    return _one(await _known(shop, code, issuer), code)


async def _known(shop: Shop, code: str, issuer: str) -> list[_Row]:
    packing = gtin(code)
    codes = sorted({code, packing or code})
    # The catalogue keeps the number as the merchant wrote it, with or without zeros in front.
    written = {code, *_written(packing)} if packing else {code}
    who = sorted({"", issuer})
    return await shop.database.fetch_as(_Row, sql.SCAN, codes, who, [code], sorted(written))


def _written(packing: str) -> list[str]:
    """The ways in which a packing's number may have been written."""
    return [packing[-size:] for size in (14, 13, 12, 8) if not packing[:-size].strip("0")]


async def _labelled(shop: Shop, label: Label, store: str | None) -> Scanned:
    numbers = sorted({label.plu, label.plu.lstrip("0") or "0"})
    who = sorted({"", store or ""})
    rows = await shop.database.fetch_as(_Row, sql.LABELLED, numbers, who)
    found = _one(rows[:1], label.plu)
    return msgspec.structs.replace(found, kind="plu", amount=label.amount, weight_g=label.weight_g)


def _one(rows: Sequence[_Row], code: str) -> Scanned:
    """The only SKU there is.

    Raises:
        UnknownCode: There is none.
        AmbiguousCode: There are several.
    """
    skus = {row.sku for row in rows}
    if not skus:
        raise UnknownCode(
            f"Nothing here has the code {code[:64]!r}.",
            next_step="Look for the goods by name, and give them the code.",
        )
    if len(skus) > 1:
        raise AmbiguousCode(
            f"The code {code[:64]!r} means {', '.join(sorted(skus))}.",
            next_step="Ask which one it is; then take the code from the others.",
            skus=sorted(skus),
        )
    row = rows[0]
    return Scanned(
        sku=row.sku, product=row.product, title=row.title, kind=row.kind, price=row.price
    )

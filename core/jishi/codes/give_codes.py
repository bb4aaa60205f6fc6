"""Give a SKU a code; what means other goods already waits for a person."""

from jishi.catalogue import SkuNotFound
from jishi.codes import sql
from jishi.codes.gtin import gtin
from jishi.codes.problems import UnknownCode, WrongCode
from jishi.codes.structs import Given, GivenCode, NewCode
from jishi.codes.tables import CodeTable, ConflictTable
from jishi.db import Reads, Transaction
from jishi.identifiers import new_id
from jishi.shop import Shop

_COLUMNS = ("code", "issuer", "kind", "sku", "source", "given_at")
_CONFLICT = (
    "id", "code", "issuer", "kind", "has", "wants", "evidence", "times", "state",
    "decided_by", "seen_at",
)  # fmt: skip


async def give_code(shop: Shop, new: NewCode, source: str) -> Given:
    """Have a code mean a SKU from now on, unless it means another one.

    Args:
        shop: The shop.
        new: The code and the SKU.
        source: Who says so: ``staff:<id>``, ``plugin@version``.

    Raises:
        SkuNotFound: There is no such SKU.
        WrongCode: The check digit of a packing's number is wrong.
    """
    code = _as_kept(new)
    now = shop.clock.now()

    async def work(tx: Transaction) -> Given:
        if not await tx.fetch(sql.KNOWN_SKU, new.sku):
            raise SkuNotFound(f"There is no SKU {new.sku!r}.", field="sku")
        row = (code, new.issuer, new.kind, new.sku, source, now)
        if await tx.insert(CodeTable, _COLUMNS, [row], on_conflict="ignore"):
            return Given(state="given")
        ((has,),) = await tx.fetch(sql.MEANS, code, new.issuer)
        if has == new.sku:
            return Given(state="known")
        return await _contest(tx, new, code, str(has), source, shop)

    return await shop.database.atomically(work)


async def take_code(shop: Shop, sku: str, code: str, issuer: str = "") -> None:
    """Have a code mean a SKU no more.

    Raises:
        UnknownCode: It did not.
    """

    async def work(tx: Transaction) -> int:
        return await tx.execute(sql.TAKE, gtin(code) or code, issuer, sku) or await tx.execute(
            sql.TAKE, code, issuer, sku
        )

    if not await shop.database.atomically(work):
        raise UnknownCode(f"The SKU {sku!r} has no code {code[:64]!r}.", field="code")


async def codes_of(reader: Reads, sku: str) -> list[GivenCode]:
    """The codes that a SKU was given; its own and the catalogue's barcode are not among them."""
    rows = await reader.fetch(sql.OF_SKU, sku)
    return [GivenCode(**dict(zip(_COLUMNS, row, strict=True))) for row in rows]  # type: ignore[arg-type]


def _as_kept(new: NewCode) -> str:
    """The code in the form in which it is looked for."""
    if new.kind != "gtin":
        return new.code
    kept = gtin(new.code)
    if kept is None:
        raise WrongCode(
            f"{new.code!r} is no GTIN: expected 8, 12, 13 or 14 digits with a right check digit.",
            field="code",
            next_step="Type it again, or give it as an alias.",
        )
    return kept


async def _contest(
    tx: Transaction, new: NewCode, code: str, has: str, source: str, shop: Shop
) -> Given:
    """Two SKUs want the code: write it down, once for the two, and count."""
    now = shop.clock.now()
    row = (new_id(), code, new.issuer, new.kind, has, new.sku, source, 1, "open", "", now)
    if await tx.insert(ConflictTable, _CONFLICT, [row], on_conflict="ignore"):
        return Given(state="conflict", conflict=row[0])
    ((known, _),) = await tx.fetch(sql.SEEN_AGAIN, code, new.issuer, new.sku, source, now, has)
    return Given(state="conflict", conflict=str(known))

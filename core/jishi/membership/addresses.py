"""A member's addresses; one of them is the default as long as there are any."""

import msgspec

from jishi.db import Reads, Transaction
from jishi.identifiers import new_id
from jishi.membership import sql
from jishi.membership.known import note_traits, portrait_of
from jishi.membership.people import Said
from jishi.membership.structs import KeptAddress, MemberAddress
from jishi.membership.tables import AddressTable
from jishi.problems import Invalid, NotFound
from jishi.sealing import opened, sealing_of
from jishi.shop import Shop

_MOST = 50
_SEALED = "membership_addresses.address"


class _Row(msgspec.Struct, frozen=True):
    id: str
    address: str
    is_default: str
    member_id: str


class TooManyAddresses(Invalid):
    """A member keeps more addresses than anybody has."""

    code = "too_many_addresses"
    title = "Too many addresses"


async def list_addresses(reader: Reads, member_id: str) -> list[KeptAddress]:
    """A member's addresses, also those of members merged into him, the oldest first."""
    rows = await reader.fetch_as(_Row, sql.ADDRESSES, member_id)
    defaults = sorted(
        (row for row in rows if row.is_default == "yes"),
        key=lambda row: row.member_id != member_id,
    )
    first = defaults[0].id if defaults else ""
    return [KeptAddress(id=row.id, address=_decode(reader, row, first)) for row in rows]


async def add_address(shop: Shop, member_id: str, address: MemberAddress) -> KeptAddress:
    """Keep one more address; the first becomes the default.

    Raises:
        TooManyAddresses: There are 50 already.
    """
    now, address_id = shop.clock.now(), new_id()
    async with shop.database.transaction() as tx:
        await tx.fetch(sql.LOCK_MEMBER, member_id)
        if (await tx.one_as(int, sql.COUNT_ADDRESSES, member_id) or 0) >= _MOST:
            raise TooManyAddresses(f"You keep {_MOST} addresses.", next_step="Remove one first.")
        columns = ("id", "member_id", "address", "created_at", "updated_at")
        row = (address_id, member_id, _encode(shop, address_id, address), now, now)
        await tx.insert(AddressTable, columns, [row])
        await _note(tx, shop, member_id, address)
        await _settle_default(tx, member_id, address_id, address)
        return await _load(tx, member_id, address_id)


async def change_address(
    shop: Shop, member_id: str, address_id: str, address: MemberAddress
) -> KeptAddress:
    """Write an address anew.

    Raises:
        NotFound: The member has no such address.
    """
    async with shop.database.transaction() as tx:
        await tx.fetch(sql.LOCK_MEMBER, member_id)
        row = (member_id, address_id, _encode(shop, address_id, address), shop.clock.now())
        if not await tx.execute(sql.CHANGE_ADDRESS, *row):
            raise NotFound("You have no such address.")
        await _note(tx, shop, member_id, address)
        await _settle_default(tx, member_id, address_id, address)
        return await _load(tx, member_id, address_id)


async def remove_address(shop: Shop, member_id: str, address_id: str) -> None:
    """Forget an address; the oldest that is left follows a default.

    Raises:
        NotFound: The member has no such address.
    """
    async with shop.database.transaction() as tx:
        await tx.fetch(sql.LOCK_MEMBER, member_id)
        if not await tx.execute(sql.REMOVE_ADDRESS, member_id, address_id):
            raise NotFound("You have no such address.")
        await _ensure_default(tx, member_id)


async def load_address(reader: Reads, member_id: str, address_id: str) -> KeptAddress:
    """One of a member's addresses.

    Raises:
        NotFound: The member has no such address.
    """
    return await _load(reader, member_id, address_id)


async def _note(tx: Transaction, shop: Shop, member_id: str, address: MemberAddress) -> None:
    # Only where he lives: who receives his parcels may be somebody else.
    line = f"{address.region}{address.city}{address.district}{address.street}"
    await note_traits(tx, shop, member_id, portrait_of(Said(address=line)), "address")


async def _settle_default(
    tx: Transaction, member_id: str, address_id: str, address: MemberAddress
) -> None:
    if address.is_default == "yes":
        await tx.execute(sql.NO_DEFAULT, member_id, address_id)
        await tx.execute(sql.DEFAULT, member_id, address_id)
    await _ensure_default(tx, member_id)


async def _ensure_default(tx: Transaction, member_id: str) -> None:
    first = await tx.one_as(str, sql.FIRST_IF_NO_DEFAULT, member_id)
    if first:
        await tx.execute(sql.DEFAULT, member_id, first)


async def _load(reader: Reads, member_id: str, address_id: str) -> KeptAddress:
    for kept in await list_addresses(reader, member_id):
        if kept.id == address_id:
            return kept
    raise NotFound("You have no such address.")


def _encode(shop: Shop, address_id: str, address: MemberAddress) -> str:
    text = msgspec.json.encode(address).decode()
    return sealing_of(shop.config).seal(text, _SEALED, address_id)


def _decode(reader: Reads, row: _Row, default: str) -> MemberAddress:
    # The column decides what is the default; the JSON only says what was wished.
    text = opened(reader, row.address, _SEALED, row.id)
    kept = msgspec.json.decode(text, type=MemberAddress)
    return msgspec.structs.replace(kept, is_default="yes" if row.id == default else "no")

"""Roles: named sets of scopes; the shop comes with five, the merchant makes more."""

from collections.abc import Iterable

import msgspec

from jishi.callers import Caller
from jishi.db import Reads
from jishi.shop import Shop
from jishi.staff import sql
from jishi.staff.audit import record
from jishi.staff.problems import BeyondYourRole, FixedRole, NoSuchRole, RoleInUse
from jishi.staff.structs import Role

OWNER = "owner"

DEFAULTS: dict[str, tuple[str, ...]] = {
    OWNER: ("*",),
    "cashier": ("orders:read", "payments:read", "members:read", "catalogue:read"),
    "packer": ("orders:read", "orders:ship", "catalogue:read", "stock:write"),
    "editor": ("catalogue:*", "compliance:read"),
    "accountant": ("orders:read", "orders:refund", "payments:read", "ledger:read", "audit:read"),
}
"""The roles that every shop has; all but the owner's may be written anew."""


class _Row(msgspec.Struct, frozen=True):
    name: str
    scopes: str


async def list_roles(reader: Reads) -> list[Role]:
    """Every role, by name."""
    known = dict(DEFAULTS)
    for row in await reader.fetch_as(_Row, sql.ROLES):
        known[row.name] = scopes_of(row.name, row.scopes)
    return [Role(name=name, scopes=scopes) for name, scopes in sorted(known.items())]


async def role_scopes(reader: Reads, name: str) -> frozenset[str]:
    """What a role may do.

    Raises:
        NoSuchRole: Nobody defined it.
    """
    roles = await list_roles(reader)
    for role in roles:
        if role.name == name:
            return frozenset(role.scopes)
    names = ", ".join(role.name for role in roles)
    raise NoSuchRole(f"There is no role {name}.", field="role", next_step=f"One of: {names}.")


async def set_role(shop: Shop, caller: Caller, name: str, scopes: Iterable[str]) -> Role:
    """Define a role, or define it anew for everybody who has it.

    Raises:
        FixedRole: It is the owner's.
        BeyondYourRole: It may more than the caller.
    """
    role = Role(name=name, scopes=tuple(sorted(set(scopes))))
    _must_not_be_owner(name)
    async with shop.database.transaction() as tx:
        before = {one.name: one.scopes for one in await list_roles(tx)}.get(name, ())
        must_cover(caller, (*role.scopes, *before))
        row = (name, msgspec.json.encode(role.scopes).decode(), shop.clock.now())
        await tx.execute(sql.KEEP_ROLE, *row)
        await record(tx, shop, caller, "role.changed", name, {"scopes": list(role.scopes)})
    return role


async def remove_role(shop: Shop, caller: Caller, name: str) -> None:
    """Forget a role of the merchant's own; one the shop came with becomes what it was.

    Raises:
        FixedRole: It is the owner's.
        NoSuchRole: Nobody defined it.
        RoleInUse: Somebody has it.
    """
    _must_not_be_owner(name)
    async with shop.database.transaction() as tx:
        must_cover(caller, await role_scopes(tx, name))
        must_cover(caller, DEFAULTS.get(name, ()))
        people = await tx.one_as(int, sql.WITH_ROLE, name)
        if people and name not in DEFAULTS:
            raise RoleInUse(f"Somebody is {name}.", next_step="Give them another role first.")
        await tx.execute(sql.REMOVE_ROLE, name)
        await record(tx, shop, caller, "role.removed", name)


def must_cover(caller: Caller, scopes: Iterable[str]) -> None:
    """Refuse to give, or to touch, rights that the caller does not have himself.

    Raises:
        BeyondYourRole: It says which.
    """
    if "*" in caller.scopes:
        return
    for scope in sorted(scopes):
        if not caller.scopes & {scope, f"{scope.partition(':')[0]}:*"}:
            raise BeyondYourRole(
                f"You may not give or change {scope}: your own role does not include it.",
                next_step="Ask the owner.",
            )


def scopes_of(role: str, own: str | None) -> tuple[str, ...]:
    """What a role may do: the owner everything, then the merchant's word, then the default."""
    if role == OWNER or own is None:
        return DEFAULTS.get(role, ())
    return msgspec.json.decode(own, type=tuple[str, ...])


def _must_not_be_owner(name: str) -> None:
    if name == OWNER:
        raise FixedRole("The owner may do everything.", next_step="Define another role.")

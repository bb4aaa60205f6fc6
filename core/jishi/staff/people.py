"""People who work here: the first owner, then everybody he brings in."""

from datetime import datetime

import msgspec

from jishi.callers import Caller
from jishi.db import Conflict, Reads, Transaction
from jishi.identifiers import new_id
from jishi.problems import Invalid, NotFound
from jishi.shop import Shop
from jishi.staff import sql
from jishi.staff.audit import record
from jishi.staff.passwords import hash_password
from jishi.staff.problems import EmailTaken, LastOwner, OwnerExists
from jishi.staff.roles import OWNER, must_cover, role_scopes
from jishi.staff.structs import Email, NewPerson, Person, PersonChange
from jishi.staff.tables import PersonTable
from jishi.staff.tokens import end_tokens

COMMAND_LINE = Caller(kind="staff", id="command-line", scopes=frozenset({"*"}))
"""Whoever sits at the server; the audit log calls him so."""

_EMAIL = msgspec.json.Decoder(Email)


async def create_owner(shop: Shop, email: str, password: str) -> Person:
    """Make the first owner; for the command line.

    Raises:
        OwnerExists: There is one.
        WeakPassword: The password is too easy to guess.
        Invalid: The e-mail address is none.
    """
    email = _checked(email)
    kept = await hash_password(password, email)
    async with shop.database.transaction() as tx:
        await tx.fetch(sql.LOCK_HEAD)  # two at once meet here
        if await tx.one_as(int, sql.OWNERS):
            raise OwnerExists(
                "The shop has an owner.",
                next_step="Log in as the owner; he makes further staff with POST /admin/staff.",
            )
        return await _keep(tx, shop, COMMAND_LINE, _row(shop, email, kept, OWNER, ""))


async def add_person(shop: Shop, caller: Caller, new: NewPerson) -> Person:
    """Let somebody work here.

    Raises:
        NoSuchRole: Nobody defined the role.
        BeyondYourRole: The role may more than the caller.
        EmailTaken: Somebody has the address.
        WeakPassword: The password is too easy to guess.
    """
    email = as_kept(new.email)
    kept = await hash_password(new.password, email)
    async with shop.database.transaction() as tx:
        must_cover(caller, await role_scopes(tx, new.role))
        return await _keep(tx, shop, caller, _row(shop, email, kept, new.role, new.name))


async def change_person(
    shop: Shop, caller: Caller, person_id: str, change: PersonChange
) -> Person:
    """Change somebody's name, role, standing or password; the last three log him out.

    Raises:
        NotFound: Nobody has this id.
        NoSuchRole: Nobody defined the role.
        BeyondYourRole: He may, or would, do more than the caller.
        LastOwner: Nobody would own the shop.
        WeakPassword: The password is too easy to guess.
    """
    known = await load_person(shop.database, person_id)
    kept = await hash_password(change.password, known.email) if change.password else None
    async with shop.database.transaction() as tx:
        owners = await tx.fetch_as(str, sql.LOCK_OWNERS)
        person = await _locked(tx, person_id)
        after = _changed(person, change)
        for role in {person.role, after.role}:
            must_cover(caller, await role_scopes(tx, role))
        if owners == [person.id] and (after.role, after.standing) != (OWNER, "active"):
            raise LastOwner("He is the only owner.", next_step="Make somebody else owner first.")
        await tx.execute(sql.CHANGE_PERSON, after.id, after.name, after.role, after.standing)
        if kept:
            await tx.execute(sql.CHANGE_PASSWORD, after.id, kept)
        if kept or (after.role, after.standing) != (person.role, person.standing):
            await end_tokens(tx, after.id, shop.clock.now())
        await record(tx, shop, caller, "staff.changed", after.id, _told(change))
    return after


async def list_people(reader: Reads) -> list[Person]:
    """Everybody who works or worked here, the longest first."""
    return await reader.fetch_as(Person, sql.PEOPLE)


async def load_person(reader: Reads, person_id: str) -> Person:
    """One of the staff.

    Raises:
        NotFound: Nobody has this id.
    """
    person = await reader.one_as(Person, sql.PERSON, person_id)
    if person is None:
        raise NotFound("Nobody on the staff has this id.")
    return person


def as_kept(email: str) -> str:
    """An e-mail address in the form that is compared."""
    return email.strip().lower()


async def _locked(tx: Transaction, person_id: str) -> Person:
    person = await tx.one_as(Person, sql.LOCK_PERSON, person_id)
    if person is None:
        raise NotFound("Nobody on the staff has this id.")
    return person


async def _keep(
    tx: Transaction, shop: Shop, caller: Caller, row: tuple[str, str, str, str, str, datetime]
) -> Person:
    columns = ("id", "email", "password", "role", "name", "created_at")
    try:
        async with shop.database.transaction() as inner:
            await inner.insert(PersonTable, columns, [row])
    except Conflict as error:
        raise EmailTaken("Somebody has this e-mail address.", field="email") from error
    person = await load_person(tx, row[0])
    await record(tx, shop, caller, "staff.added", person.id, {"role": person.role})
    return person


def _row(
    shop: Shop, email: str, password: str, role: str, name: str
) -> tuple[str, str, str, str, str, datetime]:
    return new_id(), email, password, role, name, shop.clock.now()


def _changed(person: Person, change: PersonChange) -> Person:
    return msgspec.structs.replace(
        person,
        name=person.name if change.name is None else change.name,
        role=change.role or person.role,
        standing=change.standing or person.standing,
    )


def _told(change: PersonChange) -> dict[str, object]:
    told: dict[str, object] = {
        field: value
        for field in ("name", "role", "standing")
        if (value := getattr(change, field)) is not None
    }
    return told | ({"password": "changed"} if change.password else {})


def _checked(email: str) -> str:
    try:
        return as_kept(_EMAIL.decode(msgspec.json.encode(email.strip())))
    except msgspec.ValidationError as error:
        raise Invalid(
            "This is no e-mail address.", field="email", next_step="name@example.com"
        ) from error

"""The second factor: set up, proved at each login, taken off, or taken off for somebody."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from jishi.callers import Caller
from jishi.db import Transaction
from jishi.identifiers import new_id
from jishi.problems import NotFound
from jishi.shop import Shop
from jishi.staff import sql
from jishi.staff.audit import record
from jishi.staff.lockouts import count_try, forgive
from jishi.staff.one_time import (
    address_of,
    new_recovery_codes,
    new_seed,
    recovery_digest,
    seal,
    step_of,
    unseal,
)
from jishi.staff.passwords import verify_password
from jishi.staff.people import load_person
from jishi.staff.problems import (
    LoginRefused,
    SecondFactorNeeded,
    SecondFactorRefused,
    SecondFactorThere,
)
from jishi.staff.roles import must_cover, role_scopes
from jishi.staff.settings import needs_second_factor
from jishi.staff.structs import Enrolment, Person, RecoveryCodes, SecondFactor
from jishi.staff.tables import RecoveryCodeTable, SecondFactorTable
from jishi.staff.tokens import end_tokens


class _Factor(msgspec.Struct, frozen=True):
    secret: str
    state: Literal["pending", "active"]


async def set_up_second_factor(shop: Shop, caller: Caller, password: str) -> Enrolment:
    """Begin: a secret for the authenticator; nothing is asked for before it is confirmed.

    Raises:
        LoginRefused: The password is wrong.
        LoginLocked: It was wrong too often.
        SecondFactorThere: There is one; it is taken off first.
    """
    person = await load_person(shop.database, caller.id or "")
    await count_try(shop, caller, person.email)
    await _must_know(shop, person.id, password)
    seed = new_seed()

    async def work(tx: Transaction) -> None:
        await forgive(tx, caller, person.email)
        await tx.fetch(sql.LOCK_PERSON, person.id)
        if await _kept(tx, person.id, "active"):
            raise SecondFactorThere("You have a second factor.", next_step="Take it off first.")
        await _forget(tx, person.id)
        row = (person.id, seal(shop, seed), "pending", 0, shop.clock.now())
        columns = ("person_id", "secret", "state", "last_step", "created_at")
        await tx.insert(SecondFactorTable, columns, [row])
        await record(tx, shop, caller, "staff.second_factor_begun", person.id)

    await shop.database.atomically(work)
    return Enrolment(secret=seed, uri=address_of(shop, seed, person.email))


async def confirm_second_factor(shop: Shop, caller: Caller, code: str) -> RecoveryCodes:
    """Finish with the first code; from now on every login asks. Every token of his ends.

    Raises:
        NotFound: Nothing was begun.
        SecondFactorRefused: The code is wrong.
    """
    person_id, codes = caller.id or "", new_recovery_codes()

    async def work(tx: Transaction) -> None:
        now = shop.clock.now()
        await tx.fetch(sql.LOCK_PERSON, person_id)
        factor = await _kept(tx, person_id, "pending")
        if factor is None:
            raise NotFound("No second factor was begun.", next_step="Begin one first.")
        step = step_of(unseal(shop, factor.secret), code, now)
        if step is None:
            raise _refused()
        await tx.execute(sql.ACTIVATE_FACTOR, person_id, step, now)
        await _keep_codes(tx, shop, person_id, codes, now)
        await end_tokens(tx, person_id, now)
        await record(tx, shop, caller, "staff.second_factor_added", person_id)

    await shop.database.atomically(work)
    return RecoveryCodes(recovery_codes=tuple(codes))


async def drop_second_factor(shop: Shop, caller: Caller, password: str, code: str) -> None:
    """Take one's own off, with password and code; every token of his ends.

    Raises:
        LoginRefused: The password or the code is wrong.
        LoginLocked: One of them was wrong too often.
        NotFound: There is none.
    """
    person = await load_person(shop.database, caller.id or "")
    await count_try(shop, caller, person.email)
    await _must_know(shop, person.id, password)

    async def work(tx: Transaction) -> None:
        await tx.fetch(sql.LOCK_PERSON, person.id)
        if await prove(tx, shop, caller, person.id, code) == "none":
            raise NotFound("You have no second factor.")
        await forgive(tx, caller, person.email)
        await _forget(tx, person.id)
        await end_tokens(tx, person.id, shop.clock.now())
        await record(tx, shop, caller, "staff.second_factor_removed", person.id)

    await shop.database.atomically(work)


async def reset_second_factor(shop: Shop, caller: Caller, person_id: str) -> None:
    """Take somebody's off who lost it; he is logged out and sets up another one.

    Raises:
        NotFound: Nobody has this id, or he has none.
        BeyondYourRole: He may do more than the caller.
    """

    async def work(tx: Transaction) -> None:
        await tx.fetch(sql.LOCK_PERSON, person_id)
        person = await load_person(tx, person_id)
        must_cover(caller, await role_scopes(tx, person.role))
        if not await _forget(tx, person_id):
            raise NotFound("He has no second factor.")
        await end_tokens(tx, person_id, shop.clock.now())
        await record(tx, shop, caller, "staff.second_factor_reset", person_id)

    await shop.database.atomically(work)


async def prove(
    tx: Transaction, shop: Shop, caller: Caller, person_id: str, code: str
) -> Literal["none", "used"]:
    """Use up a code, where one is asked for: ``none`` when he has no second factor.

    The person's row is locked by whoever calls, so a code that comes twice at once works once.

    Raises:
        SecondFactorNeeded: A code is missing.
        SecondFactorRefused: It is wrong, or was used before.
    """
    factor = await _kept(tx, person_id, "active")
    if factor is None:
        return "none"
    code = code.replace(" ", "")
    if not code:
        raise SecondFactorNeeded(
            "This person logs in with a second factor.",
            field="code",
            next_step="Send the code of the authenticator, or a recovery code, as well.",
        )
    step = step_of(unseal(shop, factor.secret), code, shop.clock.now())
    if step is not None and await tx.execute(sql.USE_STEP, person_id, step):
        return "used"
    digest = recovery_digest(shop, code)
    if step is None and await tx.execute(sql.USE_CODE, person_id, digest, shop.clock.now()):
        actor = msgspec.structs.replace(caller, kind="staff", id=person_id)
        await record(tx, shop, actor, "staff.recovery_code_used", person_id)
        return "used"
    raise _refused()


async def second_factor_of(shop: Shop, person: Person) -> SecondFactor:
    """How somebody stands: with one, without, or without one that his role needs."""
    factor = await shop.database.one_as(_Factor, sql.FACTOR, person.id)
    if factor and factor.state == "active":
        return "set_up"
    return "missing" if needs_second_factor(shop, person.role) else "none"


async def _must_know(shop: Shop, person_id: str, password: str) -> None:
    kept = await shop.database.one_as(str, sql.KEPT_PASSWORD, person_id)
    if not await verify_password(password, kept):
        raise LoginRefused("The password is wrong.", field="current_password")


async def _kept(tx: Transaction, person_id: str, state: str) -> _Factor | None:
    factor = await tx.one_as(_Factor, sql.FACTOR, person_id)
    return factor if factor and factor.state == state else None


async def _keep_codes(
    tx: Transaction, shop: Shop, person_id: str, codes: Sequence[str], now: datetime
) -> None:
    rows = [(new_id(), person_id, recovery_digest(shop, code), now) for code in codes]
    await tx.insert(RecoveryCodeTable, ("id", "person_id", "hash", "created_at"), rows)


async def _forget(tx: Transaction, person_id: str) -> int:
    await tx.execute(sql.FORGET_CODES, person_id)
    return await tx.execute(sql.FORGET_FACTOR, person_id)


def _refused() -> SecondFactorRefused:
    return SecondFactorRefused(
        "The code is wrong, too old, or was used before.",
        field="code",
        next_step="Wait for the next code, or send one of the recovery codes.",
    )

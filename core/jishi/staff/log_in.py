"""Staff log in with e-mail and password, and out again."""

from typing import Literal

import msgspec

from jishi.callers import Caller
from jishi.db import Transaction
from jishi.shop import Shop
from jishi.staff import sql
from jishi.staff.audit import record
from jishi.staff.lockouts import count_try, forgive
from jishi.staff.passwords import hash_password, is_dated, verify_password
from jishi.staff.people import as_kept, load_person
from jishi.staff.problems import LoginRefused, SecondFactorRefused
from jishi.staff.roles import role_scopes
from jishi.staff.second_factor import prove
from jishi.staff.settings import needs_second_factor
from jishi.staff.structs import StaffLogin
from jishi.staff.tokens import end_tokens, give_token, hash_of


class _Account(msgspec.Struct, frozen=True):
    id: str
    password: str
    standing: Literal["active", "blocked"]


async def log_in_staff(
    shop: Shop, email: str, password: str, caller: Caller, code: str = ""
) -> StaffLogin:
    """Give a token to whoever knows the password, and the code where there is a second factor.

    Unknown, blocked and mistyped are answered alike and take as long.

    Raises:
        LoginLocked: Too many wrong passwords came before.
        LoginRefused: E-mail or password is wrong.
        SecondFactorNeeded: They are right, and a code is missing.
        SecondFactorRefused: They are right, the code is not, or was used before.
    """
    email = as_kept(email)
    await count_try(shop, caller, email)
    account = await shop.database.one_as(_Account, sql.BY_EMAIL, email)
    right = await verify_password(password, account.password if account else None)
    if account is None or not right or account.standing != "active":
        raise _refused()
    dated = is_dated(account.password)
    fresh = await hash_password(password, email) if dated else None

    async def work(tx: Transaction) -> StaffLogin:
        return await _enter(tx, shop, caller, (email, code), account, fresh)

    try:
        return await shop.database.atomically(work)
    except SecondFactorRefused:
        await _note_wrong_code(shop, caller, account.id)
        raise


async def log_out_staff(shop: Shop, token: str) -> None:
    """End a token; one that is over already stays so."""
    async with shop.database.transaction() as tx:
        await tx.execute(sql.END_SESSION, hash_of(token), shop.clock.now())


async def change_own_password(shop: Shop, caller: Caller, current: str, new: str) -> None:
    """Take another password; every token of his ends, this one as well.

    Raises:
        LoginRefused: The current password is wrong.
        LoginLocked: It was wrong too often.
        WeakPassword: The new one is too easy to guess.
    """
    person = await load_person(shop.database, caller.id or "")
    await count_try(shop, caller, person.email)
    kept = await shop.database.one_as(str, sql.KEPT_PASSWORD, person.id)
    if not await verify_password(current, kept):
        raise _refused()
    fresh = await hash_password(new, person.email)
    async with shop.database.transaction() as tx:
        await forgive(tx, caller, person.email)
        await tx.execute(sql.CHANGE_PASSWORD, person.id, fresh)
        await end_tokens(tx, person.id, shop.clock.now())
        await record(tx, shop, caller, "staff.password_changed", person.id)


async def _enter(
    tx: Transaction,
    shop: Shop,
    caller: Caller,
    told: tuple[str, str],
    account: _Account,
    fresh: str | None,
) -> StaffLogin:
    email, code = told
    await forgive(tx, caller, email)
    # Read again under the lock: nobody enters who was blocked while we counted rounds.
    await tx.fetch(sql.LOCK_PERSON, account.id)
    now = await tx.one_as(_Account, sql.BY_EMAIL, email)
    if now is None or now.password != account.password or now.standing != "active":
        raise _refused()
    proof = await prove(tx, shop, caller, account.id, code)
    if fresh:
        await tx.execute(sql.CHANGE_PASSWORD, account.id, fresh)
    token, expires = await give_token(tx, shop, account.id, caller.address)
    person = await load_person(tx, account.id)
    missing = proof == "none" and needs_second_factor(shop, person.role)
    scopes = () if missing else tuple(sorted(await role_scopes(tx, person.role)))
    actor = msgspec.structs.replace(caller, kind="staff", id=person.id)
    await record(tx, shop, actor, "staff.logged_in", person.id)
    return StaffLogin(
        token=token,
        expires_at=expires,
        person=person,
        scopes=scopes,
        second_factor="set_up" if proof == "used" else "missing" if missing else "none",
    )


async def _note_wrong_code(shop: Shop, caller: Caller, person_id: str) -> None:
    """Whoever knows a password and not the code is worth a line."""
    async with shop.database.transaction() as tx:
        await record(tx, shop, caller, "login.second_factor_refused", person_id)


def _refused() -> LoginRefused:
    return LoginRefused(
        "E-mail or password is wrong.", next_step="Try again, or ask the owner for a new password."
    )

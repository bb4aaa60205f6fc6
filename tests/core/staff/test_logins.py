"""Staff logins: passwords, tokens, and what wrong passwords cost."""

import asyncio
import importlib.util
from datetime import timedelta

import pytest

from jishi.callers import Caller
from jishi.staff import (
    LoginLocked,
    LoginRefused,
    PersonChange,
    WeakPassword,
    change_own_password,
    change_person,
    create_owner,
    list_audit,
    log_in_staff,
    log_out_staff,
    passwords,
    staff_from_token,
)

PASSWORD = "correct horse battery"
WRONG = "incorrect horse battery"
OWNER = "owner@example.com"
HOME = Caller(address="203.0.113.7")
MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.usefixtures("owner")


async def answers(shop, password: str, times: int, email: str = OWNER) -> list[type]:
    tries = (log_in_staff(shop, email, password, HOME) for _ in range(times))
    return [type(one) for one in await asyncio.gather(*tries, return_exceptions=True)]


async def test_the_right_password_logs_in_whatever_the_case_of_the_address(shop):
    entered = await log_in_staff(shop, " Owner@Example.com", PASSWORD, HOME)
    caller = await staff_from_token(shop, entered.token)
    assert (caller.kind, caller.id, caller.scopes) == ("staff", entered.person.id, {"*"})


def test_a_password_costs_what_owasp_advises():
    """Read anew: in here the shop's own costs nothing."""
    spec = importlib.util.find_spec("jishi.staff.passwords")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    hasher = module._HASHER
    assert (hasher.time_cost, hasher.memory_cost, hasher.parallelism) == (2, 19_456, 1)


async def test_passwords_are_kept_as_argon2id(shop):
    [(kept,)] = await shop.database.fetch("SELECT password FROM staff_people")
    assert kept.startswith("$argon2id$")


async def test_a_short_password_is_refused(shop):
    with pytest.raises(WeakPassword, match="12"):
        await create_owner(shop, "else@example.com", "elevenchars")


async def test_unknown_blocked_and_mistyped_are_answered_alike(shop, owner, hire):
    person = await hire()
    await change_person(shop, owner, person.id, PersonChange(standing="blocked"))
    seen = []
    for email, word in (
        ("nobody@example.com", PASSWORD),
        (person.email, PASSWORD),
        (OWNER, WRONG),
    ):
        with pytest.raises(LoginRefused) as refused:
            await log_in_staff(shop, email, word, HOME)
        seen.append(refused.value.document())
    assert seen[0] == seen[1] == seen[2]


async def test_a_stranger_costs_as_many_rounds_as_the_owner(shop, monkeypatch):
    checked = []
    verify = passwords._verify
    monkeypatch.setattr(
        passwords, "_verify", lambda word, kept: checked.append(kept) or verify(word, kept)
    )
    for email in ("nobody@example.com", OWNER):
        with pytest.raises(LoginRefused):
            await log_in_staff(shop, email, WRONG, HOME)
    assert len(checked) == 2
    assert (
        checked[0].rpartition("$")[0].rpartition("$")[0]
        == (checked[1].rpartition("$")[0].rpartition("$")[0])
    )


async def test_five_wrong_passwords_lock_the_account_from_there_for_a_minute(shop):
    assert await answers(shop, WRONG, 5) == [LoginRefused] * 5
    with pytest.raises(LoginLocked) as locked:
        await log_in_staff(shop, OWNER, PASSWORD, HOME)
    assert locked.value.extra["retry_after"] == 60
    shop.clock.advance(MINUTE)
    assert await log_in_staff(shop, OWNER, PASSWORD, HOME)


async def test_each_further_wrong_password_doubles_the_wait(shop):
    await answers(shop, WRONG, 5)
    waits = []
    for _ in range(8):
        with pytest.raises(LoginLocked) as locked:
            await log_in_staff(shop, OWNER, WRONG, HOME)
        waits.append(locked.value.extra["retry_after"] // 60)
        shop.clock.advance(timedelta(minutes=waits[-1]))
        with pytest.raises(LoginRefused):
            await log_in_staff(shop, OWNER, WRONG, HOME)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


async def test_twenty_tries_at_once_get_five_looks_at_the_password(shop):
    seen = await answers(shop, WRONG, 20)
    assert (seen.count(LoginRefused), seen.count(LoginLocked)) == (5, 15)


@pytest.mark.control
async def test_without_the_count_all_twenty_get_a_look(shop, monkeypatch):
    """The control: counting is what stops the fifteen."""

    async def uncounted(shop, caller, email):
        return None

    monkeypatch.setattr("jishi.staff.log_in.count_try", uncounted)
    assert await answers(shop, WRONG, 20) == [LoginRefused] * 20


async def test_a_stranger_does_not_lock_the_owner_out_of_his_own_place(shop):
    await answers(shop, WRONG, 6)
    assert await log_in_staff(shop, OWNER, PASSWORD, Caller(address="198.51.100.1"))


async def test_one_network_that_tries_many_accounts_is_locked(shop):
    for number in range(20):
        with pytest.raises(LoginRefused):
            await log_in_staff(shop, f"guess{number}@example.com", WRONG, HOME)
    with pytest.raises(LoginLocked):
        await log_in_staff(shop, OWNER, PASSWORD, HOME)


async def test_a_right_password_forgets_the_wrong_ones_before(shop):
    for _ in range(4):
        await answers(shop, WRONG, 4)
        await log_in_staff(shop, OWNER, PASSWORD, HOME)
    assert await answers(shop, WRONG, 4) == [LoginRefused] * 4


async def test_a_lock_stands_in_the_audit_log(shop):
    await answers(shop, WRONG, 5)
    newest = (await list_audit(shop.database, None, 1)).items[0]
    assert (newest.action, newest.subject) == ("login.locked", f"pair:{OWNER}|203.0.113.7")


async def test_a_token_ends_after_twelve_hours(shop):
    token = (await log_in_staff(shop, OWNER, PASSWORD, HOME)).token
    shop.clock.advance(timedelta(hours=12, microseconds=-1))
    assert await staff_from_token(shop, token)
    shop.clock.advance(timedelta(microseconds=1))
    assert await staff_from_token(shop, token) is None


async def test_logging_out_ends_the_token(shop):
    token = (await log_in_staff(shop, OWNER, PASSWORD, HOME)).token
    await log_out_staff(shop, token)
    assert await staff_from_token(shop, token) is None


async def test_another_password_ends_every_token(shop, owner):
    token = (await log_in_staff(shop, OWNER, PASSWORD, HOME)).token
    await change_own_password(shop, owner, PASSWORD, "a much better password")
    assert await staff_from_token(shop, token) is None
    with pytest.raises(LoginRefused):
        await log_in_staff(shop, OWNER, PASSWORD, HOME)
    assert await log_in_staff(shop, OWNER, "a much better password", HOME)


async def test_a_token_made_up_is_nobodys(shop):
    forged = ["s.", "s.x", "", "m.x", "g.x", "s." + "A" * 43]
    assert [await staff_from_token(shop, token) for token in forged] == [None] * 6

"""The second factor of staff: set up, asked for at each login, lost and reset."""

import asyncio
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from msgspec.structs import replace

from jishi.callers import Caller
from jishi.config import Source
from jishi.problems import NotFound
from jishi.staff import (
    BeyondYourRole,
    LoginLocked,
    LoginRefused,
    SecondFactorNeeded,
    SecondFactorRefused,
    SecondFactorThere,
    confirm_second_factor,
    drop_second_factor,
    list_audit,
    log_in_staff,
    reset_second_factor,
    set_up_second_factor,
    staff_from_token,
)

PASSWORD = "correct horse battery"
OWNER = "owner@example.com"
HOME = Caller(address="203.0.113.7")
HALF_MINUTE = timedelta(seconds=30)


class Phone:
    """An authenticator.

    Args:
        shop: Whose clock it shares.
        uri: What its camera saw.
    """

    def __init__(self, shop, uri: str) -> None:
        self.shop = shop
        self.codes = pyotp.parse_uri(uri)

    def code(self) -> str:
        return self.codes.at(int(self.shop.clock.now().timestamp()))


@pytest.fixture
async def phone(shop, owner) -> Phone:
    """The owner's, set up; the next code is a new one."""
    begun = await set_up_second_factor(shop, owner, PASSWORD)
    phone = Phone(shop, begun.uri)
    phone.recovery = (await confirm_second_factor(shop, owner, phone.code())).recovery_codes
    shop.clock.advance(HALF_MINUTE)
    return phone


async def enter(shop, code: str = "", password: str = PASSWORD):
    return await log_in_staff(shop, OWNER, password, HOME, code)


async def told(shop) -> list[str]:
    return [entry.action for entry in (await list_audit(shop.database, None, 100)).items]


async def test_the_address_for_the_qr_code_names_shop_and_person(shop, owner):
    begun = await set_up_second_factor(shop, owner, PASSWORD)
    address = urlsplit(begun.uri)
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    asked = parse_qs(address.query)
    assert (asked["secret"], asked["issuer"]) == ([begun.secret], ["Test"])
    assert "owner%40example.com" in address.path


async def test_nothing_is_asked_for_before_the_first_code_came(shop, owner):
    await set_up_second_factor(shop, owner, PASSWORD)
    assert (await enter(shop)).second_factor == "none"


async def test_a_wrong_first_code_sets_nothing_up(shop, owner):
    begun = await set_up_second_factor(shop, owner, PASSWORD)
    wrong = "000000" if Phone(shop, begun.uri).code() != "000000" else "111111"
    with pytest.raises(SecondFactorRefused):
        await confirm_second_factor(shop, owner, wrong)
    assert (await enter(shop)).second_factor == "none"


async def test_only_the_password_begins(shop, owner):
    with pytest.raises(LoginRefused):
        await set_up_second_factor(shop, owner, "incorrect horse battery")


async def test_setting_up_ends_every_token(shop, owner):
    before = await enter(shop)
    begun = await set_up_second_factor(shop, owner, PASSWORD)
    await confirm_second_factor(shop, owner, Phone(shop, begun.uri).code())
    assert await staff_from_token(shop, before.token) is None


async def test_the_secret_is_not_in_the_database(shop, owner):
    begun = await set_up_second_factor(shop, owner, PASSWORD)
    [(kept,)] = await shop.database.fetch("SELECT secret FROM staff_second_factors")
    assert begun.secret not in kept


async def test_recovery_codes_are_not_in_the_database(shop, phone):
    kept = repr(await shop.database.fetch("SELECT * FROM staff_recovery_codes"))
    assert len(phone.recovery) == 10
    assert not any(code in kept or code.replace("-", "") in kept for code in phone.recovery)


async def test_password_and_code_log_in(shop, phone):
    entered = await enter(shop, phone.code())
    assert entered.second_factor == "set_up"
    assert (await staff_from_token(shop, entered.token)).scopes == {"*"}


async def test_the_password_alone_is_asked_for_a_code(shop, phone):
    with pytest.raises(SecondFactorNeeded):
        await enter(shop)


async def test_a_wrong_password_is_not_told_of_the_second_factor(shop, phone):
    with pytest.raises(LoginRefused) as refused:
        await enter(shop, phone.code(), "incorrect horse battery")
    assert type(refused.value) is LoginRefused


async def test_a_code_works_once(shop, phone):
    code = phone.code()
    await enter(shop, code)
    with pytest.raises(SecondFactorRefused):
        await enter(shop, code)


async def test_the_code_that_set_it_up_does_not_log_in(shop, owner):
    begun = await set_up_second_factor(shop, owner, PASSWORD)
    code = Phone(shop, begun.uri).code()
    await confirm_second_factor(shop, owner, code)
    with pytest.raises(SecondFactorRefused):
        await enter(shop, code)


async def test_a_code_sent_twice_at_once_works_once(shop, phone):
    code = phone.code()
    tries = await asyncio.gather(*(enter(shop, code) for _ in range(4)), return_exceptions=True)
    kinds = sorted(type(one).__name__ for one in tries)
    assert kinds == ["SecondFactorRefused"] * 3 + ["StaffLogin"]


async def test_an_older_code_does_not_work_after_a_newer_one(shop, phone):
    older = phone.code()
    shop.clock.advance(HALF_MINUTE)
    await enter(shop, phone.code())
    with pytest.raises(SecondFactorRefused):
        await enter(shop, older)


@pytest.mark.parametrize("late", [-1, 1])
async def test_a_clock_that_is_half_a_minute_off_is_forgiven(shop, phone, late):
    shop.clock.advance(HALF_MINUTE)
    code = phone.codes.at(int(shop.clock.now().timestamp()) + 30 * late)
    assert (await enter(shop, code)).second_factor == "set_up"


async def test_an_old_code_does_not_work(shop, phone):
    code = phone.code()
    shop.clock.advance(2 * HALF_MINUTE)
    with pytest.raises(SecondFactorRefused):
        await enter(shop, code)


async def test_wrong_codes_cost_time_like_wrong_passwords(shop, phone):
    tries = []
    for _ in range(7):
        try:
            await enter(shop, "000000")
        except LoginRefused as refused:
            tries.append(type(refused))
        except LoginLocked as locked:
            tries.append(type(locked))
    assert tries == [SecondFactorRefused] * 5 + [LoginLocked] * 2


async def test_a_recovery_code_works_once_however_it_is_typed(shop, phone):
    code = phone.recovery[3]
    assert (await enter(shop, f" {code.lower().replace('-', ' ')}")).second_factor == "set_up"
    with pytest.raises(SecondFactorRefused):
        await enter(shop, code)
    assert "staff.recovery_code_used" in await told(shop)


async def test_it_is_taken_off_with_password_and_code(shop, owner, phone):
    await drop_second_factor(shop, owner, PASSWORD, phone.code())
    assert (await enter(shop)).second_factor == "none"


async def test_it_is_not_taken_off_with_the_password_alone(shop, owner, phone):
    with pytest.raises(SecondFactorRefused):
        await drop_second_factor(shop, owner, PASSWORD, "000000")
    with pytest.raises(SecondFactorNeeded):
        await enter(shop)


async def test_a_second_one_is_not_set_up_over_the_first(shop, owner, phone):
    with pytest.raises(SecondFactorThere):
        await set_up_second_factor(shop, owner, PASSWORD)


async def test_a_lost_one_is_reset_by_whoever_may(shop, owner, phone):
    entered = await enter(shop, phone.code())
    await reset_second_factor(shop, owner, owner.id)
    assert await staff_from_token(shop, entered.token) is None
    assert (await enter(shop)).second_factor == "none"
    with pytest.raises(NotFound):
        await reset_second_factor(shop, owner, owner.id)


async def test_nobody_resets_somebody_who_may_do_more(shop, owner, phone):
    clerk = Caller(kind="staff", id="clerk", scopes=frozenset({"staff:write"}))
    with pytest.raises(BeyondYourRole):
        await reset_second_factor(shop, clerk, owner.id)


async def test_the_audit_log_tells_every_step(shop, owner, phone):
    with pytest.raises(SecondFactorRefused):
        await enter(shop, "000000")
    await drop_second_factor(shop, owner, PASSWORD, phone.code())
    assert {
        "staff.second_factor_begun",
        "staff.second_factor_added",
        "login.second_factor_refused",
        "staff.second_factor_removed",
    } <= set(await told(shop))


@pytest.fixture
def strict(shop, tmp_path):
    """The merchant wants a second factor of owners."""
    source = Source(tmp_path, tables={"staff": {"second_factor": ["owner"]}})
    shop.config = replace(shop.config, source=source)
    return shop


async def test_who_needs_one_and_has_none_may_do_nothing_but_set_it_up(strict, owner):
    entered = await enter(strict)
    assert (entered.second_factor, entered.scopes) == ("missing", ())
    caller = await staff_from_token(strict, entered.token)
    assert caller.scopes == frozenset()
    begun = await set_up_second_factor(strict, caller, PASSWORD)
    phone = Phone(strict, begun.uri)
    await confirm_second_factor(strict, caller, phone.code())
    strict.clock.advance(HALF_MINUTE)
    entered = await enter(strict, phone.code())
    assert (await staff_from_token(strict, entered.token)).scopes == {"*"}


async def test_a_token_from_before_the_rule_may_do_nothing_either(shop, owner, strict):
    strict.config = replace(strict.config, source=Source(strict.config.folder, tables={}))
    entered = await enter(strict)
    assert (await staff_from_token(strict, entered.token)).scopes == {"*"}
    rule = {"staff": {"second_factor": ["owner"]}}
    strict.config = replace(strict.config, source=Source(strict.config.folder, tables=rule))
    assert (await staff_from_token(strict, entered.token)).scopes == frozenset()


async def test_other_roles_are_left_alone(strict, hire):
    packer = await hire()
    entered = await log_in_staff(strict, packer.email, PASSWORD, HOME)
    assert entered.second_factor == "none"
    assert "orders:ship" in entered.scopes

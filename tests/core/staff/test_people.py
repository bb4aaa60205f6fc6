"""Who may make whom what."""

import asyncio

import pytest

from jishi.callers import Caller
from jishi.staff import (
    BeyondYourRole,
    EmailTaken,
    FixedRole,
    LastOwner,
    NewPerson,
    NoSuchRole,
    OwnerExists,
    PersonChange,
    RoleInUse,
    add_person,
    change_person,
    create_owner,
    list_people,
    list_roles,
    log_in_staff,
    remove_role,
    set_role,
    staff_from_token,
)

PASSWORD = "correct horse battery"
HOME = Caller(address="203.0.113.7")
CLERK = Caller(kind="staff", id="clerk", scopes=frozenset({"staff:*", "orders:*", "stock:*"}))


async def test_the_first_owner_is_made_once(shop, owner):
    with pytest.raises(OwnerExists) as refused:
        await create_owner(shop, "second@example.com", PASSWORD)
    assert "/admin/staff" in refused.value.next_step


async def test_of_five_first_owners_at_once_there_is_one(shop):
    await asyncio.gather(
        *(create_owner(shop, f"o{number}@example.com", PASSWORD) for number in range(5)),
        return_exceptions=True,
    )
    assert [one.role for one in await list_people(shop.database)] == ["owner"]


async def test_two_people_do_not_share_an_address(shop, hire):
    await hire("Pack@example.com")
    with pytest.raises(EmailTaken):
        await hire("pack@example.com ".strip())


async def test_a_role_that_nobody_defined_is_refused(hire):
    with pytest.raises(NoSuchRole, match="wizard"):
        await hire(role="wizard")


async def test_nobody_makes_somebody_who_may_more_than_he(shop, owner):
    new = NewPerson(email="x@example.com", password=PASSWORD, role="owner")
    with pytest.raises(BeyondYourRole):
        await add_person(shop, CLERK, new)


async def test_nobody_makes_himself_more_than_he_is(shop, hire):
    person = await hire()
    with pytest.raises(BeyondYourRole):
        await change_person(shop, CLERK, person.id, PersonChange(role="owner"))


async def test_nobody_gives_the_owner_a_new_password_but_an_owner(shop, owner):
    with pytest.raises(BeyondYourRole):
        await change_person(shop, CLERK, owner.id, PersonChange(password="now it is mine"))


async def test_nobody_defines_a_role_that_may_more_than_he(shop):
    with pytest.raises(BeyondYourRole):
        await set_role(shop, CLERK, "helper", ["payments:refund"])


@pytest.mark.parametrize("change", [PersonChange(role="packer"), PersonChange(standing="blocked")])
async def test_the_last_owner_stays(shop, owner, change):
    with pytest.raises(LastOwner):
        await change_person(shop, owner, owner.id, change)


async def test_of_two_owners_who_leave_at_once_one_stays(shop, owner, hire):
    other = await hire("two@example.com", "owner")
    leave = PersonChange(role="packer")
    await asyncio.gather(
        *(change_person(shop, owner, one, leave) for one in (owner.id, other.id)),
        return_exceptions=True,
    )
    assert sum(one.role == "owner" for one in await list_people(shop.database)) == 1


async def test_blocking_somebody_logs_him_out(shop, owner, hire):
    person = await hire()
    token = (await log_in_staff(shop, person.email, PASSWORD, HOME)).token
    assert await staff_from_token(shop, token)
    await change_person(shop, owner, person.id, PersonChange(standing="blocked"))
    assert await staff_from_token(shop, token) is None


async def test_another_name_does_not_log_out(shop, owner, hire):
    person = await hire()
    token = (await log_in_staff(shop, person.email, PASSWORD, HOME)).token
    await change_person(shop, owner, person.id, PersonChange(name="Packer Pan"))
    assert await staff_from_token(shop, token)


async def test_a_role_defined_anew_counts_at_once(shop, owner, hire):
    person = await hire()
    token = (await log_in_staff(shop, person.email, PASSWORD, HOME)).token
    await set_role(shop, owner, "packer", ["orders:ship"])
    assert (await staff_from_token(shop, token)).scopes == {"orders:ship"}


async def test_a_role_that_somebody_has_stays(shop, owner, hire):
    await set_role(shop, owner, "guard", ["orders:read"])
    await hire(role="guard")
    with pytest.raises(RoleInUse):
        await remove_role(shop, owner, "guard")


async def test_the_owners_role_is_what_it_is(shop, owner):
    with pytest.raises(FixedRole):
        await set_role(shop, owner, "owner", ["orders:read"])


async def test_a_shop_comes_with_five_roles(shop):
    names = [role.name for role in await list_roles(shop.database)]
    assert names == ["accountant", "cashier", "editor", "owner", "packer"]

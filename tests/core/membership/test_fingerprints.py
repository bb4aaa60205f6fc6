"""Members are found by fingerprints; those who were there before are found by their values."""

import pytest

from jishi.db import Conflict
from jishi.events import Handlers, Runner
from jishi.membership import (
    Identity,
    Said,
    jobs,
    join_by,
    list_members,
    load_member,
    recognise,
    rename_member,
)
from jishi.membership.at_rest import fill_fingerprints
from jishi.membership.members import keep_identity
from jishi.membership.migrations.m0003_fingerprints import OPERATIONS

PHONE = Identity(kind="phone", value="8613800138000")
CARD = Identity(kind="card", value="8613800138000")
EMAIL = Identity(kind="email", value="s1.li@example.com")


async def forget_prints(shop) -> None:
    """Identities as an earlier release wrote them."""
    async with shop.database.transaction() as tx:
        await tx.execute("UPDATE membership_identities SET fingerprint = NULL")


async def prints(shop) -> list:
    return await shop.database.fetch_as(
        str, "SELECT fingerprint FROM membership_identities WHERE fingerprint IS NOT NULL"
    )


async def test_without_keys_values_lie_in_clear_with_a_fingerprint(shop, join):
    await join(shop, PHONE)
    [row] = await shop.database.fetch("SELECT value, fingerprint FROM membership_identities")
    assert row[0] == PHONE.value
    assert row[1] == shop.database.opener.fingerprint(PHONE.value, "membership_identities.value")


async def test_neither_a_code_nor_its_limits_name_the_number(shop, enter, box):
    from jishi.membership import send_login_code

    await send_login_code(shop, PHONE, "")
    kept = await shop.database.fetch("SELECT * FROM membership_codes")
    counted = await shop.database.fetch("SELECT key FROM membership_limits")
    assert kept
    assert counted
    assert PHONE.value not in str((kept, counted))


@pytest.mark.parametrize("identity", [PHONE, EMAIL])
async def test_who_was_there_before_is_recognised(shop, join, identity):
    member = await join(shop, identity)
    await forget_prints(shop)
    assert await join(shop, identity) == member
    assert (await load_member(shop.database, member)).identities == (identity,)


async def test_who_was_there_before_has_his_number_for_himself(shop, join):
    await join(shop, PHONE)
    other = await join(shop, EMAIL)
    await forget_prints(shop)
    with pytest.raises(Conflict):
        async with shop.database.transaction() as tx:
            await keep_identity(tx, other, PHONE, shop.clock.now(), ("till", None))


async def test_a_job_fills_the_fingerprints(shop, join):
    members = [await join(shop, each) for each in (PHONE, EMAIL)]
    before = sorted(await prints(shop))
    await forget_prints(shop)
    handlers = Handlers()
    jobs.register(handlers)
    await Runner(shop, handlers).drain()
    assert sorted(await prints(shop)) == before
    assert [await join(shop, each) for each in (PHONE, EMAIL)] == members


async def test_many_rows_are_filled_in_batches(shop, join, monkeypatch):
    monkeypatch.setattr("jishi.membership.at_rest.BATCH", 2)
    for number in range(5):
        await join(shop, Identity(kind="phone", value=f"861380013800{number}"))
    await forget_prints(shop)
    await fill_fingerprints(shop)
    assert len(set(await prints(shop))) == 5


async def test_the_same_text_of_another_kind_or_issuer_is_another_identity(shop, join):
    tills = [Identity(kind="till", value="7", issuer=each) for each in ("pospal", "hualala")]
    found = {await join(shop, each) for each in (PHONE, CARD, *tills)}
    assert len(found) == 4


async def test_when_the_secret_changes_clear_values_still_find_their_members(
    shop, other_shop, join
):
    shop.database.opener = None
    member = await join(shop, PHONE)
    assert await join(other_shop, PHONE) == member


async def test_a_number_that_was_only_said_gives_way_to_who_proves_it(shop, join):
    said = (await join_by(shop, PHONE, Said(name="李"), "till")).member.id
    await forget_prints(shop)
    async with shop.database.transaction() as tx:
        proved, joined = await recognise(tx, shop, PHONE, "")
    assert (proved.id, joined) == (said, False)
    [row] = await shop.database.fetch("SELECT verified_at FROM membership_identities")
    assert row[0] == shop.clock.now()


async def test_whoever_says_anothers_fingerprint_is_not_him(shop, join):
    number = Identity(kind="wechat_unionid", value="oLice-_12345678901234567890")
    member = await join(shop, number)
    [stolen] = await prints(shop)
    assert await join(shop, Identity(kind="wechat_unionid", value=stolen)) != member


async def test_a_name_that_looks_sealed_is_a_name(shop, join):
    member = await join(shop, PHONE)
    assert (await rename_member(shop, member, "s1.x.y")).name == "s1.x.y"
    [listed] = (await list_members(shop.database, "", None, 9)).items
    assert listed.name == "s1.x.y"


async def test_what_looked_sealed_before_the_upgrade_is_what_it_was(shop, join):
    member = await join(shop, EMAIL)
    async with shop.database.transaction() as tx:
        await tx.execute("UPDATE membership_identities SET value = $1", EMAIL.value)
        await tx.execute("UPDATE membership_members SET name = 's0.Li'")
        for step in OPERATIONS[-2:]:
            for statement in step.statements(shop.database.dialect):
                await tx.execute(statement)
    await forget_prints(shop)
    kept = await load_member(shop.database, member)
    assert (kept.name, kept.identities) == ("s0.Li", (EMAIL,))
    assert await join(shop, EMAIL) == member

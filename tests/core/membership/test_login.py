"""Logging in: who becomes a member, what a guest brings along, which tokens count."""

import asyncio
from datetime import timedelta

import pytest

from jishi.callers import Caller
from jishi.membership import (
    Identity,
    IdentityTaken,
    LastIdentity,
    attach_identity,
    caller_from_token,
    detach_identity,
    end_token,
    list_identities,
    list_members,
    list_tokens,
    load_member,
    log_in,
    log_out,
    new_guest,
    recognise,
    send_attach_code,
    send_login_code,
)
from jishi.problems import NotFound

PHONE = Identity(kind="phone", value="8613800138000")
EMAIL = Identity(kind="email", value="li@example.com")
SECOND = timedelta(seconds=1)


async def test_the_first_login_joins_and_the_second_finds_him(shop, enter):
    first = await enter(name="Li")
    shop.clock.advance(timedelta(minutes=1))
    second = await enter(name="Somebody else")
    assert (first.joined, second.joined) == (True, False)
    assert second.member == first.member
    assert second.member.name == "Li"


async def test_joining_is_told_once(shop, enter):
    await enter()
    shop.clock.advance(timedelta(minutes=1))
    member = (await enter()).member
    told = await shop.database.fetch("SELECT name, subject FROM events_outbox")
    assert told == [("member.joined", member.id)]


async def test_ten_ways_in_at_once_make_one_member(shop):
    async def arrive() -> str:
        async with shop.database.transaction() as tx:
            return (await recognise(tx, shop, PHONE, ""))[0].id

    ids = await asyncio.gather(*(arrive() for _ in range(10)))
    assert len(set(ids)) == 1
    assert len((await list_members(shop.database, "", None, 50)).items) == 1


async def test_what_a_guest_has_is_adopted_in_the_logins_transaction(shop, enter):
    adopted = []

    async def adopt(tx, guest, member, channel, now):
        adopted.append((guest, await tx.fetch("SELECT id FROM membership_members"), channel))

    guest = Caller(kind="guest", id="guest-1", channel="mini_program")
    entered = await enter(caller=guest, adopters=(adopt,))
    assert adopted == [("guest-1", [(entered.member.id,)], "mini_program")]


async def test_when_adopting_fails_nobody_logs_in_and_the_code_still_fits(shop, box):
    async def fail(tx, guest, member, channel, now):
        raise RuntimeError("the cart is on fire")

    await send_login_code(shop, PHONE, "")
    guest = Caller(kind="guest", id="guest-1")
    with pytest.raises(RuntimeError):
        await log_in(shop, PHONE, box.code, guest, adopters=(fail,))
    assert not (await list_members(shop.database, "", None, 50)).items
    assert (await log_in(shop, PHONE, box.code, guest)).joined


async def test_nobodys_null_is_never_adopted(shop, enter):
    async def adopt(tx, guest, member, channel, now):
        raise AssertionError("an anonymous caller has nothing")

    assert (await enter(caller=Caller(), adopters=(adopt,))).joined


async def test_a_members_token_names_the_member(shop, enter):
    entered = await enter()
    caller = await caller_from_token(shop, entered.token)
    assert (caller.kind, caller.id) == ("member", entered.member.id)


async def test_a_token_is_kept_as_a_hash(shop, enter):
    entered = await enter()
    [(kept,)] = await shop.database.fetch("SELECT hash FROM membership_tokens")
    assert kept not in entered.token
    assert len(kept) == 64


async def test_a_token_ends_after_thirty_days(shop, enter):
    entered = await enter()
    shop.clock.advance(timedelta(days=30) - SECOND)
    assert await caller_from_token(shop, entered.token)
    shop.clock.advance(SECOND)
    assert await caller_from_token(shop, entered.token) is None


async def test_logging_out_ends_the_token_at_once(shop, enter):
    entered = await enter()
    assert await caller_from_token(shop, entered.token)
    await log_out(shop, entered.token)
    assert await caller_from_token(shop, entered.token) is None


async def test_a_revocation_elsewhere_is_seen_within_a_second(shop, enter):
    entered = await enter()
    assert await caller_from_token(shop, entered.token)
    async with shop.database.transaction() as tx:
        await tx.execute("UPDATE membership_tokens SET ended_at = $1", shop.clock.now())
    shop.clock.advance(SECOND)
    assert await caller_from_token(shop, entered.token) is None


async def test_another_place_can_be_logged_out(shop, enter):
    first = await enter()
    shop.clock.advance(timedelta(minutes=1))
    second = await enter()
    [kept, _] = await list_tokens(shop, first.member.id)
    assert await caller_from_token(shop, first.token)
    await end_token(shop, first.member.id, kept.id)
    assert await caller_from_token(shop, first.token) is None
    assert await caller_from_token(shop, second.token)


async def test_nobody_ends_the_token_of_another(shop, enter):
    mine, theirs = await enter(), await enter(EMAIL)
    [kept] = await list_tokens(shop, theirs.member.id)
    with pytest.raises(NotFound):
        await end_token(shop, mine.member.id, kept.id)
    assert await caller_from_token(shop, theirs.token)


async def test_a_guests_token_names_the_guest_without_a_row(shop):
    guest = new_guest(shop)
    caller = await caller_from_token(shop, guest.token)
    assert (caller.kind, caller.id) == ("guest", guest.id)


async def test_a_guests_token_cannot_be_made_up(shop, other_shop):
    one, two = new_guest(shop), new_guest(shop)
    mixed = f"g.{one.id}.{two.token.rpartition('.')[2]}"
    forged = [mixed, new_guest(other_shop).token, f"g.{one.id}.", f"g.{one.id}", one.token + "A"]
    forged += [one.token.upper(), f"g..{'A' * 22}", "g.", "m.", "", one.token.replace("g.", "m.")]
    assert [await caller_from_token(shop, token) for token in forged] == [None] * len(forged)


async def test_a_second_identity_is_attached_by_code_and_logs_in(shop, box, enter):
    member = (await enter()).member
    await send_attach_code(shop, member.id, EMAIL, "")
    kept = await attach_identity(shop, member.id, EMAIL, box.code)
    assert [one.value for one in kept] == [PHONE.value, EMAIL.value]
    shop.clock.advance(timedelta(minutes=1))
    assert (await enter(EMAIL)).member.id == member.id


async def test_an_identity_of_somebody_else_is_not_attached(shop, box, enter):
    mine, theirs = (await enter()).member, (await enter(EMAIL)).member
    shop.clock.advance(timedelta(minutes=1))
    await send_attach_code(shop, mine.id, EMAIL, "")
    with pytest.raises(IdentityTaken):
        await attach_identity(shop, mine.id, EMAIL, box.code)
    assert (await load_member(shop.database, theirs.id)).identities == (EMAIL,)


async def test_the_last_identity_stays(shop, enter):
    member = (await enter()).member
    [only] = await list_identities(shop, member.id)
    with pytest.raises(LastIdentity):
        await detach_identity(shop, member.id, only.id)


async def test_of_two_identities_taken_off_at_once_one_stays(shop, box, enter):
    member = (await enter()).member
    await send_attach_code(shop, member.id, EMAIL, "")
    kept = await attach_identity(shop, member.id, EMAIL, box.code)
    await asyncio.gather(
        *(detach_identity(shop, member.id, one.id) for one in kept), return_exceptions=True
    )
    assert len(await list_identities(shop, member.id)) == 1


@pytest.mark.parametrize("words", ["wang", "Wang", "8001380", "example.com", "%", "_", "!"])
async def test_staff_find_members_by_parts_of_name_and_number(shop, enter, words):
    wang, li = await enter(name="Wang %_!"), await enter(EMAIL, name="Li")
    found = [one.id for one in (await list_members(shop.database, words, None, 50)).items]
    assert found == [li.member.id if "@" in words or "example" in words else wang.member.id]


async def test_members_are_listed_newest_first_by_pages(shop, enter):
    first, second = await enter(), await enter(EMAIL)
    page = await list_members(shop.database, "", None, 1)
    rest = await list_members(shop.database, "", page.next, 1)
    assert [page.items[0].id, rest.items[0].id] == [second.member.id, first.member.id]
    assert rest.next is None

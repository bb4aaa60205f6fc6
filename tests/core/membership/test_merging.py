"""Two members become one, and are parted again: nothing lost, nothing doubled."""

import asyncio
import importlib
from datetime import timedelta

import pytest

from jishi.callers import Caller
from jishi.effects import Claim, Credit
from jishi.events import Handlers, Runner
from jishi.ledger import Credit as Put
from jishi.ledger import Debit as Spend
from jishi.ledger import Group, Hold, Refused, Void, apply_one, balances, check
from jishi.membership import (
    Identity,
    MemberAddress,
    NotMerged,
    Why,
    add_address,
    change_address,
    detach_identity,
    enter,
    list_addresses,
    list_identities,
    list_members,
    list_tokens,
    load_file,
    load_member,
    look_for_others,
    member_ids,
    merge_members,
    part_member,
    sweep,
)
from jishi.membership import caller_from_token as caller_of_token
from jishi.membership.jobs import register
from jishi.plugins import Declaration, HookFailed, Plugin, hookimpl
from jishi.problems import Invalid, NotFound
from jishi.testing.purse import Purse, purse_of

merging = importlib.import_module("jishi.membership.merge_members")
STAFF = Why(actor="staff:1")
PHONES = [Identity(kind="phone", value=f"861380013800{n}") for n in range(4)]
HOME = MemberAddress(
    name="李雷", phone="13800138000", region="浙江省", city="杭州市", street="文三路 1 号",
    is_default="yes",
)  # fmt: skip


class Ear(Plugin):
    declaration = Declaration(name="ear", version="1.0")

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, str]] = []

    @hookimpl
    def member_merged(self, merge) -> None:
        self.heard.append(("merged", merge.source, merge.target))

    @hookimpl
    def member_parted(self, merge) -> None:
        self.heard.append(("parted", merge.target, merge.source))


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def shop(open_with, ear):
    return open_with(Purse(), ear)


@pytest.fixture
async def three(shop, join) -> list[str]:
    """Give three members with 100, 20 and 3 fen in their purses."""
    members = [await join(shop, phone) for phone in PHONES[:3]]
    for member, amount in zip(members, (100, 20, 3), strict=True):
        await move(shop, Put(account=purse_of(member), amount=amount, key=member, reason="top-up"))
    return members


async def move(shop, operation) -> None:
    async with shop.database.transaction() as tx:
        await apply_one(tx, Group(operations=(operation,)), shop.clock.now())


async def purses(shop, *members) -> tuple[int, ...]:
    found = await balances(shop.database, [purse_of(each) for each in members])
    return tuple(found[purse_of(each)].balance for each in members)


async def drained(shop) -> None:
    handlers = Handlers()
    register(handlers)
    await Runner(shop, handlers).drain()


async def test_what_was_in_two_purses_is_in_one(shop, three):
    one, other, _ = three
    merge = await merge_members(shop, other, one, STAFF)
    assert (merge.kind, merge.source, merge.target) == ("merge", other, one)
    assert await purses(shop, one, other) == (120, 0)
    assert await check(shop.database) == []


async def test_both_ids_are_his_for_ever(shop, three):
    one, other, _ = three
    await merge_members(shop, other, one, STAFF)
    assert await member_ids(shop.database, one) == (one, other)
    assert await member_ids(shop.database, other) == (one, other)
    assert (await load_member(shop.database, other)).id == one
    assert (await load_member(shop.database, one)).identities == tuple(PHONES[:2])


async def test_a_guest_has_one_id(shop):
    assert await member_ids(shop.database, "guest") == ("guest",)


async def test_the_absorbed_one_is_listed_no_more_and_found_by_what_is_his(shop, three):
    one, other, third = three
    await merge_members(shop, other, one, STAFF)
    listed = await list_members(shop.database, "", None, 10)
    assert [each.id for each in listed.items] == [third, one]
    for words in (other, PHONES[1].value):
        found = await list_members(shop.database, words, None, 10)
        assert [each.id for each in found.items] == [one]


async def test_a_token_of_the_absorbed_one_acts_as_the_survivor(shop, three):
    one, other, _ = three
    async with shop.database.transaction() as tx:
        token = (await enter(tx, shop, PHONES[1], Caller())).token
    assert (await caller_of_token(shop, token)).id == other
    await merge_members(shop, other, one, STAFF)
    assert (await caller_of_token(shop, token)).id == one
    assert len(await list_tokens(shop, one)) == 1
    await part_member(shop, other, STAFF)
    assert (await caller_of_token(shop, token)).id == other


async def test_a_login_with_either_identity_enters_the_survivor(shop, three):
    one, other, _ = three
    await merge_members(shop, other, one, STAFF)
    for phone in PHONES[:2]:
        async with shop.database.transaction() as tx:
            entered = await enter(tx, shop, phone, Caller())
        assert (entered.member.id, entered.joined) == (one, False)


async def test_addresses_of_both_are_his_and_one_is_the_default(shop, three):
    one, other, _ = three
    hers = await add_address(shop, other, HOME)
    his = await add_address(shop, one, HOME)
    await merge_members(shop, other, one, STAFF)
    kept = await list_addresses(shop.database, one)
    assert {each.id: each.address.is_default for each in kept} == {hers.id: "no", his.id: "yes"}
    await change_address(shop, one, hers.id, HOME)
    kept = await list_addresses(shop.database, one)
    assert {each.id: each.address.is_default for each in kept} == {hers.id: "yes", his.id: "no"}
    await part_member(shop, other, STAFF)
    assert [each.id for each in await list_addresses(shop.database, other)] == [hers.id]


async def test_an_identity_that_came_along_can_be_taken_off(shop, three):
    one, other, _ = three
    await merge_members(shop, other, one, STAFF)
    hers = next(each for each in await list_identities(shop, one) if each.value == PHONES[1].value)
    await detach_identity(shop, one, hers.id)
    assert (await load_member(shop.database, one)).identities == (PHONES[0],)


async def test_merged_again_nothing_more_happens(shop, three):
    one, other, _ = three
    first = await merge_members(shop, other, one, STAFF)
    assert await merge_members(shop, other, one, STAFF) == first
    assert await merge_members(shop, one, other, STAFF) == first
    assert await purses(shop, one, other) == (120, 0)


async def test_nobody_is_merged_with_himself_or_with_nobody(shop, three):
    with pytest.raises(Invalid):
        await merge_members(shop, three[0], three[0], STAFF)
    with pytest.raises(NotFound):
        await merge_members(shop, three[0], "nobody", STAFF)
    assert await purses(shop, *three) == (100, 20, 3)


async def test_a_parted_member_gets_back_what_came_with_him(shop, three):
    one, other, _ = three
    await merge_members(shop, other, one, STAFF)
    parted = await part_member(shop, other, STAFF)
    assert (parted.kind, parted.source, parted.target) == ("part", one, other)
    assert await purses(shop, one, other) == (100, 20)
    assert await member_ids(shop.database, one) == (one,)
    assert await check(shop.database) == []


async def test_parted_again_nothing_more_happens(shop, three):
    one, other, _ = three
    await merge_members(shop, other, one, STAFF)
    parted = await part_member(shop, other, STAFF)
    assert await part_member(shop, other, STAFF) == parted
    assert await purses(shop, one, other) == (100, 20)
    with pytest.raises(NotMerged):
        await part_member(shop, one, STAFF)


async def test_what_was_spent_meanwhile_is_gone_and_what_is_new_stays(shop, three):
    one, other, _ = three
    await merge_members(shop, other, one, STAFF)
    await move(shop, Spend(account=purse_of(one), amount=110, key="spent", reason="bought"))
    await part_member(shop, other, STAFF)
    assert await purses(shop, one, other) == (0, 10)
    await merge_members(shop, other, one, STAFF)
    await move(shop, Put(account=purse_of(one), amount=7, key="new", reason="top-up"))
    await part_member(shop, other, STAFF)
    assert await purses(shop, one, other) == (7, 10)


async def test_what_is_held_stays_and_follows_when_the_hold_has_ended(shop, three):
    one, other, _ = three
    hold = Hold(account=purse_of(other), amount=15, key="h", owner="order", expires_at=None)
    await move(shop, hold)
    await merge_members(shop, other, one, STAFF)
    assert await purses(shop, one, other) == (105, 15)
    assert await sweep(shop, other) is not None
    assert await purses(shop, one, other) == (105, 15)
    await move(shop, Void(hold="h", key="v"))
    await sweep(shop, other)
    assert await purses(shop, one, other) == (120, 0)
    await part_member(shop, other, STAFF)
    assert await purses(shop, one, other) == (100, 20)


async def test_a_sweep_looks_after_every_merge_by_itself(shop, three):
    one, other, _ = three
    await merge_members(shop, other, one, STAFF)
    await move(shop, Put(account=purse_of(other), amount=9, key="late", reason="came late"))
    await drained(shop)
    assert await purses(shop, one, other) == (120, 9)
    shop.clock.advance(timedelta(minutes=2))
    await drained(shop)
    assert await purses(shop, one, other) == (129, 0)


async def test_nothing_is_swept_for_somebody_who_is_himself(shop, three):
    assert await sweep(shop, three[0]) is None


async def test_a_chain_ends_at_one_survivor(shop, three):
    one, two, three_ = three
    await merge_members(shop, three_, two, STAFF)
    await merge_members(shop, two, one, STAFF)
    assert await member_ids(shop.database, three_) == (one, two, three_)
    assert await purses(shop, one, two, three_) == (123, 0, 0)


async def test_who_is_parted_takes_those_along_who_came_with_him(shop, three):
    one, two, three_ = three
    await merge_members(shop, three_, two, STAFF)
    await merge_members(shop, two, one, STAFF)
    await part_member(shop, two, STAFF)
    assert await member_ids(shop.database, three_) == (two, three_)
    assert await purses(shop, one, two, three_) == (100, 23, 0)
    await part_member(shop, three_, STAFF)
    assert await purses(shop, one, two, three_) == (100, 20, 3)


async def test_one_of_a_chain_is_parted_from_its_end(shop, three):
    one, two, three_ = three
    await merge_members(shop, three_, two, STAFF)
    await merge_members(shop, two, one, STAFF)
    await part_member(shop, three_, STAFF)
    assert await member_ids(shop.database, one) == (one, two)
    assert await purses(shop, one, two, three_) == (120, 0, 3)


async def test_merging_an_absorbed_one_merges_who_he_is_now(shop, three):
    one, two, three_ = three
    await merge_members(shop, two, one, STAFF)
    merge = await merge_members(shop, two, three_, STAFF)
    assert (merge.source, merge.target) == (one, three_)
    assert await member_ids(shop.database, two) == (three_, one, two)
    assert await purses(shop, one, two, three_) == (0, 0, 123)


@pytest.mark.parametrize("into", [(1, 2), (0, 2), (1, 0)], ids=["chain", "twice", "mutual"])
async def test_merges_at_the_same_moment_end_at_one_survivor(shop, three, into):
    """One into the other while that one goes into the third, or into one another."""
    first, second = (three[0], three[1]), (three[into[0]], three[into[1]])
    await asyncio.gather(merge_members(shop, *first, STAFF), merge_members(shop, *second, STAFF))
    ids = {await member_ids(shop.database, each) for each in {*first, *second}}
    assert len(ids) == 1
    assert set(ids.pop()) == {*first, *second}
    for each in three:
        await sweep(shop, each)
    found = await purses(shop, *three)
    assert sum(found) == 123
    assert sorted(found)[-1] >= 120 if len({*first, *second}) == 2 else max(found) == 123
    assert await check(shop.database) == []


async def test_a_merge_and_a_spending_at_the_same_moment_lose_nothing(shop, three):
    one, other, _ = three
    spend = Spend(account=purse_of(other), amount=20, key="spent", reason="bought")

    async def spent() -> int:
        try:
            await move(shop, spend)
        except Refused:
            return 0
        return 20

    _, gone = await asyncio.gather(merge_members(shop, other, one, STAFF), spent())
    assert sum(await purses(shop, one, other)) == 120 - gone
    assert await check(shop.database) == []


async def test_a_merge_that_a_plugin_refuses_changes_nothing(open_with, shop, three):
    class Broken(Plugin):
        declaration = Declaration(name="broken", version="1.0")

        @hookimpl
        async def load_merge(self, merge):
            raise OSError("no idea")

    one, other, _ = three
    with pytest.raises(HookFailed, match="broken"):
        await merge_members(open_with(Purse(), Broken()), other, one, STAFF)
    assert await purses(shop, one, other) == (100, 20)
    assert await member_ids(shop.database, other) == (other,)


@pytest.mark.parametrize(
    "effect",
    [
        Credit(account="gift:1", amount=5, key="k", reason="out of nothing"),
        Claim(account="gift:1", amount=5, key="k"),
    ],
    ids=["credit", "claim"],
)
async def test_effects_of_merge_neither_make_nor_hold_anything(open_with, shop, three, effect):
    class Giver(Plugin):
        declaration = Declaration(name="gift", version="1.0")

        @hookimpl
        def effects_of_merge(self, merge, loaded):
            return [effect]

    with pytest.raises(HookFailed, match="gift"):
        await merge_members(open_with(Giver()), three[1], three[0], STAFF)
    assert await member_ids(shop.database, three[1]) == (three[1],)


async def test_load_merge_is_handed_to_effects_of_merge_by_plugin(open_with, three):
    class Reader(Plugin):
        declaration = Declaration(name="reader", version="1.0")

        def __init__(self) -> None:
            self.seen: list[object] = []

        @hookimpl
        async def load_merge(self, merge):
            return {"source": merge.source}

        @hookimpl
        def effects_of_merge(self, merge, loaded):
            self.seen.append((merge.kind, loaded["reader"]["source"], "purse" in loaded))

    reader = Reader()
    await merge_members(open_with(Purse(), reader), three[1], three[0], STAFF)
    assert reader.seen == [("merge", three[1], True)]


async def test_member_merged_and_member_parted_are_told(shop, three, ear):
    one, other, _ = three
    await drained(shop)
    await merge_members(shop, other, one, STAFF)
    await part_member(shop, other, STAFF)
    await drained(shop)
    assert ear.heard == [("merged", other, one), ("parted", other, one)]


async def test_the_profile_shows_who_was_merged_and_what_plugins_add(shop, three):
    one, other, _ = three
    await merge_members(shop, other, one, STAFF)
    file = await load_file(shop, other)
    assert (file.member.id, file.ids, file.missing) == (one, (one, other), ())
    assert [(each.kind, each.source, each.actor) for each in file.merges] == [
        ("merge", other, "staff:1")
    ]
    assert [each.source for each in file.identities] == ["login", "login"]
    assert [each.verified_at for each in file.identities] == [shop.clock.now()] * 2
    assert [(each.plugin, each.lines[0].value) for each in file.sections] == [
        ("purse@1.0.0", "120")
    ]


async def test_load_profile_of_a_broken_plugin_is_missing_and_the_rest_is_there(open_with, three):
    class Broken(Plugin):
        declaration = Declaration(name="broken", version="1.0")

        @hookimpl
        async def load_profile(self, member):
            raise OSError("no idea")

    class Other(Broken):
        declaration = Declaration(name="other", version="1.0")

    file = await load_file(open_with(Broken(), Purse(), Other()), three[0])
    assert file.missing == ("broken@1.0", "other@1.0")
    assert [each.plugin for each in file.sections] == ["purse@1.0.0"]


async def test_who_was_parted_by_people_is_not_merged_again_by_itself(shop, three, join):
    one, other, _ = three
    await merge_members(shop, other, one, STAFF)
    await part_member(shop, other, STAFF)
    assert await look_for_others(shop, one) == ()
    assert await member_ids(shop.database, other) == (other,)


async def test_a_merge_of_the_survivor_in_between_is_seen(shop, three, monkeypatch):
    """While one goes into the other, that one goes into the third: planned again."""
    one, two, third = three
    interrupted(monkeypatch, shop, lambda: merge_members(shop, two, third, STAFF))
    await merge_members(shop, one, two, STAFF)
    assert await member_ids(shop.database, one) == (third, one, two)
    assert await purses(shop, *three) == (0, 0, 123)


async def test_without_looking_again_somebody_is_merged_into_nobody(shop, three, monkeypatch):
    """The control: the test above would notice."""
    one, two, third = three
    interrupted(monkeypatch, shop, lambda: merge_members(shop, two, third, STAFF))

    async def nobody(reader, ids):
        return []

    monkeypatch.setattr(merging, "aliases_around", nobody)
    await merge_members(shop, one, two, STAFF)
    assert await member_ids(shop.database, one) != (third, one, two)


async def test_a_parting_in_between_is_seen(shop, three, monkeypatch):
    one, two, third = three
    await merge_members(shop, two, one, STAFF)
    interrupted(monkeypatch, shop, lambda: part_member(shop, two, STAFF))
    await merge_members(shop, one, third, STAFF)
    assert await member_ids(shop.database, two) == (two,)
    assert await member_ids(shop.database, one) == (third, one)
    assert await purses(shop, *three) == (0, 20, 103)


def interrupted(monkeypatch, shop, meanwhile) -> None:
    """The first time that plugins are asked, something else happens before the answer counts."""
    asking, times = merging.ask_effects, []

    async def ask(shop, merge):
        asked = await asking(shop, merge)
        times.append(merge)
        if len(times) == 1:
            await meanwhile()
        return asked

    monkeypatch.setattr(merging, "ask_effects", ask)

"""People are recognised across channels; who is not certain enough is left to people."""

import asyncio
from pathlib import Path

from bench.population import visits
from bench.recognising import Register, recognise_all, score
from msgspec.structs import replace

from jishi.callers import Caller
from jishi.config import Source
from jishi.events import Handlers, Runner
from jishi.membership import (
    Identity,
    PairDecision,
    Said,
    attach_identity,
    decide_pair,
    enter,
    join_by,
    list_identities,
    list_pairs,
    load_pair,
    look_for_others,
    member_ids,
    merge_members,
    resolve,
    send_attach_code,
    survivor_of,
)
from jishi.membership.jobs import register
from jishi.membership.merge_members import Why

PHONE = Identity(kind="phone", value="8613800138000")
OTHER = Identity(kind="phone", value="8613900139000")
OPENID = Identity(kind="wechat_openid", value="oABCDEF123", issuer="wx1")
HOME = "浙江省杭州市西湖区文三路1号3幢502室"


async def drained(shop) -> None:
    handlers = Handlers()
    register(handlers)
    await Runner(shop, handlers).drain()


def test_a_population_is_recognised_with_precision_and_recall():
    found = recognise_all(visits(3_000))
    assert found.precision >= 0.99
    assert found.recall >= 0.92


def test_a_lower_bar_is_seen_in_the_precision():
    """The control: the measure above can fail."""
    assert recognise_all(visits(600), Register(merge_at=900, ask_at=500)).precision < 0.98


async def test_the_shop_recognises_as_the_rules_in_memory_do(shop):
    came = visits(40)
    memory, met, members = Register(), [], []
    for visit in came:
        met.append(memory.meet(visit))
        known = await join_by(shop, visit.identity, visit.said, visit.channel)
        await look_for_others(shop, known.member.id)
        members.append(known.member.id)
    in_shop = [await survivor_of(shop.database, each) for each in members]
    in_memory = [memory.survivor(each) for each in met]
    assert (
        len(set(in_shop)) == len(set(in_memory)) == len(set(zip(in_shop, in_memory, strict=True)))
    )
    assert score(came, in_shop) == score(came, in_memory)


async def test_a_purchase_makes_a_member_and_the_code_to_his_phone_finds_him(shop):
    joined = await join_by(shop, PHONE, Said(name="李雷"), "till:pospal")
    assert (joined.joined, joined.member.name) == ("yes", "李雷")
    kept = await list_identities(shop, joined.member.id)
    assert [(each.source, each.verified_at) for each in kept] == [("till:pospal", None)]
    async with shop.database.transaction() as tx:
        entered = await enter(tx, shop, PHONE, Caller())
    assert (entered.member.id, entered.joined) == (joined.member.id, False)
    kept = await list_identities(shop, joined.member.id)
    assert kept[0].verified_at == shop.clock.now()


async def test_the_second_purchase_finds_him_and_another_name_does_not(shop):
    first = await join_by(shop, PHONE, Said(name="李雷"), "till:pospal")
    again = await join_by(shop, PHONE, Said(name="李雷"), "mall")
    nameless = await join_by(shop, PHONE, Said(), "mall")
    wife = await join_by(shop, PHONE, Said(name="韩梅梅"), "mall")
    assert {again.member.id, nameless.member.id} == {first.member.id}
    assert (again.joined, wife.joined) == ("no", "yes")
    assert wife.member.identities == ()


async def test_joining_at_the_same_moment_makes_one_member(shop):
    joined = await asyncio.gather(*(join_by(shop, PHONE, Said(), "till") for _ in range(5)))
    assert len({each.member.id for each in joined}) == 1
    assert [each.joined for each in joined].count("yes") == 1


async def test_a_proof_that_connects_two_members_makes_them_one(shop):
    mall = await join_by(shop, PHONE, Said(name="李雷", address=HOME), "mall")
    mini = await join_by(shop, None, Said(proved=(OPENID,)), "mini_program")
    assert mini.member.id != mall.member.id
    await join_by(shop, None, Said(proved=(OPENID, PHONE)), "mini_program")
    await drained(shop)
    assert await member_ids(shop.database, mini.member.id) == (mall.member.id, mini.member.id)


async def test_a_probable_pair_waits_for_people_with_its_evidence(shop):
    pair = await twins(shop)
    both = await load_pair(shop, pair.id)
    assert {both.one.member.name, both.other.member.name} == {"李晓雷", "李晓雪"}
    assert {(each.about, each.relation) for each in both.pair.evidence} >= {("name", "near")}


async def test_who_is_not_the_same_never_comes_again(shop):
    pair = await twins(shop)
    decided = await decide_pair(shop, pair.id, PairDecision(verdict="different"), "staff:1")
    assert (decided.state, decided.decided_by) == ("different", "staff:1")
    await twins(shop, again="yes")
    await drained(shop)
    assert (await list_pairs(shop, "open")).items == ()
    assert await survivor_of(shop.database, pair.other) == pair.other


async def test_not_the_same_holds_for_whoever_was_merged_into_one_of_them(shop):
    pair = await twins(shop)
    await decide_pair(shop, pair.id, PairDecision(verdict="different"), "staff:1")
    third = await join_by(shop, OTHER, Said(name="王芳"), "mall")
    await merge_members(shop, pair.one, third.member.id, Why(actor="staff:1"))
    await look_for_others(shop, third.member.id)
    assert (await list_pairs(shop, "open")).items == ()


async def test_the_same_become_one_and_the_chosen_one_survives(shop):
    pair = await twins(shop)
    decision = PairDecision(verdict="same", survivor=pair.other)
    assert (await decide_pair(shop, pair.id, decision, "staff:1")).state == "merged"
    assert await member_ids(shop.database, pair.one) == (pair.other, pair.one)


async def test_merging_can_be_left_to_people(deaf_shop):
    shop = deaf_shop
    source = Source(Path(), tables={"membership": {"merge": "people"}})
    shop.config = replace(shop.config, source=source)
    one = await join_by(shop, PHONE, Said(name="李雷", address=HOME), "mall")
    await join_by(shop, None, Said(proved=(OPENID,)), "mini_program")
    await join_by(shop, None, Said(proved=(OPENID, PHONE)), "mini_program")
    await drained(shop)
    assert await member_ids(shop.database, one.member.id) == (one.member.id,)
    assert len((await list_pairs(shop, "open")).items) == 1


async def test_resolving_only_reads(shop):
    known = await join_by(shop, PHONE, Said(name="李雷"), "till")
    [match] = await resolve(shop, Said(claimed=(PHONE,), name="李雷"))
    assert (match.member, match.likeness.certainty) == (known.member.id, "certain")
    assert await resolve(shop, Said(claimed=(OTHER,), name="李雷")) == ()


async def test_a_thing_that_a_crowd_shares_says_nothing(shop):
    for number in range(45):
        phone = Identity(kind="phone", value=f"86139001390{number:02}")
        await join_by(shop, phone, Said(device="the shop's tablet"), "till")
    assert await resolve(shop, Said(device="the shop's tablet")) == ()


async def test_who_proves_a_number_has_it_though_another_said_it_was_his(shop, box):
    wrong = await join_by(shop, OTHER, Said(name="韩梅梅"), "till")
    async with shop.database.transaction() as tx:
        right = (await enter(tx, shop, PHONE, Caller(), name="李雷")).member.id
    await send_attach_code(shop, right, OTHER, "")
    kept = await attach_identity(shop, right, OTHER, box.code)
    assert {each.value for each in kept} == {PHONE.value, OTHER.value}
    assert await list_identities(shop, wrong.member.id) == []


async def twins(shop, again: str = "no"):
    said = Said(claimed=(PHONE,), address=HOME, device="d1")
    await join_by(shop, None, replace(said, name="李晓雷"), "mall")
    await join_by(shop, None, replace(said, name="李晓雪"), "mall")
    await drained(shop)
    if again == "yes":
        return None
    [pair] = (await list_pairs(shop, "open")).items
    return pair

"""Members, their codes and their payments as they lie in the database of a build with keys."""

import asyncio

import pytest

from jishi.callers import Caller
from jishi.config import Source, read_config
from jishi.dossiers import erase_member, gather, keys_in_use, reseal
from jishi.membership import Identity, enter, list_members, load_member, recognise
from jishi.payments import start_payment
from jishi.payments.list_payments import order_payments
from jishi.plugins import Declaration, Plugin, hookimpl
from jishi.shop import Shop
from jishi.testing.members import ALICE, BOB, Person, buy, join
from jishi.testing.people import Shopper
from jishi.testing.traces import traces_of

SECRET = {"SHOP_SECRET": "0123456789abcdef0123456789abcdef0123456789abcdef"}


class Post(Plugin):
    """Brings codes to nobody in particular."""

    declaration = Declaration(name="post", version="1.0")
    name = "post"

    def serves(self, kind: str) -> bool:
        return True

    async def send(self, identity: Identity, code: str) -> None:
        assert identity.value
        assert code

    @hookimpl
    def register_code_senders(self):
        return [self]


@pytest.fixture
def shop_plugins(shop_plugins):
    """Give a shop that can send codes."""
    return shop_plugins | {"post": Post}


@pytest.fixture
async def alice(shop, client, seller) -> Person:
    """Give a member."""
    await seller.product("tea", stock=100)
    return await join(shop, Person(*ALICE, shopper=Shopper(client, shop)))


def with_keys(shop: Shop, tables: dict, *names: str) -> Shop:
    """The same shop over the same database, with other keys."""
    for name in names:
        (shop.config.folder / name).write_text(name * 64)
    keys = [{"id": name, "secret": {"file": name}} for name in names]
    config = read_config(
        Source(shop.config.folder, tables=tables | {"sealing": {"keys": keys}}, environ=SECRET)
    )
    return Shop(config, shop.database, shop.hooks, shop.clock)


async def log_in(shop: Shop, phone: str) -> str:
    async with shop.database.transaction() as tx:
        identity = Identity(kind="phone", value=f"86{phone}")
        return (await enter(tx, shop, identity, Caller())).member.id


async def pay(shop: Shop, person: Person, order: dict) -> None:
    payer = {"openid": person.openid, "address": "203.0.113.7"}
    await start_payment(shop, order["id"], "paper", "app", payer, "member")


async def test_a_dump_names_nobody(shop, alice, runner):
    await buy(shop, alice)
    await pay(shop, alice, await buy(shop, alice, stage="placed"))
    await runner.drain()
    assert await traces_of(shop.database, alice.words) == []
    assert set(await keys_in_use(shop)) == {"1"}
    assert await shop.database.fetch("SELECT count(*) FROM membership_codes") == [(1,)]


async def test_the_scan_sees_what_a_build_without_keys_leaves(shop, shop_tables, alice, runner):
    """The control: the same words in the same columns are found when they lie in clear."""
    await pay(shop, alice, await buy(shop, alice, stage="placed"))
    await _open_everything(shop, shop_tables)
    found = {each.place for each in await traces_of(shop.database, alice.words)}
    assert {
        "membership_identities.value",
        "membership_members.name",
        "payments_attempts.payer",
    } <= found


async def _open_everything(shop, shop_tables) -> None:
    """Write down in clear what is sealed, as an earlier release would have."""
    for table, column in (
        ("membership_identities", "value"),
        ("membership_members", "name"),
        ("payments_attempts", "payer"),
    ):
        rows = await shop.database.fetch(f"SELECT id, {column} FROM {table}")
        async with shop.database.transaction() as tx:
            for key, stored in rows:
                text = shop.database.opener.unseal(stored, f"{table}.{column}", key)
                await tx.execute(f"UPDATE {table} SET {column} = $2 WHERE id = $1", key, text)
    async with shop.database.transaction() as tx:
        await tx.execute("UPDATE membership_identities SET fingerprint = NULL")


async def test_what_was_stored_in_clear_is_found_then_sealed_then_found(shop, shop_tables, alice):
    order = await buy(shop, alice, stage="placed")
    await pay(shop, alice, order)
    await _open_everything(shop, shop_tables)
    assert await log_in(shop, alice.phone) == alice.id
    [_ async for _ in reseal(shop)]
    assert set(await keys_in_use(shop)) == {"1"}
    assert await traces_of(shop.database, alice.words) == []
    assert await log_in(shop, alice.phone) == alice.id
    member = await load_member(shop.database, alice.id)
    assert member.name == alice.name
    assert {each.value for each in member.identities} == {f"86{alice.phone}", alice.openid}
    assert {step.sealed async for step in reseal(shop)} == {0}


async def test_a_new_key_seals_members_and_payers_and_the_old_one_may_go(shop, shop_tables, alice):
    order = await buy(shop, alice, stage="placed")
    await pay(shop, alice, order)
    later = with_keys(shop, shop_tables, "1", "2")
    [_ async for _ in reseal(later)]
    after = with_keys(shop, shop_tables, "2")
    assert set(await keys_in_use(after)) == {"2"}
    assert await log_in(after, alice.phone) == alice.id
    assert (await load_member(after.database, alice.id)).name == alice.name
    [paid] = (await order_payments(after.database, order["id"])).attempts
    assert alice.openid in paid.payer


async def test_sealing_again_brings_fingerprints_to_a_new_secret(shop, shop_tables, alice):
    source = Source(shop.config.folder, tables=shop_tables, environ={"SHOP_SECRET": "another" * 8})
    changed = Shop(read_config(source), shop.database, shop.hooks, shop.clock)
    [_ async for _ in reseal(changed)]
    assert await log_in(changed, alice.phone) == alice.id


async def test_a_payment_that_is_asked_for_again_is_the_same_payment(shop, alice):
    order = await buy(shop, alice, stage="placed")
    await pay(shop, alice, order)
    await pay(shop, alice, order)
    assert len((await order_payments(shop.database, order["id"])).attempts) == 1


@pytest.mark.parametrize(
    ("words", "finds"),
    [
        (ALICE[0], True),
        (f"+86 {ALICE[0]}", True),
        (f"86{ALICE[0]}", True),
        (ALICE[1], True),
        (ALICE[0][:7], False),
        (ALICE[2], False),
        ("s1", False),
    ],
)
async def test_staff_find_sealed_members_by_whole_numbers_alone(shop, alice, words, finds):
    found = [one.id for one in (await list_members(shop.database, words, None, 9)).items]
    assert found == ([alice.id] if finds else [])


async def test_staff_find_a_sealed_member_by_his_id_and_read_his_name(shop, alice):
    [found] = (await list_members(shop.database, alice.id, None, 9)).items
    assert (found.id, found.name) == (alice.id, alice.name)


async def test_logins_with_one_new_number_at_once_make_one_member(shop):
    phone = Identity(kind="phone", value="8613955556666")

    async def arrive() -> str:
        async with shop.database.transaction() as tx:
            return (await recognise(tx, shop, phone, "赵"))[0].id

    assert len(set(await asyncio.gather(*(arrive() for _ in range(6))))) == 1
    assert await shop.database.fetch("SELECT count(*) FROM membership_members") == [(1,)]


@pytest.mark.control
async def test_without_the_unique_fingerprint_a_sealed_number_gets_two_owners(shop):
    """The control: sealed values differ each time, so fingerprints alone keep them apart."""
    phone = Identity(kind="phone", value="8613955556666")
    await log_in(shop, "13955556666")
    async with shop.database.transaction() as tx:
        await tx.execute("DROP INDEX membership_identities_print")
    async with shop.database.transaction() as tx:
        await tx.execute("UPDATE membership_identities SET fingerprint = NULL")
        await recognise(tx, shop, phone, "")
    assert await shop.database.fetch("SELECT count(*) FROM membership_members") == [(2,)]


async def test_an_identity_moved_to_another_member_does_not_open(shop, client, alice):
    bob = await join(shop, Person(*BOB, shopper=Shopper(client, shop)))
    async with shop.database.transaction() as tx:
        await tx.execute(
            "UPDATE membership_members SET name = "
            "(SELECT name FROM membership_members WHERE id = $1) WHERE id = $2",
            alice.id,
            bob.id,
        )
    answer = await bob.shopper.send("GET", "/store/me")
    assert answer.status_code == 500
    assert alice.name not in answer.text


async def test_a_sealed_members_dossier_is_open_and_his_erasure_is_whole(shop, alice, runner):
    await buy(shop, alice)
    await pay(shop, alice, await buy(shop, alice, stage="placed"))
    dossier = await gather(shop, alice.id)
    said = str({name: found.records() for name, found in dossier.found.items()})
    assert [word for word in alice.words if word not in said] == []
    for table in ("membership_codes", "membership_limits"):
        assert dossier.found[table].rows
    await erase_member(shop, alice.id)
    await runner.drain()
    for table in ("membership_identities", "membership_codes"):
        assert await shop.database.fetch(f"SELECT count(*) FROM {table}") == [(0,)]
    counted = await shop.database.fetch_as(str, "SELECT key FROM membership_limits")
    assert all(key.startswith("hour:address:") for key in counted)  # a network, nobody's
    assert await log_in(shop, alice.phone) != alice.id

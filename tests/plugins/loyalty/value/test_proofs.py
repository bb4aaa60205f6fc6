"""From a limit on, only who proves that it is he may pay."""

import asyncio
from datetime import timedelta

import pytest

from jishi.plugins import Declaration, Plugin, hookimpl
from jishi_loyalty.value.problems import PasswordLocked, ProofNeeded, ProofWrong
from jishi_loyalty.value.prove import (
    MOST_FAILURES,
    check_password,
    keep_proof,
    set_password,
)
from jishi_loyalty.value.spend import Spending, spend

ONCE = pytest.mark.parametrize("migrated_database_url", ["sqlite"], indirect=True)
"""For tests whose statements others have run on both databases."""

BALANCE = {"gateway": "stored_value", "method": "balance"}


@pytest.fixture
def value_settings(value_settings):
    """Give a shop that wants a proof from 100 yuan on."""
    return value_settings | {"step_up_from": 10_000, "most_balance": 0}


def paying(name: str, amount: int) -> Spending:
    return Spending(id=name, member="anna", amount=amount, currency="CNY")


@ONCE
async def test_many_small_payments_are_one_large_one(shop, wallet):
    await wallet.topped_up("anna", 100_000)
    settings = wallet.value.settings
    await spend(wallet.desk, settings, paying("a", 6_000))
    with pytest.raises(ProofNeeded):
        await spend(wallet.desk, settings, paying("b", 4_000))
    await spend(wallet.desk, settings, paying("c", 3_999))
    shop.clock.advance(timedelta(hours=25))
    await spend(wallet.desk, settings, paying("d", 9_999))


async def test_many_small_payments_at_once_are_one_large_one(wallet):
    await wallet.topped_up("anna", 100_000)
    done = await asyncio.gather(
        *(
            spend(wallet.desk, wallet.value.settings, paying(f"p{number}", 4_000))
            for number in range(8)
        ),
        return_exceptions=True,
    )
    assert sum(not isinstance(one, Exception) for one in done) == 2
    assert await wallet.balance("anna") == 92_000


async def test_a_proof_is_good_for_one_payment_of_so_much_for_some_minutes(shop, wallet):
    await wallet.topped_up("anna", 100_000)
    settings = wallet.value.settings
    await keep_proof(wallet.desk, "anna", 20_000, "password", 5)
    with pytest.raises(ProofNeeded):
        await spend(wallet.desk, settings, paying("too-much", 20_001))
    await spend(wallet.desk, settings, paying("fits", 20_000))
    await spend(wallet.desk, settings, paying("fits", 20_000))
    with pytest.raises(ProofNeeded):
        await spend(wallet.desk, settings, paying("second", 20_000))
    await keep_proof(wallet.desk, "anna", 20_000, "password", 5)
    shop.clock.advance(timedelta(minutes=6))
    with pytest.raises(ProofNeeded):
        await spend(wallet.desk, settings, paying("late", 20_000))
    await keep_proof(wallet.desk, "bert", 20_000, "password", 5)
    with pytest.raises(ProofNeeded):
        await spend(wallet.desk, settings, paying("others", 20_000))


@ONCE
async def test_a_refused_payment_keeps_its_proof(wallet):
    await wallet.topped_up("anna", 15_000)
    await keep_proof(wallet.desk, "anna", 20_000, "password", 5)
    with pytest.raises(Exception, match="15000"):
        await spend(wallet.desk, wallet.value.settings, paying("too-much", 16_000))
    await spend(wallet.desk, wallet.value.settings, paying("fits", 15_000))


async def test_a_wrong_password_locks_after_five_and_the_hash_alone_is_kept(shop, wallet):
    await set_password(wallet.desk, "anna", "246810")
    ((kept,),) = await shop.database.fetch("SELECT password FROM loyalty_value_members")
    assert kept.startswith("$argon2id$")
    await check_password(wallet.desk, "anna", "246810")
    done = await asyncio.gather(
        *(check_password(wallet.desk, "anna", f"00000{n}") for n in range(8)),
        return_exceptions=True,
    )
    wrong = [one for one in done if isinstance(one, ProofWrong)]
    assert (len(wrong), len(done)) == (MOST_FAILURES, 8)
    with pytest.raises(PasswordLocked):
        await check_password(wallet.desk, "anna", "246810")
    shop.clock.advance(timedelta(minutes=31))
    await check_password(wallet.desk, "anna", "246810")


@ONCE
async def test_tries_while_it_is_locked_do_not_lock_it_longer(shop, wallet):
    await set_password(wallet.desk, "anna", "112233")
    for _ in range(5):
        with pytest.raises(ProofWrong):
            await check_password(wallet.desk, "anna", "000000")
    for _ in range(8):
        with pytest.raises(PasswordLocked):
            await check_password(wallet.desk, "anna", "112233")
    shop.clock.advance(timedelta(minutes=31))
    await check_password(wallet.desk, "anna", "112233")


@ONCE
async def test_nobody_without_a_password_is_let_in(wallet):
    with pytest.raises(ProofWrong):
        await check_password(wallet.desk, "nobody", "")


class Pager(Plugin):
    """Keeps the codes that were sent."""

    declaration = Declaration(name="pager", version="1.0.0", scopes=("members:contact",))
    name = "pager"

    def __init__(self, settings=None):
        super().__init__(settings)
        self.sent = []

    @hookimpl
    def register_code_senders(self):
        return [self]

    def serves(self, kind):
        return kind == "phone"

    async def send(self, identity, code):
        self.sent.append(code)


class TestOverHttp:
    """The walk of a member's device."""

    @pytest.fixture
    def shop_plugins(self, shop_plugins):
        """Give a shop that sends codes."""
        return shop_plugins | {"pager": Pager}

    @ONCE
    async def test_a_large_payment_asks_for_the_password_and_then_goes_through(
        self, seller, members, wallet
    ):
        await seller.product("towel", price=20_000)
        anna = await members.one()
        await wallet.topped_up(anna.id, 100_000)
        placed = (await anna.place({"towel": 1}, payment=BALANCE)).json()
        assert (placed["payment"]["status"], placed["payment"]["refusal"]) == (
            "refused",
            "step_up_needed",
        )
        path = f"/store/orders/{placed['id']}/payments"
        refused = await anna.send("POST", path, json=BALANCE)
        assert (refused.status_code, refused.json()["gateway_code"]) == (409, "step_up_needed")
        await set_password(wallet.desk, anna.id, "246810")
        wrong = await anna.send(
            "POST", "/loyalty/value/proofs", json={"most": 30_000, "password": "111111"}
        )
        assert wrong.json()["code"] == "value_proof_wrong"
        right = await anna.send(
            "POST", "/loyalty/value/proofs", json={"most": 30_000, "password": "246810"}
        )
        assert right.status_code == 201
        paid = await anna.send("POST", path, json=BALANCE)
        assert paid.json()["status"] == "paid"
        assert await wallet.balance(anna.id) == 100_000 - placed["total"]

    @ONCE
    async def test_a_password_is_set_with_a_code_and_changed_with_the_one_before(
        self, shop, client, members
    ):
        anna, sent = await members.one(), shop.hooks.plugin("pager").sent
        await client.post("/store/login/codes", json={"phone": "13900009999"})
        login = {"phone": "13900009999", "code": sent.pop()}
        token = (await client.post("/store/login", json=login)).json()["token"]
        anna.headers = {"authorization": f"Bearer {token}"}
        shop.clock.advance(timedelta(minutes=2))
        path = "/loyalty/value/password"
        assert (await anna.send("PUT", path, json={"password": "246810"})).status_code == 422
        answer = await anna.send("POST", "/loyalty/value/proofs/codes")
        assert answer.status_code == 202, answer.text
        (code,) = sent
        wrong = {"password": "246810", "code": f"{(int(code) + 1) % 1_000_000:06d}"}
        assert (await anna.send("PUT", path, json=wrong)).json()["field"] == "code"
        right = {"password": "246810", "code": code}
        assert (await anna.send("PUT", path, json=right)).status_code == 204
        assert (await anna.send("PUT", path, json=right)).status_code == 422
        changed = {"password": "135790", "current": "246810"}
        assert (await anna.send("PUT", path, json=changed)).status_code == 204
        old = {"most": 1, "password": "246810"}
        assert (await anna.send("POST", "/loyalty/value/proofs", json=old)).status_code == 422

"""The operations, one at a time and in groups."""

from datetime import UTC, datetime, timedelta

import pytest

from jishi.db import Conflict, Database
from jishi.ledger import (
    Balance,
    Credit,
    Debit,
    Group,
    Hold,
    HoldGone,
    KeyReused,
    Open,
    Operation,
    Outcome,
    Post,
    Refused,
    Shortage,
    Void,
    apply,
    apply_one,
    balances,
    check,
    lapse,
    statement,
    stock_account,
)

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
TEA = stock_account("TEA")
CUP = stock_account("CUP")


async def do(database: Database, *operations: Operation, source: str = "core") -> Outcome:
    async with database.transaction() as tx:
        (outcome,) = await apply(tx, [Group(operations=operations, source=source)], NOW)
    return outcome


async def stands(database: Database, account: str = TEA) -> tuple[int, int]:
    found = (await balances(database, [account]))[account]
    return found.balance, found.held


def stocked(amount: int, account: str = TEA) -> Credit:
    return Credit(account=account, amount=amount, key=f"delivery:{account}", reason="delivery")


def hold(amount: int, key: str = "h1", account: str = TEA, **more: object) -> Hold:
    more = {"owner": "order-1", "expires_at": NOW + timedelta(minutes=30)} | more
    return Hold(account=account, amount=amount, key=key, **more)


async def test_a_credit_makes_the_account(database: Database):
    assert (await do(database, stocked(5))) == Outcome()
    assert await stands(database) == (5, 0)


async def test_a_debit_takes_what_is_there(database: Database):
    await do(database, stocked(5))
    await do(database, Debit(account=TEA, amount=5, key="broken", reason="broken"))
    assert await stands(database) == (0, 0)


async def test_a_debit_of_more_than_there_is_changes_nothing(database: Database):
    await do(database, stocked(5))
    outcome = await do(
        database, Debit(account=TEA, amount=6, key="x", reason="x", refusal="Too little tea.")
    )
    assert outcome.refusal == Shortage(
        account=TEA, wanted=6, available=5, refusal="Too little tea."
    )
    assert await stands(database) == (5, 0)


async def test_what_is_held_can_not_be_debited(database: Database):
    await do(database, stocked(5), hold(3))
    outcome = await do(database, Debit(account=TEA, amount=3, key="x", reason="x"))
    assert outcome.refusal == Shortage(account=TEA, wanted=3, available=2)


async def test_a_posted_hold_leaves_the_account(database: Database):
    await do(database, stocked(5), hold(3))
    assert await stands(database) == (5, 3)
    await do(database, Post(hold="h1", key="paid"))
    assert await stands(database) == (2, 0)


async def test_a_voided_hold_is_there_again(database: Database):
    await do(database, stocked(5), hold(3))
    await do(database, Void(hold="h1", key="cancelled"))
    assert await stands(database) == (5, 0)
    assert not (await do(database, hold(5, "h2"))).refusals


async def test_a_hold_on_an_account_that_does_not_exist_is_a_shortage(database: Database):
    outcome = await do(database, hold(1))
    assert outcome.refusal == Shortage(account=TEA, wanted=1, available=0)


async def test_a_posted_hold_can_not_be_voided_nor_posted_again(database: Database):
    await do(database, stocked(5), hold(3), Post(hold="h1", key="paid"))
    for late in (Void(hold="h1", key="late"), Post(hold="h1", key="late")):
        assert (await do(database, late)).refusal == HoldGone(hold="h1", state="posted")
    assert await stands(database) == (2, 0)


async def test_a_voided_hold_can_not_be_posted(database: Database):
    await do(database, stocked(5), hold(3), Void(hold="h1", key="cancelled"))
    outcome = await do(database, Post(hold="h1", key="paid"))
    assert outcome.refusal == HoldGone(hold="h1", state="voided")


async def test_a_hold_nobody_made_is_gone(database: Database):
    outcome = await do(database, Post(hold="h1", key="paid"))
    assert outcome.refusal == HoldGone(hold="h1", state="missing")


async def test_voiding_what_was_voided_under_another_key_changes_nothing(database: Database):
    await do(database, stocked(5), hold(3), Void(hold="h1", key="lapsed"))
    assert await do(database, Void(hold="h1", key="cancelled")) == Outcome(replayed="yes")
    assert await stands(database) == (5, 0)


@pytest.mark.parametrize(
    "operation",
    [
        stocked(5),
        Debit(account=TEA, amount=1, key="broken", reason="broken"),
        hold(3, "h2"),
        Post(hold="h1", key="paid"),
        Void(hold="h1", key="cancelled"),
        Open(account="limit:a", balance=2),
    ],
    ids=lambda operation: type(operation).__name__,
)
async def test_a_repeat_answers_as_the_first_time_and_does_nothing(
    database: Database, operation: Operation
):
    await do(database, stocked(50), hold(3, "h1"))
    if not isinstance(operation, Credit):
        assert not (await do(database, operation)).refusals
    else:
        operation = stocked(50)
    before = await stands(database), await stands(database, "limit:a")
    assert await do(database, operation) == Outcome(replayed="yes")
    assert (await stands(database), await stands(database, "limit:a")) == before


@pytest.mark.parametrize(
    ("operation", "key"),
    [
        (stocked(6), f"delivery:{TEA}"),
        (Debit(account=TEA, amount=5, key=f"delivery:{TEA}", reason="x"), f"delivery:{TEA}"),
        (Credit(account=CUP, amount=5, key=f"delivery:{TEA}", reason="x"), f"delivery:{TEA}"),
        (hold(2), "h1"),
        (hold(3, owner="order-2"), "h1"),
        (hold(3, account=CUP), "h1"),
        (Post(hold="h2", key="paid"), "paid"),
        (Void(hold="h2", key="paid"), "paid"),
        (Void(hold="paid", key="paid"), "paid"),
        (Post(hold="h2", key="void"), "void"),
        (Void(hold="h2", key="void"), "void"),
    ],
)
async def test_a_key_used_for_something_else_is_refused(
    database: Database, operation: Operation, key: str
):
    await do(database, stocked(5), hold(3), hold(1, "h2"), hold(1, "h3"))
    await do(database, stocked(5, CUP))
    await do(database, Void(hold="h3", key="void"), Post(hold="h1", key="paid"))
    before = await stands(database), await stands(database, CUP)
    assert (await do(database, operation)).refusal == KeyReused(key=key)
    assert (await stands(database), await stands(database, CUP)) == before


async def test_a_group_of_old_and_new_operations_is_another_group(database: Database):
    await do(database, stocked(5), hold(1))
    outcome = await do(database, hold(1), hold(1, "h2"))
    assert outcome.refusal == KeyReused(key="h1")
    assert await stands(database) == (5, 1)


async def test_a_group_happens_whole_or_not_at_all(database: Database):
    await do(database, stocked(5), stocked(1, CUP))
    outcome = await do(database, hold(2), hold(2, "h2", CUP), hold(1, "h3"))
    assert outcome.refusals == (Shortage(account=CUP, wanted=2, available=1),)
    assert await stands(database) == (5, 0)
    assert await stands(database, CUP) == (1, 0)


async def test_a_refusal_names_every_short_account_with_the_groups_whole_demand(
    database: Database,
):
    await do(database, stocked(5), stocked(1, CUP))
    outcome = await do(database, hold(3), hold(3, "h2"), hold(2, "h3", CUP))
    assert outcome.refusals == (
        Shortage(account=TEA, wanted=6, available=5),
        Shortage(account=CUP, wanted=2, available=1),
    )


async def test_groups_of_one_call_are_decided_in_their_order(database: Database):
    await do(database, stocked(5), stocked(5, CUP))
    groups = [
        Group(operations=(hold(3, "a1"), hold(3, "a2", CUP))),
        Group(operations=(hold(3, "b1"),)),
        Group(operations=(hold(2, "c1"), hold(2, "c2", CUP))),
        Group(operations=(Post(hold="a1", key="a1:paid"), Void(hold="a2", key="a2:void"))),
        Group(operations=(hold(5, "d1", CUP),)),
        Group(operations=(hold(3, "e1", CUP),)),
        Group(operations=(hold(3, "a1"), hold(3, "a2", CUP))),
    ]
    async with database.transaction() as tx:
        outcomes = await apply(tx, groups, NOW)
    assert [one.refusal for one in outcomes] == [
        None,
        Shortage(account=TEA, wanted=3, available=2),
        None,
        None,
        Shortage(account=CUP, wanted=5, available=3),
        None,
        None,
    ]
    assert outcomes[-1].replayed == "yes"
    assert await stands(database) == (2, 2)
    assert await stands(database, CUP) == (5, 5)
    assert await check(database) == []


async def test_an_account_opens_once_however_many_bring_its_opening(database: Database):
    limit = Open(account="limit:TEA:mei", balance=3)
    groups = [
        Group(operations=(limit, hold(2, "o1", limit.account))),
        Group(operations=(limit, hold(2, "o2", limit.account))),
        Group(operations=(Open(account=limit.account, balance=9), hold(1, "o3", limit.account))),
    ]
    async with database.transaction() as tx:
        outcomes = await apply(tx, groups, NOW)
    assert [one.refusal for one in outcomes] == [
        None,
        Shortage(account=limit.account, wanted=2, available=1),
        None,
    ]
    again = await do(database, *groups[0].operations)
    assert again == Outcome(replayed="yes")
    assert await stands(database, limit.account) == (3, 3)


async def test_an_opening_in_a_refused_group_waits_for_the_next(database: Database):
    limit = Open(account="limit:TEA:mei", balance=3)
    assert (await do(database, limit, hold(4, "o1", limit.account))).refusals
    assert await stands(database, limit.account) == (0, 0)
    assert not (await do(database, limit, hold(3, "o1", limit.account))).refusals


async def test_an_account_may_have_a_credit_line(database: Database):
    await do(database, Open(account="owed:mei", balance=10, floor=-100, unit="fen"))
    take = Debit(account="owed:mei", amount=111, key="d1", reason="bought")
    assert (await do(database, take)).refusal == Shortage(
        account="owed:mei", wanted=111, available=110
    )
    await do(database, Debit(account="owed:mei", amount=110, key="d2", reason="bought"))
    found = (await balances(database, ["owed:mei"]))["owed:mei"]
    assert (found.balance, found.available) == (-100, 0)


async def test_a_refusal_ends_a_story_that_can_not_go_on(database: Database):
    async with database.transaction() as tx:
        with pytest.raises(Refused) as caught:
            await apply_one(tx, Group(operations=(hold(1),)), NOW)
    assert caught.value.document()["refusals"] == [
        {"type": "shortage", "account": TEA, "wanted": 1, "available": 0, "refusal": None}
    ]


@pytest.mark.parametrize("amount", [0, -1, 10**15 + 1])
def test_an_amount_is_positive_and_of_this_world(amount: int):
    with pytest.raises(ValueError, match="moves 1 to"):
        hold(amount)


async def test_a_hold_lapses_at_its_time_and_says_whose_it_was(database: Database):
    await do(database, stocked(9))
    await do(database, hold(1, "early", owner="o1", expires_at=NOW))
    await do(database, hold(2, "late", owner="o2", expires_at=NOW + timedelta(seconds=1)))
    await do(database, hold(3, "never", owner="o3", expires_at=None))
    async with database.transaction() as tx:
        lapsed = await lapse(tx, NOW)
    assert [(one.key, one.owner, one.amount) for one in lapsed] == [("early", "o1", 1)]
    assert await stands(database) == (9, 5)
    async with database.transaction() as tx:
        assert await lapse(tx, NOW) == []
    assert (await do(database, Post(hold="early", key="paid"))).refusal == HoldGone(
        hold="early", state="voided"
    )


async def test_lapsing_takes_the_longest_overdue_first_and_no_more_than_asked(
    database: Database,
):
    await do(database, stocked(9))
    for minutes in (3, 1, 2):
        await do(database, hold(1, f"h{minutes}", expires_at=NOW - timedelta(minutes=minutes)))
    async with database.transaction() as tx:
        assert [one.key for one in await lapse(tx, NOW, limit=2)] == ["h3", "h2"]


async def test_a_statement_lists_entries_the_youngest_first(database: Database):
    await do(database, stocked(5), hold(2), Post(hold="h1", key="paid"), source="tea@1.0")
    lines = await statement(database, TEA)
    assert [(one.operation, one.amount, one.reason) for one in lines] == [
        ("post", -2, "h1"),
        ("credit", 5, "delivery"),
    ]
    assert lines[0].source == "tea@1.0"
    assert lines[0].entered_at == NOW
    assert [one.key for one in await statement(database, TEA, before=lines[0].id)] == [
        f"delivery:{TEA}"
    ]


async def test_balances_of_unknown_accounts_are_nothing(database: Database):
    assert await balances(database, ["stock:NONE:main"]) == {"stock:NONE:main": Balance()}


@pytest.mark.parametrize(
    "statement_of_a_cheat",
    ["UPDATE ledger_entries SET amount = 99", "DELETE FROM ledger_entries"],
)
async def test_entries_never_change(database: Database, statement_of_a_cheat: str):
    await do(database, stocked(5))
    with pytest.raises(Conflict) as caught:
        async with database.transaction() as tx:
            await tx.execute(statement_of_a_cheat)
    assert caught.value.constraint == "ledger_entries_immutable"
    assert [one.amount for one in await statement(database, TEA)] == [5]


async def test_the_database_itself_refuses_to_go_below_the_floor(database: Database):
    await do(database, stocked(5))
    with pytest.raises(Conflict) as caught:
        async with database.transaction() as tx:
            await tx.execute("UPDATE ledger_accounts SET held = 6")
    assert caught.value.constraint == "ledger_accounts_floor"

"""Whatever is done in whatever order, the ledger does what a few plain lines would."""

from datetime import UTC, datetime

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jishi.db import Database
from jishi.identifiers import new_id
from jishi.ledger import (
    Credit,
    Debit,
    Group,
    Hold,
    Operation,
    Post,
    Void,
    apply,
    balances,
    check,
)

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
NAMES = ("a", "b", "c")


class Model:
    """Accounts as two dicts; every group on a copy that is kept or thrown away."""

    def __init__(self) -> None:
        self.balance: dict[str, int] = {}
        self.holds: dict[str, tuple[str, int]] = {}  # live ones
        self.ended: dict[str, str] = {}
        self.done: dict[str, Operation] = {}

    def apply(self, group: Group) -> bool:
        if all(self.done.get(one.key) == one for one in group.operations):
            return True
        trial = Model()
        for name in vars(self):
            setattr(trial, name, dict(getattr(self, name)))
        if not all(trial.take(one, self) for one in group.operations):
            return False
        vars(self).update(vars(trial))
        return True

    def room(self, account: str) -> int:
        held = sum(amount for name, amount in self.holds.values() if name == account)
        return self.balance.get(account, 0) - held

    def take(self, one: Operation, before: "Model") -> bool:
        idle = isinstance(one, Void) and self.ended.get(one.hold) == "voided"
        if idle and one.key not in self.done:
            return True
        if one.key in self.done:  # old within a group that is new, or something else
            return one.key not in before.done and self.done[one.key] == one
        self.done[one.key] = one
        match one:
            case Credit():
                self.balance[one.account] = self.balance.get(one.account, 0) + one.amount
            case Debit():
                if self.room(one.account) < one.amount:
                    return False
                self.balance[one.account] -= one.amount
            case Hold():
                if self.room(one.account) < one.amount:
                    return False
                self.holds[one.key] = (one.account, one.amount)
            case Post() | Void():
                if one.hold not in self.holds:
                    return False
                account, amount = self.holds.pop(one.hold)
                posted = isinstance(one, Post)
                self.ended[one.hold] = "posted" if posted else "voided"
                self.balance[account] -= amount if posted else 0
        return True


accounts = st.sampled_from(NAMES)
amounts = st.integers(1, 5)
numbers = st.integers(0, 5)
operations = st.one_of(
    st.builds(
        lambda account, amount, n: Credit(account=account, amount=amount, key=f"c{n}", reason=""),
        accounts, amounts, numbers,
    ),
    st.builds(
        lambda account, amount, n: Debit(account=account, amount=amount, key=f"d{n}", reason=""),
        accounts, amounts, numbers,
    ),
    st.builds(
        lambda account, amount, n: Hold(
            account=account, amount=amount, key=f"h{n}", owner="o", expires_at=None
        ),
        accounts, amounts, numbers,
    ),
    st.builds(lambda h, n: Post(hold=f"h{h}", key=f"p{n}"), numbers, numbers),
    st.builds(lambda h, n: Void(hold=f"h{h}", key=f"v{n}"), numbers, numbers),
)  # fmt: skip
calls = st.lists(
    st.lists(
        st.lists(operations, min_size=1, max_size=3, unique_by=lambda one: one.key), max_size=5
    ),
    max_size=6,
)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(stock=st.dictionaries(accounts, st.integers(1, 12)), calls=calls)
async def test_the_ledger_does_what_the_model_does(
    database: Database, stock: dict[str, int], calls: list[list[list[Operation]]]
):
    world = new_id()  # each example has accounts and keys of its own
    model = Model()
    first = [
        [Credit(account=name, amount=amount, key=f"stock:{name}", reason="")]
        for name, amount in stock.items()
    ]
    for call in [first, *calls]:
        groups = [Group(operations=tuple(in_world(world, one) for one in group)) for group in call]
        async with database.transaction() as tx:
            outcomes = await apply(tx, groups, NOW)
        assert [not one.refusals for one in outcomes] == [model.apply(one) for one in groups]
        names = [world + name for name in NAMES]
        standing = await balances(database, names)
        assert [one.balance for one in standing.values()] == [
            model.balance.get(name, 0) for name in names
        ]
        assert [one.available for one in standing.values()] == [model.room(name) for name in names]
    assert await check(database) == []


def in_world(world: str, one: Operation) -> Operation:
    named = {
        field: world + getattr(one, field)
        for field in ("account", "key", "hold")
        if hasattr(one, field)
    }
    return msgspec.structs.replace(one, **named)

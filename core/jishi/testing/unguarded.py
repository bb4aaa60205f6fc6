"""Switches guards off in this process: the positive controls of race tests.

A test that finds no oversell proves nothing until the same test fails without the guard.
`GUARDS` names every guard against a race and how it is taken away; `without` does it for one
test, `without_guards` takes the ledger's three away together.
"""

from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module  # a story's function hides its module
from typing import Literal

import msgspec
import pytest

from jishi.checkout import place_batch, write_carts
from jishi.db import Database
from jishi.ledger import decide, sql
from jishi.orders import sql as orders_sql
from jishi.orders import transition
from jishi.payments import settle_payment
from jishi.payments import sql as payments_sql

Unguard = Callable[[Database], Awaitable[None]]
Dialects = tuple[Literal["sqlite", "postgresql"], ...]


class Guard(msgspec.Struct, frozen=True, kw_only=True):
    """Something that stands between a race and its damage.

    Attributes:
        keeps: What it is there for.
        patches: Module, name and what is put in its place.
        statements: Run on the database, by engine.
        shows_on: Engines on which its absence does damage; SQLite's one writer hides some.
    """

    keeps: str
    patches: tuple[tuple[object, str, object], ...] = ()
    statements: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    shows_on: Dialects = ("sqlite", "postgresql")


def _everything(standing: object) -> int:
    return 10**9


async def _look_away(*_: object) -> None:
    return None


async def _nothing_else(*_: object) -> str:
    return ""


_guarded_move = sql.move
_constraint = "ALTER TABLE {} DROP CONSTRAINT {}"

GUARDS: dict[str, Guard] = {
    "row lock": Guard(
        keeps="accounts are locked before anything is decided",
        patches=((sql, "LOCK", sql.LOCK.replace("FOR UPDATE", "")),),
        shows_on=("postgresql",),
    ),
    "floor": Guard(
        keeps="an account never goes below its floor: decision, update and CHECK",
        patches=(
            (decide, "room", _everything),
            (sql, "move", lambda rows: _guarded_move(rows, guard="")),
        ),
    ),
    "placing key": Guard(
        keeps="one key places one order",
        patches=((place_batch, "_answer_repeats", _look_away),),
        statements={
            "postgresql": (
                _constraint.format("orders_orders", "orders_orders_owner_placing_key_key"),
            )
        },
        shows_on=("postgresql",),  # where the constraint stays, the refused one finds the first
    ),
    "cart once": Guard(
        keeps="one cart becomes one order",
        patches=((place_batch, "_check_carts", _look_away),),
    ),
    "cart line": Guard(
        keeps="a cart is changed as it is by then, not as it was when the batch began",
        patches=((write_carts, "_as_it_is", lambda before, after, cart: before.get(cart)),),
    ),
    "order version": Guard(
        keeps="a change is made to the order that was looked at",
        patches=(
            (transition, "lock_order", _look_away),
            (orders_sql, "CHANGE", orders_sql.CHANGE.replace("version = $2", "$2::bigint > 0")),
        ),
    ),
    "paid once": Guard(
        keeps="a payment is counted once",
        patches=(
            (settle_payment, "settle_together", _look_away),  # it would see them at one moment
            (payments_sql, "PAID", payments_sql.PAID.replace("status <> 'paid'", "1 = 1")),
        ),
    ),
    "one attempt": Guard(
        keeps="a payment is started once however often it is asked for at a time",
        patches=((import_module("jishi.payments.start_payment"), "hold_order", _look_away),),
        shows_on=("postgresql",),
    ),
    "one transaction": Guard(
        keeps="one payment at the gateway pays one order",
        patches=((settle_payment, "_other_payment", _nothing_else),),
        statements={
            "sqlite": ("DROP INDEX payments_attempts_transaction",),
            "postgresql": ("DROP INDEX payments_attempts_transaction",),
        },
    ),
    "refund key": Guard(
        keeps="one key gives money back once",
        patches=(
            (payments_sql, "REQUEST_DIGEST", f"{payments_sql.REQUEST_DIGEST[:-8]} AND 1 = 0"),
        ),
    ),
    "inbox": Guard(
        keeps="a message from elsewhere is new once",
        statements={"postgresql": (_constraint.format("events_inbox", "events_inbox_pkey"),)},
        shows_on=("postgresql",),
    ),
    "event key": Guard(
        keeps="what happened once is told once",
        statements={"postgresql": (_constraint.format("events_outbox", "events_outbox_key_key"),)},
        shows_on=("postgresql",),
    ),
}
"""Every guard against a race; each has a test that fails without it."""

Without = Callable[[str, Database], Awaitable[None]]


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Without:
    """Give a function that takes one of `GUARDS` away until the test ends."""

    async def take_away(name: str, database: Database) -> None:
        guard = GUARDS[name]
        for where, what, instead in guard.patches:
            monkeypatch.setattr(where, what, instead)
        if name == "floor":
            await without_checks(database)
        async with database.transaction() as tx:
            for statement in guard.statements.get(database.dialect, ()):
                await tx.execute(statement)

    return take_away


@pytest.fixture
def without_guards(without: Without) -> Unguard:
    """Give a function that takes the decision, the condition and the checks away."""

    async def unguard(database: Database) -> None:
        await without("floor", database)

    return unguard


async def without_checks(database: Database) -> None:
    """Drop the CHECKs of the accounts, on either engine."""
    async with database.transaction() as tx:
        if database.dialect == "postgresql":
            for rule in ("floor", "held", "most"):
                await tx.execute(
                    f"ALTER TABLE ledger_accounts DROP CONSTRAINT ledger_accounts_{rule}"
                )
            return
        await tx.execute("ALTER TABLE ledger_accounts RENAME TO guarded")
        await tx.execute(
            "CREATE TABLE ledger_accounts (id TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, "
            "balance BIGINT NOT NULL, held BIGINT NOT NULL, floor BIGINT NOT NULL, "
            "unit TEXT NOT NULL, created_at INTEGER NOT NULL)"
        )
        await tx.execute("INSERT INTO ledger_accounts SELECT * FROM guarded")

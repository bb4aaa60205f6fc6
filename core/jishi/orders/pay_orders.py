"""Money came in for many orders at once: those that nothing is unusual about, together."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from jishi.db import Transaction, padded
from jishi.events import emit
from jishi.ledger import Group, apply
from jishi.orders import sql
from jishi.orders.effects_of import ask_effects
from jishi.orders.holds import taking
from jishi.orders.pay_order import paying
from jishi.orders.structs import Order
from jishi.orders.timeline import note_many
from jishi.orders.transition import MovedOn, events_of
from jishi.shop import Shop


class PaidInFull(msgspec.Struct, frozen=True, kw_only=True):
    """A placed order and what it becomes by a payment.

    Attributes:
        before: As it was read.
        after: As it will be.
        actor: Who says so.
    """

    before: Order
    after: Order
    actor: str


def paid_in_full(shop: Shop, order: Order, amount: int, actor: str) -> PaidInFull | None:
    """An order that can be paid together with others.

    None when `pay_order` has to look at it alone: it is not waiting for its money, that is not
    all that is open, or a plugin wants something written along.

    Raises:
        HookFailed: A plugin failed.
    """
    if order.status != "placed" or amount <= 0 or amount != order.open_amount:
        return None
    change = paying(shop, order, amount, actor)
    after = msgspec.structs.replace(change.after, version=order.version + 1)
    if any(effects for _, effects in ask_effects(shop, after, "pay")):
        return None
    return PaidInFull(before=order, after=after, actor=actor)


async def pay_orders(
    tx: Transaction, shop: Shop, payments: Sequence[PaidInFull], now: datetime
) -> list[Order]:
    """Pay orders; the number of statements does not depend on how many.

    Args:
        tx: The transaction that also writes the payments down.
        shop: The shop.
        payments: One for each order at most.
        now: The shop's time.

    Returns:
        The orders that are paid now. Of the others nothing was written: they are not as they were
        read any more, or the ledger refused.

    Raises:
        MovedOn: Rows are not what was read under lock.
    """
    ids = sorted(one.before.id for one in payments)
    versions = {str(row[0]): row[1] for row in await tx.fetch(sql.LOCK_SOME, ids)}
    going = [one for one in payments if versions.get(one.before.id) == one.before.version]
    if not going:
        return []
    operations = await taking(tx, [one.after for one in going])
    groups = [
        Group(operations=tuple(operations[one.before.id]), source="core", reference=one.before.id)
        for one in going
    ]
    outcomes = await apply(tx, groups, now)
    paid = [one for one, outcome in zip(going, outcomes, strict=True) if not outcome.refusals]
    if paid:
        await _write(tx, shop, paid, now)
    return [one.after for one in paid]


async def _write(tx: Transaction, shop: Shop, paid: Sequence[PaidInFull], now: datetime) -> None:
    rows = [(one.before.id, one.before.version, one.after.paid, one.after.paid_at) for one in paid]
    size, values = padded(rows)
    if await tx.execute(sql.pay(size), *values) != len(rows):
        raise MovedOn
    await note_many(tx, [(one.before.id, "pay", one.actor, "") for one in paid], now)
    await emit(tx, shop, [event for one in paid for event in events_of(one.after, "pay")])

"""The one way an order changes: planned, asked about, then written whole or not at all."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from jishi.db import Transaction
from jishi.events import Happened, emit, enqueue
from jishi.ledger import Group, HoldGone, Operation, Refused, apply
from jishi.membership import sweeping
from jishi.orders import sql
from jishi.orders.effects_of import Along, ask_effects, claims_of, not_applied, write_effects
from jishi.orders.holds import hold_operations
from jishi.orders.load_order import find_order
from jishi.orders.problems import OrderBusy, OrderNotReady
from jishi.orders.structs import Asked, Order, OrderLine, Status, Transition
from jishi.orders.timeline import note
from jishi.shop import Shop

ALLOWED: dict[Transition, frozenset[Status]] = {
    "pay": frozenset({"placed", "cancelled", "expired"}),
    "ship": frozenset({"paid", "fulfilling"}),
    "complete": frozenset({"fulfilling"}),
    "cancel": frozenset({"placed", "paid"}),
    "expire": frozenset({"placed"}),
    "refund": frozenset({"paid", "fulfilling", "completed"}),
}
"""In which states an order may make a transition; anything else is refused."""

_EVENTS: dict[Transition, str] = {
    "pay": "order.paid",
    "ship": "order.shipped",
    "complete": "order.completed",
    "cancel": "order.cancelled",
    "expire": "order.expired",
}
"""A refund is told when the money has gone back, by whoever moves it."""

_GIVES_BACK: frozenset[Transition | None] = frozenset({"cancel", "expire", "refund"})
"""Transitions that void holds, or return what was spent."""

_TRIES = 100
"""Each lost race means that somebody else's change went through."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is to become of an order.

    Attributes:
        transition: What happens; None for bookkeeping that no plugin hears of.
        after: The order as it will be; its version is not looked at.
        actor: Who does it.
        step: The word in the timeline; without it the transition's.
        detail: The sentence in the timeline.
        holds: What becomes of what the order holds: kept, taken for good, or given back.
        operations: What else the ledger does, all or nothing with the rest.
        source: Who asks the ledger, ``core`` or ``plugin@version``.
    """

    transition: Transition | None
    after: Order
    actor: str
    step: str = ""
    detail: str = ""
    holds: Literal["keep", "post", "void"] = "keep"
    operations: tuple[Operation, ...] = ()
    source: str = "core"


Plan = Callable[[Order], Awaitable[Change | None]]
"""Looks at the order as it is; None when there is nothing left to do."""

Also = Callable[[Transaction, Order], Awaitable[None]]
"""Writes along, in the same transaction, under the order's lock; gets the order as it now is."""


class MovedOn(Exception):
    """The order is not what the plan was made for; plan again."""


async def change_order(shop: Shop, order_id: str, plan: Plan, also: Also | None = None) -> Order:
    """Change an order, whatever else happens to it at the same time.

    Plugins are asked outside of the transaction, with the order as it will be; inside, the order
    is locked, and when it is no longer what the plan saw, everything starts again.

    Args:
        shop: The shop.
        order_id: The order's id.
        plan: Decides; it is asked again after every lost race. It may read, never write.
        also: Writes along.

    Returns:
        The order as it is now.

    Raises:
        NotFound: There is no such order.
        OrderNotReady: Its state does not allow the transition.
        Refused: The ledger has not enough.
        HookFailed: A plugin failed; nothing was written.
    """
    for _ in range(_TRIES):
        order = await find_order(shop.database, order_id)
        change = await plan(order)
        if change is None:
            return order
        _check(order, change)
        after = msgspec.structs.replace(change.after, version=order.version + 1)
        change = msgspec.structs.replace(change, after=after)
        asked = ask_effects(shop, after, change.transition) if change.transition else ()
        try:
            return await shop.database.atomically(_writing(shop, order, change, asked, also))
        except MovedOn:
            continue
    raise OrderBusy("Others keep changing this order.", next_step="Try again in a moment.")


def _check(order: Order, change: Change) -> None:
    """Refuse a transition that the order's state does not allow."""
    if change.transition is None or order.status in ALLOWED[change.transition]:
        return
    raise not_ready(order, change.transition)


def not_ready(order: Order, transition: Transition) -> OrderNotReady:
    """The problem of a transition in the wrong state."""
    return OrderNotReady(
        f"The order is {order.status}; {transition} needs one that is "
        f"{' or '.join(sorted(ALLOWED[transition]))}.",
        next_step="Look at the order again.",
        order_status=order.status,
    )


def _writing(
    shop: Shop, before: Order, change: Change, asked: Sequence[Asked], also: Also | None
) -> Callable[[Transaction], Awaitable[Order]]:
    async def write(tx: Transaction) -> Order:
        await lock_order(tx, before)
        now = shop.clock.now()
        events = await _write_along(tx, shop, change, asked, now)
        await _write_order(tx, before, change.after)
        await note(
            tx,
            before.id,
            change.step or str(change.transition),
            change.actor,
            now,
            change.detail,
        )
        await emit(tx, shop, events)
        if change.transition in _GIVES_BACK:
            await _follow_owner(tx, shop, change.after)
        if also is not None:
            await also(tx, change.after)
        return change.after

    return write


async def _follow_owner(tx: Transaction, shop: Shop, order: Order) -> None:
    """What goes back to the accounts of somebody who is another by now is brought after him."""
    absorbed = await tx.one_as(str, sql.ABSORBED_OWNER, order.id)
    if absorbed is not None:
        await enqueue(tx, shop, [sweeping(absorbed, f"{order.id}:{order.version}")])


async def lock_order(tx: Transaction, order: Order) -> None:
    """Keep everybody else off an order until the transaction ends.

    Raises:
        MovedOn: It is not the order that was read any more.
    """
    rows = await tx.fetch(sql.LOCK, order.id)
    if not rows or rows[0][0] != order.version:
        raise MovedOn


async def hold_order(tx: Transaction, order_id: str) -> None:
    """Keep everybody else off an order until the transaction ends, whatever it is by now."""
    await tx.fetch(sql.LOCK, order_id)


async def _write_along(
    tx: Transaction, shop: Shop, change: Change, asked: Sequence[Asked], now: datetime
) -> list[Happened]:
    """The ledger's part and the plugins'; gives the events of both."""
    order, transition = change.after, change.transition
    fresh = () if transition is None else await not_applied(tx, order.id, transition, asked)
    core = (*await hold_operations(tx, order, change.holds), *change.operations)
    groups = [Group(operations=core, source=change.source, reference=order.id)] if core else []
    if transition is None:
        await _take(tx, groups, now)
        return []
    for plugin, effects in fresh:
        if operations := claims_of(plugin, effects, order.id, transition, None):
            group = Group(operations=tuple(operations), source=plugin, reference=order.id)
            groups.append(group)
    await _take(tx, groups, now)
    along = Along(order_id=order.id, transition=transition, asked=fresh)
    events = await write_effects(tx, shop, [along], now) if fresh else []
    return [*events_of(order, transition), *events]


async def _take(tx: Transaction, groups: Sequence[Group], now: datetime) -> None:
    """Have the ledger do it all, or nothing.

    Raises:
        MovedOn: A hold lapsed between our look and our touch.
        Refused: There is not enough.
    """
    if not groups:
        return
    outcomes = await apply(tx, groups, now)
    refusals = [refusal for outcome in outcomes for refusal in outcome.refusals]
    # A hold that is refused for want of goods is also missing when it is to be posted.
    if refusals and all(isinstance(one, HoldGone) and one.state != "missing" for one in refusals):
        raise MovedOn
    if refusals:
        raise Refused(refusals)


def events_of(order: Order, transition: Transition) -> list[Happened]:
    """What is told of a transition."""
    if transition not in _EVENTS:
        return []
    name = _EVENTS[transition]
    key = f"{name}:{order.id}:{order.version}"
    return [Happened(name=name, subject=order.id, data=told(order), key=key)]


def told(order: Order) -> dict[str, object]:
    """What events say of an order; who needs more reads the order."""
    return {
        "number": order.number,
        "status": order.status,
        "total": order.total,
        "currency": order.currency,
        "channel": order.channel,
        "store": order.store,
    }


async def _write_order(tx: Transaction, before: Order, after: Order) -> None:
    changed = await tx.execute(
        sql.CHANGE,
        before.id,
        before.version,
        after.status,
        after.paid,
        after.refunded,
        after.delivery_refunded,
        after.paid_at,
        after.shipped_at,
        after.completed_at,
    )
    if changed != 1:
        raise MovedOn
    lines = [_line(now) for was, now in zip(before.lines, after.lines, strict=True) if was != now]
    await tx.execute_many(sql.CHANGE_LINE, lines)


def _line(line: OrderLine) -> tuple[str, int, int, int, int]:
    return (line.id, line.shipped, line.refunded, line.refunded_amount, line.withdrawn)

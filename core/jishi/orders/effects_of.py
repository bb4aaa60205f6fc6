"""What plugins want written along with a transition: asked, checked, turned into writing."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from jishi.bookkeeping import told_of, write_rows
from jishi.db import Transaction, Value
from jishi.effects import ORDER, Claim, Credit, Debit, Effect, Event, Open, Record
from jishi.events import Happened
from jishi.hookspecs.checkout import effects_of_order, effects_of_placing
from jishi.identifiers import new_id
from jishi.ledger import Credit as LedgerCredit
from jishi.ledger import Debit as LedgerDebit
from jishi.ledger import Hold, Operation, Post
from jishi.ledger import Open as LedgerOpen
from jishi.orders import sql
from jishi.orders.structs import Asked, Order, OrderDraft, Transition
from jishi.orders.tables import EffectTable
from jishi.plugins import HookFailed, Where
from jishi.shop import Shop

_KINDS = (Open, Claim, Credit, Debit, Record, Event)


def ask_effects(
    shop: Shop, order: Order, transition: Transition, offered: Sequence[Asked] = ()
) -> tuple[Asked, ...]:
    """Ask every plugin what it wants to write along; outside of any transaction.

    Args:
        shop: The shop.
        order: The order as it will be.
        transition: What is happening.
        offered: What offers that won bring along, by ``name@version``.

    Raises:
        HookFailed: A plugin failed or answered something that is no effect.
    """
    where = Where(channel=order.channel, store=order.store)
    answers = shop.hooks.ask(effects_of_order, where, order=order, transition=transition)
    asked = tuple((answer.plugin, tuple(answer.value)) for answer in answers)
    if offered:
        asked = _together(asked, offered, order.id)
    for plugin, effects in asked:
        check_effects(plugin, effects)
    return asked


def ask_effects_of_placing(shop: Shop, draft: OrderDraft) -> tuple[Asked, ...]:
    """What plugins want to write along with a placing, by its draft; outside of any transaction.

    Raises:
        HookFailed: A plugin failed or answered something that is no effect.
    """
    where = Where(channel=draft.channel, store=draft.store)
    answers = shop.hooks.ask(effects_of_placing, where, draft)
    return tuple((answer.plugin, tuple(answer.value)) for answer in answers)


def _together(
    asked: Sequence[Asked], offered: Sequence[Asked], order_id: str
) -> tuple[Asked, ...]:
    """What plugins ask for and what their offers bring, each plugin once."""
    of: dict[str, tuple[Effect, ...]] = dict(asked)
    for plugin, effects in offered:
        named = tuple(_with_order(effect, order_id) for effect in effects)
        of[plugin] = of.get(plugin, ()) + named
    return tuple(of.items())


def _with_order(effect: Effect, order_id: str) -> Effect:
    """The effect with the order's id where the offer could not know it yet."""
    if isinstance(effect, Record):
        row = {name: order_id if cell == ORDER else cell for name, cell in effect.row.items()}
        return msgspec.structs.replace(effect, row=row)
    if isinstance(effect, Event):
        data = {name: order_id if one == ORDER else one for name, one in effect.data.items()}
        return msgspec.structs.replace(effect, data=data)
    return effect


def check_effects(plugin: str, effects: Sequence[object]) -> None:
    """Refuse what is no effect, and two effects under one key.

    Raises:
        HookFailed: It names the plugin.
    """
    keys: set[str] = set()
    for effect in effects:
        if not isinstance(effect, _KINDS):
            raise HookFailed(plugin, "effects_of_order", f"{effect!r} is no effect")
        if effect.key in keys:
            raise HookFailed(plugin, "effects_of_order", f"the key {effect.key!r} comes twice")
        keys.add(effect.key)


def claims_of(
    plugin: str,
    effects: Sequence[Effect],
    order_id: str,
    transition: Transition,
    expires_at: datetime | None,
) -> list[Operation]:
    """The ledger's part of a plugin's effects.

    Args:
        plugin: ``name@version``.
        effects: What it asked for.
        order_id: The order's id.
        transition: What is happening; a claim outlives only ``place``, later ones post at once.
        expires_at: When claims without a time of their own lapse, UTC.
    """
    name = plugin.partition("@")[0]
    operations: list[Operation] = []
    for effect in effects:
        key = f"effect:{order_id}:{transition}:{name}:{effect.key}"
        match effect:
            case Open():
                operations.append(
                    LedgerOpen(
                        account=effect.account,
                        balance=effect.balance,
                        floor=effect.floor,
                        unit=effect.unit,
                    )
                )
            case Claim():
                at = (effect.until or expires_at) if transition == "place" else None
                hold = Hold(
                    account=effect.account,
                    amount=effect.amount,
                    key=f"order:{order_id}:{transition}:{name}:{effect.key}",
                    owner=order_id,
                    expires_at=at,
                    refusal=effect.refusal,
                    source=plugin,
                )
                operations.append(hold)
                if transition != "place":
                    operations.append(Post(hold=hold.key, key=f"post:{hold.key}"))
            case Credit():
                operations.append(
                    LedgerCredit(
                        account=effect.account,
                        amount=effect.amount,
                        key=key,
                        reason=effect.reason,
                        source=plugin,
                    )
                )
            case Debit():
                operations.append(
                    LedgerDebit(
                        account=effect.account,
                        amount=effect.amount,
                        key=key,
                        reason=effect.reason,
                        refusal=effect.refusal,
                        source=plugin,
                    )
                )
    return operations


async def not_applied(
    tx: Transaction, order_id: str, transition: Transition, asked: Sequence[Asked]
) -> tuple[Asked, ...]:
    """Leave out what was applied to this order in an earlier transition of the same kind."""
    if not asked:
        return ()
    known = {
        (str(row[0]), str(row[1])) for row in await tx.fetch(sql.APPLIED, order_id, transition)
    }
    return tuple(
        (plugin, tuple(one for one in effects if (plugin.partition("@")[0], one.key) not in known))
        for plugin, effects in asked
    )


class Along(msgspec.Struct, frozen=True, kw_only=True):
    """What is written along with one order's transition."""

    order_id: str
    transition: Transition
    asked: tuple[Asked, ...]


async def write_effects(
    tx: Transaction, shop: Shop, along: Sequence[Along], now: datetime
) -> list[Happened]:
    """Write records and remember every effect; the ledger's part is the caller's.

    Returns:
        The events that the effects ask for.

    Raises:
        HookFailed: A record names a table or a column that the plugin does not declare.
    """
    kept: list[Sequence[Value]] = []
    records: list[tuple[str, Record]] = []
    events: list[Happened] = []
    for one in along:
        for plugin, effects in one.asked:
            name, _, version = plugin.partition("@")
            prefix = f"effect:{one.order_id}:{one.transition}:{name}"
            for effect in effects:
                text = msgspec.json.encode(effect).decode()
                kept.append(
                    (new_id(), one.order_id, one.transition, name, version, effect.key, text, now)
                )
                if isinstance(effect, Record):
                    records.append((plugin, effect))
                elif isinstance(effect, Event):
                    events.append(told_of(effect, one.order_id, prefix))
    await tx.insert(EffectTable, _EFFECT_COLUMNS, kept)
    await write_rows(tx, shop, records, "effects_of_order")
    return events


_EFFECT_COLUMNS = (
    "id",
    "order_id",
    "transition",
    "plugin",
    "version",
    "key",
    "effect",
    "applied_at",
)

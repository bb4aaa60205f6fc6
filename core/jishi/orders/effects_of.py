"""What plugins want written along with a transition: asked, checked, turned into writing."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from piccolo.columns import Column

from jishi.db import Table, Transaction, Value
from jishi.effects import Claim, Credit, Debit, Effect, Event, Record
from jishi.events import Happened
from jishi.hookspecs.checkout import effects_of_order
from jishi.identifiers import new_id
from jishi.ledger import Credit as LedgerCredit
from jishi.ledger import Debit as LedgerDebit
from jishi.ledger import Hold, Operation, Post
from jishi.orders import sql
from jishi.orders.structs import Asked, Order, Transition
from jishi.orders.tables import EffectTable
from jishi.plugins import HookFailed, Where
from jishi.shop import Shop

_KINDS = (Claim, Credit, Debit, Record, Event)


def ask_effects(shop: Shop, order: Order, transition: Transition) -> tuple[Asked, ...]:
    """Ask every plugin what it wants to write along; outside of any transaction.

    Args:
        shop: The shop.
        order: The order as it will be.
        transition: What is happening.

    Raises:
        HookFailed: A plugin failed or answered something that is no effect.
    """
    where = Where(channel=order.channel, store=order.store)
    answers = shop.hooks.ask(effects_of_order, where, order=order, transition=transition)
    asked = tuple((answer.plugin, tuple(answer.value)) for answer in answers)
    for plugin, effects in asked:
        check_effects(plugin, effects)
    return asked


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
            case Credit() | Debit():
                kind = LedgerCredit if isinstance(effect, Credit) else LedgerDebit
                operations.append(
                    kind(
                        account=effect.account,
                        amount=effect.amount,
                        key=key,
                        reason=effect.reason,
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
    rows: dict[tuple[type[Table], tuple[str, ...]], list[Sequence[Value]]] = {}
    events: list[Happened] = []
    for one in along:
        for plugin, effects in one.asked:
            name, _, version = plugin.partition("@")
            for effect in effects:
                text = msgspec.json.encode(effect).decode()
                kept.append(
                    (new_id(), one.order_id, one.transition, name, version, effect.key, text, now)
                )
                if isinstance(effect, Record):
                    table = _table(shop, plugin, effect)
                    rows.setdefault((table, tuple(effect.row)), []).append(
                        tuple(effect.row.values())
                    )
                elif isinstance(effect, Event):
                    events.append(_happened(one, name, effect))
    await tx.insert(EffectTable, _EFFECT_COLUMNS, kept)
    for (table, columns), values in rows.items():
        await tx.insert(table, columns, values)
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


def _happened(along: Along, plugin: str, event: Event) -> Happened:
    return Happened(
        name=event.name,
        subject=along.order_id,
        data=dict(event.data),
        key=f"effect:{along.order_id}:{along.transition}:{plugin}:{event.key}",
    )


def _table(shop: Shop, plugin: str, record: Record) -> type[Table]:
    """The plugin's own table that a record goes into."""
    name = plugin.partition("@")[0]
    for declaration in shop.hooks.roster.declarations:
        if declaration.name != name:
            continue
        for table in declaration.tables:
            if issubclass(table, Table) and table._meta.tablename == record.table:
                _check_columns(plugin, record, table._meta.columns)
                return table
    raise HookFailed(plugin, "effects_of_order", f"{record.table} is not among its tables")


def _check_columns(plugin: str, record: Record, columns: Sequence[Column]) -> None:
    strangers = set(record.row) - {column._meta.db_column_name for column in columns}
    if strangers:
        raise HookFailed(
            plugin, "effects_of_order", f"{record.table} has no {', '.join(sorted(strangers))}"
        )

"""What plugins want written along with a merge: asked, checked, written once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from jishi.bookkeeping import operations_of, told_of, write_rows
from jishi.db import Transaction, Value
from jishi.effects import Claim, Credit, Debit, Effect, Event, Open, Record
from jishi.events import Happened
from jishi.hookspecs.membership import effects_of_merge, load_merge
from jishi.identifiers import new_id
from jishi.ledger import Group
from jishi.membership.structs import Merge
from jishi.membership.tables import EffectTable
from jishi.plugins import SHOP
from jishi.shop import Shop

Asked = tuple[str, tuple[Effect, ...]]
"""A plugin as ``name@version`` and what it asks for."""

_KINDS = (Open, Credit, Debit, Record, Event)


async def ask_effects(shop: Shop, merge: Merge) -> tuple[Asked, ...]:
    """Ask every plugin what is to move; outside of any transaction.

    Raises:
        HookFailed: A plugin failed, or would make something out of nothing.
    """
    answers = await shop.hooks.consult(load_merge, SHOP, merge=merge)
    loaded: Mapping[str, object] = {each.plugin.partition("@")[0]: each.value for each in answers}
    found = shop.hooks.ask(effects_of_merge, SHOP, merge=merge, loaded=loaded)
    asked = tuple((each.plugin, tuple(each.value)) for each in found)
    for plugin, effects in asked:
        _check(shop, plugin, effects)
    return asked


def groups_of(merge: Merge, asked: Sequence[Asked]) -> list[Group]:
    """The ledger's part, one group for each plugin."""
    groups: list[Group] = []
    for plugin, effects in asked:
        if operations := operations_of(plugin, effects, _prefix(merge, plugin), merge.id):
            reference = merge.id if merge.kind == "part" else merge.of or merge.id
            group = Group(operations=tuple(operations), source=plugin, reference=reference)
            groups.append(group)
    return groups


async def write_effects(
    tx: Transaction, shop: Shop, merge: Merge, asked: Sequence[Asked], now: datetime
) -> list[Happened]:
    """Write the plugins' rows and remember every effect; gives the events they ask for."""
    kept: list[Sequence[Value]] = []
    records: list[tuple[str, Record]] = []
    events: list[Happened] = []
    for plugin, effects in asked:
        name, _, version = plugin.partition("@")
        for effect in effects:
            text = msgspec.json.encode(effect).decode()
            kept.append((new_id(), merge.id, name, version, effect.key, text, now))
            if isinstance(effect, Record):
                records.append((plugin, effect))
            elif isinstance(effect, Event):
                events.append(told_of(effect, merge.target, _prefix(merge, plugin)))
    columns = ("id", "merge_id", "plugin", "version", "key", "effect", "applied_at")
    await tx.insert(EffectTable, columns, kept)
    await write_rows(tx, shop, records, "effects_of_merge")
    return events


def _prefix(merge: Merge, plugin: str) -> str:
    return f"merge:{merge.id}:{plugin.partition('@')[0]}"


def _check(shop: Shop, plugin: str, effects: Sequence[object]) -> None:
    """Refuse what a merge cannot be: claims, a key twice, more given than taken.

    Raises:
        HookFailed: It names the plugin.
    """

    def blame(why: str) -> Exception:
        return shop.hooks.blame(plugin, effects_of_merge, why)

    keys: set[str] = set()
    sums: dict[str, int] = defaultdict(int)
    for effect in effects:
        if isinstance(effect, Claim) or not isinstance(effect, _KINDS):
            raise blame(f"{effect!r:.200} is nothing that a merge can write")
        if effect.key in keys:
            raise blame(f"the key {effect.key!r} comes twice")
        keys.add(effect.key)
        match effect:
            case Credit():
                sums[effect.account.partition(":")[0]] += effect.amount
            case Debit():
                sums[effect.account.partition(":")[0]] -= effect.amount
            case Open(balance=balance) if balance:
                raise blame(f"{effect.account} would open with {balance} out of nothing")
    for kind, more in sums.items():
        if more > 0:
            raise blame(f"{kind} accounts would get {more} more than others give")

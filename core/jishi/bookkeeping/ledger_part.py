"""The ledger's part of what a plugin asks for."""

from collections.abc import Sequence
from typing import assert_never

from jishi.effects import Claim, Credit, Debit, DeskEffect, Event, Open, Record, Release, Take
from jishi.ledger import Credit as LedgerCredit
from jishi.ledger import Debit as LedgerDebit
from jishi.ledger import Hold, Operation, Post, Void
from jishi.ledger import Open as LedgerOpen


def operations_of(
    plugin: str, effects: Sequence[DeskEffect], prefix: str, owner: str
) -> list[Operation]:
    """What the ledger is to do.

    Args:
        plugin: ``name@version``, the entries' source.
        effects: What it asks for; records and events are left out.
        prefix: Put before each effect's key, so that it is unique in the whole ledger.
        owner: Whose holds the claims are.
    """
    operations: list[Operation] = []
    for effect in effects:
        operation = _operation(plugin, effect, prefix, owner)
        if operation is not None:
            operations.append(operation)
    return operations


def _operation(plugin: str, effect: DeskEffect, prefix: str, owner: str) -> Operation | None:
    key = f"{prefix}:{effect.key}"
    match effect:
        case Open():
            what = (effect.account, effect.balance, effect.floor, effect.unit)
            account, balance, floor, unit = what
            return LedgerOpen(account=account, balance=balance, floor=floor, unit=unit)
        case Claim():
            return Hold(
                account=effect.account,
                amount=effect.amount,
                key=key,
                owner=owner,
                expires_at=effect.until,
                refusal=effect.refusal,
                source=plugin,
            )
        case Take():
            return Post(hold=f"{prefix}:{effect.claim}", key=key)
        case Release():
            return Void(hold=f"{prefix}:{effect.claim}", key=key)
        case Credit():
            account, amount, reason = effect.account, effect.amount, effect.reason
            return LedgerCredit(
                account=account, amount=amount, key=key, reason=reason, source=plugin
            )
        case Debit():
            return LedgerDebit(
                account=effect.account,
                amount=effect.amount,
                key=key,
                reason=effect.reason,
                refusal=effect.refusal,
                source=plugin,
            )
        case Record() | Event():
            return None
        case _:
            assert_never(effect)

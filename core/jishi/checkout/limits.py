"""What one customer may have at once, kept in the ledger like everything that can run out."""

from jishi.ledger import Credit, Debit, Group, apply, balances, statement
from jishi.shop import Shop

_CHANGED = "the purchase limit was changed"
_ENTRIES = 200
"""Entries of one customer's limit that are looked at; he would have to buy that often."""


def unpaid_account(owner: str, cap: int) -> str:
    """The account of an owner's places for unpaid orders; another cap is another account."""
    return f"unpaid:{owner}:{cap}"


def limit_account(sku: str, owner: str) -> str:
    """The account of how many pieces of a SKU one customer may still buy."""
    return f"limit:{owner}:{sku}"


async def follow_limits(shop: Shop, owner: str, limits: tuple[tuple[str, int], ...]) -> None:
    """Bring the accounts of customers who bought before up to limits that were changed since.

    What was bought stays bought: a limit below it leaves nothing to buy, and takes nothing back.
    """
    for sku, limit in limits:
        account = limit_account(sku, owner)
        entries = await statement(shop.database, account, limit=_ENTRIES)
        granted = sum(
            each.amount for each in entries if each.operation == "open" or each.reason == _CHANGED
        )
        if not entries or granted == limit:
            continue
        # Named after the youngest entry: of two who notice at once, one changes it.
        key = f"{account}:{limit}:{entries[0].id}"
        change = limit - granted
        if change < 0:
            room = (await balances(shop.database, [account]))[account].available
            change = -min(-change, room)
        if change:
            kind = Credit if change > 0 else Debit
            operation = kind(account=account, amount=abs(change), key=key, reason=_CHANGED)
            group, now = Group(operations=(operation,)), shop.clock.now()
            # A debit that lost its race is refused and tried again with the next order.
            await shop.database.atomically(lambda tx: apply(tx, [group], now))  # noqa: B023

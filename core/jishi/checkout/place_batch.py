"""One transaction of the counter: decide each order as it arrived, write them in bulk."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import cast

import structlog

from jishi.checkout import sql
from jishi.checkout.limits import limit_account, unpaid_account
from jishi.checkout.problems import (
    CartChanged,
    CartClosed,
    LimitReached,
    NotEnough,
    OutOfStock,
    TooManyUnpaid,
)
from jishi.checkout.structs import Placed, Placing
from jishi.db import Transaction, padded
from jishi.idempotency import KeyReused
from jishi.ledger import (
    Group,
    Hold,
    Open,
    Operation,
    Refusal,
    Shortage,
    apply,
    stock_account,
)
from jishi.orders import NewOrder, claims_of, insert_orders, placed_before
from jishi.payments import write_attempts
from jishi.problems import OutOfService, Problem
from jishi.shop import Shop

log = structlog.get_logger(__name__)

_LAPSE = timedelta(minutes=30)
"""How long after its order's time a hold may still wait for the gateway's last word."""

Outcome = Placed | Problem


async def place_batch(shop: Shop, placings: Sequence[Placing]) -> list[Outcome]:
    """Place a batch of orders in one transaction.

    Returns:
        For each placing, in order: what was placed (now or before), or why not.
    """
    async with shop.database.transaction() as tx:
        outcomes = await _decide(tx, shop, placings)
    for index, placing in enumerate(placings):
        outcomes.setdefault(index, Placed(order=placing.draft.id))
    return [_resolved(outcomes, index, placings) for index in range(len(placings))]


async def _decide(tx: Transaction, shop: Shop, placings: Sequence[Placing]) -> dict[int, Outcome]:
    """Write what can be placed; gives the outcomes of the others by their places."""
    outcomes: dict[int, Outcome] = {}
    await _answer_repeats(tx, placings, outcomes)
    await _check_carts(tx, placings, outcomes)
    await _take(tx, shop, placings, outcomes)
    winners = [placings[i] for i in range(len(placings)) if i not in outcomes]
    if winners:
        await insert_orders(tx, shop, [_new(placing) for placing in winners])
        begun = [(p.attempt, _who(p)) for p in winners if p.attempt]
        await write_attempts(tx, shop, begun)
        await _close_carts(tx, winners, shop.clock.now())
    return outcomes


class _SameAs(Problem):
    """Marks a placing that repeats an earlier one of its own batch."""

    def __init__(self, index: int) -> None:
        super().__init__()
        self.index = index


class _SameCart(Problem):
    """Marks a placing of a cart that an earlier one of its own batch may have closed."""

    def __init__(self, index: int) -> None:
        super().__init__()
        self.index = index


def _cart_closed(order: str | None) -> CartClosed:
    return CartClosed(
        "An order came of this cart already.",
        next_step="Look at that order." if order else "Open another cart.",
        order=order,
    )


def _resolved(outcomes: Mapping[int, Outcome], index: int, placings: Sequence[Placing]) -> Outcome:
    outcome = outcomes[index]
    if not isinstance(outcome, _SameAs | _SameCart):
        return outcome
    first = outcomes[outcome.index]
    if isinstance(first, Problem):
        return first
    if isinstance(outcome, _SameCart):
        return _cart_closed(first.order)
    return Placed(order=first.order, replayed="yes")


async def _answer_repeats(
    tx: Transaction, placings: Sequence[Placing], outcomes: dict[int, Outcome]
) -> None:
    """The same key and body gives the first answer; another body under the key is refused."""
    known = await placed_before(tx, [(p.draft.owner, p.key) for p in placings])
    here: dict[tuple[str, str], int] = {}
    for index, placing in enumerate(placings):
        name = (placing.draft.owner, placing.key)
        if name in known:
            order, digest = known[name]
            outcomes[index] = (
                Placed(order=order, replayed="yes")
                if digest == placing.digest
                else KeyReused(placing.key)
            )
        elif name in here:
            same = placings[here[name]].digest == placing.digest
            outcomes[index] = _SameAs(here[name]) if same else KeyReused(placing.key)
        else:
            here[name] = index


async def _check_carts(
    tx: Transaction, placings: Sequence[Placing], outcomes: dict[int, Outcome]
) -> None:
    """A cart becomes one order, at the version the shopper saw."""
    wanted = sorted({p.cart for i, p in enumerate(placings) if p.cart and i not in outcomes})
    if not wanted:
        return
    rows = await tx.fetch(sql.LOCK_CARTS, wanted)
    carts = {str(row[0]): row for row in rows}
    taken: dict[str, int] = {}
    for index, placing in enumerate(placings):
        if index in outcomes or placing.cart is None:
            continue
        _, status, version, order = carts[placing.cart]
        if status != "open":
            outcomes[index] = _cart_closed(cast("str | None", order))
        elif placing.cart in taken:
            # Whether the first one gets its order is not known before the ledger has decided.
            outcomes[index] = _SameCart(taken[placing.cart])
        elif version != placing.cart_version:
            outcomes[index] = CartChanged(
                "The cart was changed while the order was on its way.",
                next_step="Read the cart again, then place the order.",
                version=version,
            )
        else:
            taken[placing.cart] = index


async def _take(
    tx: Transaction, shop: Shop, placings: Sequence[Placing], outcomes: dict[int, Outcome]
) -> None:
    """Hold everything that can run out, in one call for the whole batch."""
    open_ones = [index for index in range(len(placings)) if index not in outcomes]
    groups = [_group(shop, placings[index]) for index in open_ones]
    answers = await apply(tx, groups, shop.clock.now())
    for index, answer in zip(open_ones, answers, strict=True):
        if answer.refusals:
            # Of several, that the goods are gone says the most.
            worst = next((one for one in answer.refusals if _is_stock(one)), answer.refusals[0])
            outcomes[index] = _refusal(placings[index], worst)


def _is_stock(refusal: Refusal) -> bool:
    return isinstance(refusal, Shortage) and refusal.account.startswith("stock:")


def _group(shop: Shop, placing: Placing) -> Group:
    draft = placing.draft
    lapses_at = draft.expires_at + _LAPSE
    operations: list[Operation] = []
    # First, since a plugin may bring goods that it kept aside.
    for plugin, effects in placing.effects:
        operations += claims_of(plugin, effects, draft.id, "place", lapses_at)

    def hold(account: str, amount: int, name: str) -> None:
        key = f"order:{draft.id}:{name}"
        operations.append(
            Hold(account=account, amount=amount, key=key, owner=draft.id, expires_at=lapses_at)
        )

    for line in draft.quote.lines:
        hold(stock_account(line.sku), line.quantity, line.sku)
    quantities = {line.sku: line.quantity for line in draft.quote.lines}
    for sku, limit in placing.limits:
        account = limit_account(sku, draft.owner)
        operations.append(Open(account=account, balance=limit))
        hold(account, quantities[sku], f"limit:{sku}")
    cap = shop.config.checkout.unpaid_orders
    places = unpaid_account(draft.owner, cap)
    operations.append(Open(account=places, balance=cap, unit="order"))
    hold(places, 1, "unpaid")
    return Group(operations=tuple(operations), source="core", reference=draft.id)


def _refusal(placing: Placing, refusal: Refusal) -> Problem:
    if not isinstance(refusal, Shortage):
        # A fresh order's keys cannot have been used: something is wrong with the shop.
        log.error("placing_refused", order=placing.draft.id, refusal=repr(refusal))
        return OutOfService("The order could not be placed.", next_step="Try again in a moment.")
    return _shortage(placing, refusal)


def _shortage(placing: Placing, shortage: Shortage) -> Problem:
    kind, _, rest = shortage.account.partition(":")
    if kind == "stock":
        sku = rest.rpartition(":")[0]
        title = next((line.title for line in placing.draft.quote.lines if line.sku == sku), sku)
        return OutOfStock(
            f"{title}: {shortage.wanted} wanted, {max(0, shortage.available)} left.",
            next_step="Take fewer pieces or another product.",
            sku=sku,
            available=max(0, shortage.available),
        )
    if kind == "limit":
        sku = rest.partition(":")[2]
        return LimitReached(
            f"One customer may buy only so many of {sku}; {max(0, shortage.available)} are left "
            "for you.",
            next_step="Take fewer pieces.",
            sku=sku,
            available=max(0, shortage.available),
        )
    if kind == "unpaid":
        return TooManyUnpaid(
            "You have as many unpaid orders as one customer may have.",
            next_step="Pay or cancel one of them first.",
        )
    return NotEnough(shortage.refusal or "Something this order needs has run out.")


def _who(placing: Placing) -> str:
    return "member" if placing.draft.member else "guest"


def _new(placing: Placing) -> NewOrder:
    return NewOrder(
        draft=placing.draft,
        order=placing.order,
        key=placing.key,
        digest=placing.digest,
        effects=placing.effects,
    )


async def _close_carts(tx: Transaction, winners: Sequence[Placing], now: datetime) -> None:
    closed = [(p.cart, p.draft.id, now) for p in winners if p.cart]
    if closed:
        size, values = padded(closed)
        await tx.execute(sql.close_carts(size), *values)

"""Write payments down before anybody is asked to collect them, so that no money comes unknown."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from jishi.db import Transaction
from jishi.events import Job, enqueue
from jishi.identifiers import new_id, new_order_number
from jishi.orders import Order, note_many
from jishi.payments.gateway import Method
from jishi.payments.gateways import find_gateway
from jishi.payments.payers import close_payer
from jishi.payments.problems import NoGateway
from jishi.payments.purses import purse_of
from jishi.payments.structs import Attempt, Way
from jishi.payments.tables import AttemptTable
from jishi.problems import Invalid
from jishi.shop import Shop

ASKED_AFTER = tuple(timedelta(seconds=s) for s in (5, 30, 60, 180, 300, 600, 1800))
"""When the gateway is asked by itself how a payment stands, counted from its start."""

_COLUMNS = (
    "id",
    "order_id",
    "number",
    "gateway",
    "method",
    "amount",
    "currency",
    "status",
    "captured",
    "refunded",
    "merchant",
    "app",
    "transaction_id",
    "parameters",
    "payer",
    "channel",
    "started_at",
    "expires_at",
    "paid_at",
    "reference",
)


def check_way(
    shop: Shop, order: Order, gateway: str, method: str, payer: Mapping[str, str]
) -> Way:
    """How somebody wants to pay, if that is possible in the order's channel.

    Args:
        shop: The shop.
        order: What is to be paid; whose it is, it says itself.
        gateway: The gateway's name.
        method: One of its methods.
        payer: What is known of the payer: ``openid``, ``address``.

    Raises:
        NoGateway: One cannot pay this way there.
        Invalid: Something about the payer is missing.
    """
    for found in find_gateway(shop, gateway).methods(order.channel):
        if found.code != method:
            continue
        known = _known(shop, order, found, gateway, payer)
        for name in found.needs:
            if not known.get(name):
                raise Invalid(f"{found.title} needs the payer's {name}.", field=name)
        text = msgspec.json.encode(dict(sorted(known.items()))).decode()
        return Way(gateway, method, text)
    raise NoGateway(
        f"{gateway} has no method {method[:40]!r} here.",
        field="method",
        next_step="Choose one of the methods in `ways`.",
    )


def _known(
    shop: Shop, order: Order, method: Method, gateway: str, payer: Mapping[str, str]
) -> dict[str, str]:
    """What the gateway is told of the payer; who the member is, the order alone says."""
    whole = purse_of(shop, gateway) is None
    known = {
        name: value
        for name, value in payer.items()
        if name != "member" and (whole or name in method.needs)
    }
    if "member" in method.needs and order.member:
        known["member"] = order.member
    return known


def new_attempt(order: Order, way: Way, amount: int, now: datetime) -> Attempt:
    """An attempt to collect ``amount`` fen for an order, not yet written down."""
    return Attempt(
        id=new_id(),
        order=order.id,
        number=new_order_number(),
        gateway=way.gateway,
        method=way.method,
        amount=amount,
        currency=order.currency,
        status="new",
        captured=0,
        refunded=0,
        merchant="",
        app="",
        transaction="",
        parameters="{}",
        payer=way.payer,
        channel=order.channel,
        started_at=now,
        expires_at=order.expires_at,
        paid_at=None,
    )


async def write_attempts(
    tx: Transaction, shop: Shop, begun: Sequence[tuple[Attempt, str]]
) -> None:
    """Write new attempts down, each with a line in its order's diary and the first query job.

    The number of statements does not depend on the number of attempts.

    Args:
        tx: The transaction that places the orders or holds them.
        shop: The shop.
        begun: Attempts as `new_attempt` gives them, and who pays: ``guest``, ``member``.
    """
    if not begun:
        return
    rows = [(*msgspec.structs.astuple(close_payer(tx, one)), "") for one, _ in begun]
    await tx.insert(AttemptTable, _COLUMNS, rows)
    notes = [
        (one.order, "payment_started", actor, f"{one.gateway} {one.method}, {one.amount} fen")
        for one, actor in begun
    ]
    await note_many(tx, notes, shop.clock.now())
    await enqueue(tx, shop, [query_job(one.id, 0, one.started_at) for one, _ in begun])


def query_job(attempt_id: str, turn: int, started_at: datetime) -> Job:
    """The job that asks the gateway by itself for the ``turn``-th time, counted from 0."""
    last = len(ASKED_AFTER) - 1
    wait = ASKED_AFTER[min(turn, last)] + max(0, turn - last) * ASKED_AFTER[last]
    return Job(
        kind="payments.query",
        payload={"attempt": attempt_id, "turn": turn},
        key=f"payments.query:{attempt_id}:{turn}",
        run_at=started_at + wait,
    )

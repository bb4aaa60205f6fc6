"""One seat's money: the difference to the step that the team reached, or everything. Once."""

from typing import Any

import msgspec

from jishi.effects import Credit, Effect, Event
from jishi.idempotency import KeyReused
from jishi.orders import (
    NotThatMany,
    Order,
    OrderNotReady,
    RefundLine,
    RefundTooMuch,
    RefundWish,
    find_order,
)
from jishi.payments import cancel_order, refund_order
from jishi.plugins import Desk, Writing
from jishi.shop import Shop
from jishi_group_buy import sql
from jishi_group_buy.follow_orders import counters
from jishi_group_buy.store import SeatRow, find_campaign, find_team, seat_of
from jishi_group_buy.structs import Seat

_TRIES = 10
"""How often a refund is worked out anew because somebody else gave money of the order back."""

_dues = msgspec.json.Decoder(tuple[tuple[str, int], ...])


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What goes back, worked out once and written down before it is asked for.

    Attributes:
        whole: The order holds nothing else and is cancelled.
        lines: Line id, pieces and fen.
        total: In fen.
    """

    whole: bool = False
    lines: tuple[tuple[str, int, int], ...] = ()
    total: int = 0


_wishes = msgspec.json.Decoder(Wish)


class Settler:
    """Settles seats.

    Args:
        desk: The plugin's.
        label: Who gives money back: ``group_buy@0.1.0``.
    """

    def __init__(self, desk: Desk, label: str) -> None:
        self._desk = desk
        self._label = label

    async def settle(self, shop: Shop, payload: dict[str, Any]) -> None:
        """Job: give back what is due of a seat; any number of times, at any number of places."""
        rows = await self._desk.fetch(sql.SEAT, str(payload["seat"]))
        row = seat_of(rows[0])
        if row.seat.state != "owed":
            return
        await self._give_back(shop, row)
        await self._desk.atomically(lambda w: self._settled(w, row.seat.id))

    async def _give_back(self, shop: Shop, row: SeatRow) -> None:
        """Work out, write down, ask for: whoever dies in between asks for the same again.

        A wish that is asked for is never replaced unless it was refused, so the same refund is
        asked for by everybody who settles this seat, and the core gives it back once.
        """
        refused = ""
        for _ in range(_TRIES):
            text = await self._fixed(shop, row.seat, refused)
            try:
                await self._ask(shop, row.seat, _wishes.decode(text.partition("|")[2]))
                return
            except KeyReused:
                return  # it was given back under this key
            except (RefundTooMuch, NotThatMany, OrderNotReady):
                order = await find_order(shop.database, row.seat.order)
                if order.status in ("cancelled", "expired"):
                    return  # staff cancelled it meanwhile: everything went back
                refused = text  # staff gave some of it back meanwhile: work it out anew
        raise RuntimeError(f"the order {row.seat.order} keeps changing")

    async def _fixed(self, shop: Shop, seat: Seat, refused: str) -> str:
        """The wish that was written down first; a new one when that was refused."""

        async def work(w: Writing) -> str:
            await w.execute(sql.LOCK_TEAM, seat.team)
            row = seat_of((await w.fetch(sql.SEAT, seat.id))[0])
            if "|" in row.due and row.due != refused:
                return row.due
            due = row.due.partition("|")[0]
            wish = everything(order, seat) if due == "all" else differences(order, due)
            text = f"{due}|{msgspec.json.encode(wish).decode()}"
            await w.execute(sql.SEAT_FIXED, seat.id, text, wish.total)
            return text

        order = await find_order(shop.database, seat.order)
        return await self._desk.atomically(work)

    async def _ask(self, shop: Shop, seat: Seat, wish: Wish) -> None:
        if wish.whole:
            reason = "拼团未成团，全额退款。"
            await cancel_order(shop, seat.order, self._label, reason, key=f"group_buy:{seat.id}")
        elif wish.lines:
            everything_goes = any(quantity for _, quantity, _ in wish.lines)
            await refund_order(
                shop,
                seat.order,
                _refund(wish),
                restock="yes" if everything_goes else "no",
                reason="拼团未成团，退款。" if everything_goes else "拼团成功，退还差价。",
                key=f"group_buy:{seat.id}",
                actor=self._label,
            )

    async def _settled(self, w: Writing, seat_id: str) -> None:
        """Write it down; the last seat settles the team."""
        row = seat_of((await w.fetch(sql.SEAT, seat_id))[0])
        seat = row.seat
        await w.execute(sql.LOCK_TEAM, seat.team)
        now = self._desk.now()
        if not await w.execute(sql.SEAT_SETTLED, seat_id, now):
            return
        effects: list[Effect] = []
        if row.due.startswith("all"):
            campaign = await find_campaign(w, seat.campaign)
            effects += [
                Credit(
                    account=account, amount=amount, key=f"back:{seat_id}:{at}", reason="unfilled"
                )
                for at, (account, amount) in enumerate(counters(campaign, seat))
            ]
        ((left,),) = await w.fetch(sql.STILL_OWED, seat.team)
        if not left and await w.execute(sql.TEAM_SETTLED, seat.team, now):
            team = await find_team(w, seat.team)
            data: dict[str, str | int | None] = {"team": team.id, "outcome": team.outcome}
            name = "group_buy.settled"
            effects.append(Event(name=name, data=data, key=f"settled:{team.id}", subject=team.id))
        if effects:
            await w.apply(effects, owner=seat.team)


def differences(order: Order, due: str) -> Wish:
    """What goes back of a seat whose team filled: for the pieces that were not returned."""
    left = dict(_dues.decode(due))
    lines: list[tuple[str, int, int]] = []
    for line in order.lines:
        fen = left.pop(line.sku, 0)
        fen = fen * (line.quantity - line.refunded) // line.quantity
        fen = min(fen, line.total - line.refunded_amount)
        if fen > 0:
            lines.append((line.id, 0, fen))
    return Wish(lines=tuple(lines), total=sum(fen for *_, fen in lines))


def everything(order: Order, seat: Seat) -> Wish:
    """What goes back of a seat whose team did not fill: its goods, or the order as a whole."""
    skus = {line.sku for line in seat.lines}
    if order.status == "paid" and all(line.sku in skus for line in order.lines):
        return Wish(whole=True, total=order.paid - order.refunded)
    lines = tuple(
        (line.id, line.quantity - line.refunded, line.total - line.refunded_amount)
        for line in order.lines
        if line.sku in skus
        and (line.refunded < line.quantity or line.refunded_amount < line.total)
    )
    return Wish(lines=lines, total=sum(fen for *_, fen in lines))


def _refund(wish: Wish) -> RefundWish:
    return RefundWish(
        lines=tuple(
            RefundLine(line=line, quantity=quantity, amount=fen)
            for line, quantity, fen in wish.lines
        )
    )

"""Seats follow their orders: paid, given up, come back to life; told once, looked at often."""

from collections.abc import Sequence

from jishi.effects import Credit, Effect, Event
from jishi.events import Happened
from jishi.plugins import Desk, Writing
from jishi.shop import Shop
from jishi_group_buy import accounts, sql
from jishi_group_buy.store import SeatRow, find_campaign, find_team, seat_of_order, seats_of
from jishi_group_buy.structs import Campaign, Seat, SeatState, Team

_PAID = ("paid", "fulfilling", "completed")


class Follower:
    """Keeps seats as their orders are.

    Args:
        desk: The plugin's.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def hear(self, shop: Shop, happened: Happened) -> None:
        """Listener: something became of an order."""
        row = await seat_of_order(self._desk, happened.subject)
        if row is not None:
            await self.follow(row.seat.order)
            await self._look_if_full(row.seat.team)

    async def follow(self, order: str) -> None:
        """Have one seat stand as its order does, whatever was heard of it, in whatever order."""

        async def work(w: Writing) -> None:
            row = await seat_of_order(w, order)
            if row is None:
                return
            await w.execute(sql.LOCK_TEAM, row.seat.team)
            row = await seat_of_order(w, order)
            if row is not None:
                team = await find_team(w, row.seat.team)
                await self._follow(w, team, row)

        await self._desk.atomically(work)

    async def _follow(self, w: Writing, team: Team, row: SeatRow) -> None:
        seat = row.seat
        if seat.state in ("owed", "settled") or team.state in ("settling", "settled"):
            await _follow_late(w, team, seat)
            return
        (order,) = await w.fetch(sql.ORDER_STATUS, seat.order)
        skus = sorted({line.sku for line in seat.lines})
        ((left,),) = await w.fetch(sql.PIECES_LEFT, seat.order, skus)
        now: SeatState = _state(str(order[0]), int(str(left)))
        pieces = int(str(left)) if now == "paid" else seat.pieces
        if (now, pieces) == (seat.state, seat.pieces):
            return
        await w.execute(sql.SEAT_MOVED, seat.id, now, order[1], pieces, seat.state)
        campaign = await find_campaign(w, seat.campaign)
        if now == "paid":
            await w.execute(sql.TEAM_OPEN, team.id)
        effects = _told(team, seat) if now == "paid" and seat.state != "paid" else []
        effects += _given_back(campaign, seat, now, pieces)
        if effects:
            await w.apply(effects, owner=team.id)

    async def _look_if_full(self, team_id: str) -> None:
        """Have a team decided at once when its last seat is paid."""

        async def work(w: Writing) -> None:
            team = await find_team(w, team_id)
            campaign = await find_campaign(w, team.campaign)
            account = accounts.seats(team_id)
            stands = (await w.balances([account]))[account]
            if team.state != "open" or stands.held or campaign.rules.seats + stands.balance > 0:
                return
            key = f"full:{team_id}:{len(await seats_of(w, team_id))}:{stands.balance}"
            await w.enqueue("decide", {"team": team_id}, key=key)

        await self._desk.atomically(work)


def _state(status: str, left: int) -> SeatState:
    if status == "placed":
        return "placed"
    return "paid" if status in _PAID and left else "gone"


def _told(team: Team, seat: Seat) -> list[Effect]:
    """The event of a seat that is paid; the first one opens the team."""
    name = "team_opened" if team.state == "opening" else "joined"
    data: dict[str, str | int | None] = {
        "team": team.id,
        "campaign": team.campaign,
        "member": seat.member,
        "order": seat.order,
    }
    return [Event(name=f"group_buy.{name}", data=data, key=f"paid:{seat.id}", subject=team.id)]


def _given_back(campaign: Campaign, seat: Seat, now: SeatState, pieces: int) -> Sequence[Effect]:
    """What a paid seat gives back that is given up before the team ends, or becomes smaller."""
    if seat.state != "paid":
        return ()  # what was only held, the core gave back
    team, unit = seat.team, campaign.rules.unit
    if now == "paid":
        less = seat.pieces - pieces
        if unit == "people" or less <= 0:
            return ()
        key = f"smaller:{seat.id}:{pieces}"
        return (Credit(account=accounts.seats(team), amount=less, key=key, reason="returned"),)
    back = [
        (accounts.seats(team), seat.pieces if unit == "pieces" else 1),
        (accounts.once(seat.member, team), 1),
        *counters(campaign, seat),
    ]
    return tuple(
        Credit(account=account, amount=amount, key=f"gone:{seat.id}:{at}", reason="left the team")
        for at, (account, amount) in enumerate(back)
    )


def counters(campaign: Campaign, seat: Seat) -> list[tuple[str, int]]:
    """What a seat that came to nothing gives back besides its place in the team."""
    rules = campaign.rules
    back = [(accounts.share(seat.member, campaign.id), 1)]
    if campaign.state == "running":  # a campaign that was stopped has no places left
        back.append((accounts.places(campaign.id), 1))
    if seat.newcomer == "yes":
        back.append((accounts.newness(seat.member), 1))
    elif rules.newcomers and rules.unit == "people":
        back.append((accounts.regulars(seat.team), 1))
    return back


async def _follow_late(w: Writing, team: Team, seat: Seat) -> None:
    """A seat of a team that has ended: only an order that was never paid changes still."""
    if seat.state != "placed":
        return
    (order,) = await w.fetch(sql.ORDER_STATUS, seat.order)
    if str(order[0]) in _PAID:
        # It cannot be: a team ends when nothing is held and shuts its seats. Should it be all
        # the same, nobody's money is kept for a seat that does not count.
        await w.execute(sql.SEAT_OWED, seat.id, "all", 0)
        await w.enqueue("settle", {"seat": seat.id}, key=f"settle:{seat.id}:late")
    elif str(order[0]) != "placed":
        await w.execute(sql.SEAT_MOVED, seat.id, "gone", None, seat.pieces, "placed")

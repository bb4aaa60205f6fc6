"""Winners claim; what nobody claims in time goes back to the shop."""

from datetime import datetime
from typing import Literal

import msgspec

from jishi.effects import Credit, DeskEffect, Event
from jishi.plugins import Desk, Writing
from jishi.problems import Clash, NotFound
from jishi.shop import Shop
from jishi_live_stream import accounts, sql
from jishi_live_stream.claim_coupon import giving
from jishi_live_stream.hold_draws import SeedLost, close_draw, find_draw
from jishi_live_stream.sessions import end_session
from jishi_live_stream.settings import LiveStreamSettings
from jishi_live_stream.structs import Draw, Win
from jishi_live_stream.visits import Visit, booking


class NotYours(NotFound):
    """Nothing was won with this entry, or by somebody else."""

    code = "win_not_found"
    title = "There is no such prize of yours"


class PrizeGone(Clash):
    """The prize went back to the shop."""

    code = "prize_returned"
    title = "The prize went back"


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A prize that its winner has.

    Attributes:
        win: What was won.
        visit: The voucher for the store, where the prize is one; its code is shown now and in
            the winner's list of visits.
    """

    win: Win
    visit: Visit | None = None


class _Row(msgspec.Struct, frozen=True):
    draw: str
    number: int
    member: str
    prize: int
    title: str
    state: Literal["won", "claimed", "returned"]
    claim_until: datetime | None


def win_of(row: _Row) -> Win:
    """A win from its row."""
    return Win(**msgspec.structs.asdict(row))


async def wins_of(desk: Desk, member: str) -> list[Win]:
    """What a member has won, the youngest draw first."""
    return [win_of(row) for row in await desk.fetch_as(_Row, sql.WINS_OF, member)]


async def winners_of(desk: Desk, draw: str) -> list[Win]:
    """Everybody who won, the best prizes first; for staff."""
    return [win_of(row) for row in await desk.fetch_as(_Row, sql.ALL_WINS, draw)]


async def claim_prize(
    desk: Desk, draw: str, number: int, member: str, settings: LiveStreamSettings
) -> Claimed:
    """Have a winner have his prize, once; coupons and vouchers are his at once.

    Raises:
        NotYours: Nothing was won with this entry, or by somebody else.
        PrizeGone: It went back to the shop.
    """
    found = await find_draw(desk, draw)

    async def work(w: Writing) -> Visit | None:
        rows = await w.fetch(sql.WIN, draw, number)
        if not rows or rows[0][2] != member:
            raise NotYours
        if not await w.execute(sql.ENDED_WIN, draw, number, "claimed", desk.now()):
            if (await w.fetch(sql.WIN, draw, number))[0][5] == "returned":
                raise PrizeGone("超过领取时间，奖品已经退回。")
            return None
        return await _hand_over(w, desk, found, int(str(rows[0][3])), number, member, settings)

    visit = await desk.atomically(work)
    (row,) = await desk.fetch_as(_Row, sql.WIN, draw, number)
    return Claimed(win=win_of(row), visit=visit)


async def _hand_over(
    w: Writing,
    desk: Desk,
    draw: Draw,
    place: int,
    number: int,
    member: str,
    settings: LiveStreamSettings,
) -> Visit | None:
    prize, name = draw.plan.prizes[place], f"{draw.id}:{number}:claim"
    told = Event(
        name="live_stream.prize_claimed",
        data={"member": member, "prize": prize.title},
        key=name,
        subject=draw.id,
    )
    effects: list[DeskEffect] = [told]
    visit = None
    if prize.gives == "coupon":
        effects += giving(draw.session, prize.coupon, member, name)
    elif prize.gives == "voucher":
        visit = await booking(w, desk, draw.session, member, "", f"{draw.id}:{number}", settings)
    await w.apply(effects, owner=draw.id)
    return visit


async def give_back(desk: Desk) -> int:
    """Put prizes back that nobody claimed in time; gives their number."""
    rows = await desk.fetch(sql.UNCLAIMED, desk.now())

    async def one_back(w: Writing, draw: str, number: int, place: int) -> int:
        if not await w.execute(sql.ENDED_WIN, draw, number, "returned", desk.now()):
            return 0
        account = accounts.prize(draw, place)
        key = f"{draw}:{number}:back"
        back = Credit(account=account, amount=1, key=key, reason="nobody claimed it")
        await w.apply([back], owner=draw)
        return 1

    done = 0
    for draw, number, place in rows:
        what = (str(draw), int(str(number)), int(str(place)))
        done += await desk.atomically(lambda w, what=what: one_back(w, *what))  # type: ignore[misc]
    return done


class Keeper:
    """Closes draws and takes unclaimed prizes back, on time.

    Args:
        desk: The plugin's.
        settings: The plugin's.
        label: ``live_stream@version``.
    """

    def __init__(self, desk: Desk, settings: LiveStreamSettings, label: str) -> None:
        self._desk = desk
        self._settings = settings
        self._label = label

    async def look_round(self, shop: Shop) -> None:
        """Schedule: end sessions, close draws, take prizes back."""
        desk = self._desk
        for (session,) in await desk.fetch(sql.OVER, desk.now()):
            await end_session(desk, str(session), self._label)
        for (draw,) in await desk.fetch(sql.DUE_DRAWS, desk.now()):
            found = await find_draw(desk, str(draw))
            if found.plan.beacon_rule and not found.beacon:
                continue  # it waits for a person to write the public number down
            try:
                await close_draw(desk, found.id, self._settings)
            except SeedLost:
                desk.log.warning("draw_seed_lost", draw=found.id)  # the others are closed
        await give_back(desk)

"""A team ends: decided once, then each seat's money is settled by a job of its own."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec

from jishi.effects import Debit, Effect, Event
from jishi.plugins import Desk, NotEnough, Writing
from jishi.shop import Shop
from jishi_group_buy import accounts, sql
from jishi_group_buy.decide_team import count_of, decide_team
from jishi_group_buy.follow_orders import Follower
from jishi_group_buy.store import find_campaign, find_team, seats_of
from jishi_group_buy.structs import Decision, Rules, Seat, Team

AT_ONCE = 500
"""Teams that one round looks after."""

_STUCK = timedelta(minutes=15)
"""After this time a seat that is not settled gets another job."""


class NotYet(Exception):
    """The team cannot be decided now: somebody may still pay, or a seat is behind its order."""


class Decider:
    """Ends teams.

    Args:
        desk: The plugin's.
        follower: Brings seats up to date.
    """

    def __init__(self, desk: Desk, follower: Follower) -> None:
        self._desk = desk
        self._follower = follower

    async def look_round(self, shop: Shop) -> None:
        """Schedule: teams whose time is over get their job, and seats that wait too long."""
        now = self._desk.now()
        due = await self._desk.fetch(sql.DUE_TEAMS, now, AT_ONCE)
        stuck = await self._desk.fetch(sql.STUCK_SEATS, now - _STUCK, AT_ONCE)

        async def work(w: Writing) -> None:
            for (team,) in due:
                key = f"decide:{team}:{now.isoformat(timespec='seconds')}"
                await w.enqueue("decide", {"team": str(team)}, key=key)
            for (seat,) in stuck:
                key = f"settle:{seat}:{now.isoformat(timespec='hours')}"
                await w.enqueue("settle", {"seat": str(seat)}, key=key)

        if due or stuck:
            await self._desk.atomically(work)

    async def decide(self, shop: Shop, payload: dict[str, Any]) -> None:
        """Job: decide a team that is full, or whose time is over; else leave it as it is."""
        team = str(payload["team"])
        for row in await seats_of(self._desk, team):
            if row.seat.state in ("placed", "paid"):
                await self._follower.follow(row.seat.order)
        try:
            await self._desk.atomically(lambda w: self._decide(w, team))
        except (NotYet, NotEnough):
            return  # the next round looks again

    async def _decide(self, w: Writing, team_id: str) -> None:
        await w.execute(sql.LOCK_TEAM, team_id)
        team = await find_team(w, team_id)
        if team.state in ("settling", "settled"):
            return
        campaign = await find_campaign(w, team.campaign)
        rows = [row for row in await seats_of(w, team_id) if row.seat.state == "paid"]
        paid = [row.seat for row in rows]
        closing = await self._closing(w, team, campaign.rules, paid)
        decision = decide_team(campaign.rules, paid)
        await self._write(w, team, decision, paid)
        await w.apply([*closing, *_events(team, decision)], owner=team_id)

    async def _closing(
        self, w: Writing, team: Team, rules: Rules, paid: Sequence[Seat]
    ) -> list[Effect]:
        """Shut the seats that are left: whoever pays from now on gets his money back.

        Raises:
            NotYet: It is too early, or the rows and the ledger do not agree yet.
        """
        account = accounts.seats(team.id)
        stands = (await w.balances([account]))[account]
        left = rules.seats + stands.balance - stands.held
        if stands.held or (left > 0 and self._desk.now() < team.ends_at):
            raise NotYet
        if count_of(rules, paid) != -stands.balance:
            self._desk.log.warning("team_behind_ledger", team=team.id, ledger=-stands.balance)
            raise NotYet
        if left <= 0:
            return []
        key = f"close:{team.id}"
        return [Debit(account=account, amount=left, key=key, reason="the team has ended")]

    async def _write(
        self, w: Writing, team: Team, decision: Decision, paid: Sequence[Seat]
    ) -> None:
        now = self._desk.now()
        open_seats = 0
        dues = {due.seat: due for due in decision.dues}
        for seat in paid:
            due = dues.get(seat.id)
            text = "all" if due is None else msgspec.json.encode(due.amounts).decode()
            await w.execute(sql.SEAT_OWED, seat.id, text, due.total if due else 0)
            open_seats += 1
            await w.enqueue("settle", {"seat": seat.id}, key=f"settle:{seat.id}")
        state = "settling" if open_seats else "settled"
        reach = decision.step.reach if decision.step else 0
        await w.execute(
            sql.DECIDE,
            team.id,
            state,
            decision.outcome,
            decision.count,
            reach,
            now,
            None if open_seats else now,
        )


def _events(team: Team, decision: Decision) -> list[Effect]:
    name = "filled" if decision.step else "expired"
    data: dict[str, str | int | None] = {
        "team": team.id,
        "campaign": team.campaign,
        "outcome": decision.outcome,
        "count": decision.count,
        "reach": decision.step.reach if decision.step else 0,
    }
    return [Event(name=f"group_buy.{name}", data=data, key=f"end:{team.id}", subject=team.id)]

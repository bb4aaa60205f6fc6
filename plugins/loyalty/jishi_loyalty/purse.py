"""A member's lots during one change: pure; what it does comes out as effects, all or nothing."""

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from jishi.effects import Credit, Debit, Effect, Open, Record
from jishi_loyalty import accounts
from jishi_loyalty.lot_ids import lot_id
from jishi_loyalty.problems import NotEnoughPoints
from jishi_loyalty.structs import Cover, Lot, Spent, State

_FAR = datetime.max.replace(tzinfo=UTC)


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What a purse has to know of the shop.

    Attributes:
        shortfall: What becomes of taken-back points that had been spent.
        now: The present moment, UTC.
        grace_until: When points end that come back after their end; None: at once.
    """

    shortfall: str
    now: datetime
    grace_until: datetime | None = None


class Purse:
    """One member's lots.

    Args:
        member: Whose.
        lots: As they stand, read under the member's lock.
        covers: Those of the lots that are owing.
        rules: The shop's.
        key: The beginning of the keys of all that is done; never used for another change.
    """

    def __init__(
        self, member: str, lots: Iterable[Lot], covers: Iterable[Cover], rules: Rules, key: str
    ) -> None:
        self.member = member
        self.lots = {lot.id: lot for lot in lots}
        self.covers = list(covers)
        self.effects: list[Effect] = []
        self.changed: set[str] = set()
        self.uncovered: dict[str, int] = {}
        self._rules = rules
        self.key = key

    # What can be had

    def spendable(self) -> int:
        """Points that can be spent at this moment; never below zero."""
        return max(0, sum(lot.free for lot in self.usable()) - self._kept_for_debts())

    def usable(self) -> list[Lot]:
        """The lots that can be spent, those that end first at the front."""
        now = self._rules.now
        found = [lot for lot in self.lots.values() if lot.free > 0 and not lot.over(now)]
        return sorted(found, key=burning_order)

    def debt(self) -> int:
        """What is owed, in points."""
        return sum(lot.debt for lot in self.lots.values())

    def current(self, root: str) -> Lot | None:
        """The member's own lot that stands for a root by now.

        Where a lot was empty when its member became another it stayed behind; the member gets one
        of the same kind then.
        """
        found = [lot for lot in self.lots.values() if lot.root == root]
        if not found:
            return None
        lot = max(found, key=lambda lot: (lot.member == self.member, lot.state != "ended"))
        return lot if lot.member == self.member else self._like(lot)

    # What is done

    def burn(self, points: int, reason: str) -> list[Spent]:
        """Take points out, first those that end first.

        Raises:
            NotEnoughPoints: There are not so many.
        """
        if points > self.spendable():
            raise NotEnoughPoints(
                f"{self.spendable()} points can be spent, not {points}.",
                field="points",
                available=self.spendable(),
            )
        taken = []
        for lot in self.usable():
            if part := min(points, lot.free):
                self._debit(lot, part, reason)
                taken.append(Spent(lot.root, part))
                points -= part
        return taken

    def open(
        self,
        points: int,
        source: str,
        reference: str,
        reason: str,
        *,
        state: State = "open",
        available_at: datetime | None = None,
        expires_at: datetime | None = None,
        parent: str = "",
        origin: str = "",
    ) -> Lot:
        """Put points into a lot of their own; what is owed is paid out of it first."""
        lot = Lot(
            id=(made := lot_id(self._next())),
            member=self.member,
            root=made,
            source=source,
            reference=reference,
            state=state,
            available_at=available_at,
            expires_at=expires_at,
            opened_at=self._rules.now,
            origin=origin or self.member,
        )
        self.lots[lot.id] = lot
        self.effects.append(record_of(lot, points, parent))
        self._make(lot.account)
        if state == "pending":
            self._make(accounts.pending(lot.member, lot.id))
            self._wait(lot, points, reason)
        else:
            self.receive(lot, points, reason)
        return lot

    def mature(self, lot: Lot, expires_at: datetime | None) -> None:
        """Let waiting points be spent."""
        points = lot.pending
        lot.state, lot.expires_at = "open", expires_at
        self.changed.add(lot.id)
        if points:
            lot.pending = 0
            self._enter(Debit, accounts.pending(lot.member, lot.id), points, "available")
            self.receive(lot, points, "earned")

    def receive(self, lot: Lot, points: int, reason: str) -> None:
        """Put points into a lot, after what is owed: as far as the shop's rules say so."""
        if not points:
            return
        pays = self._rules.shortfall == "negative" or (
            self._rules.shortfall == "next_earnings" and lot.source == "earned"
        )
        self._credit(lot, points, reason)
        if pays:
            self._pay_debts(lot)
        self._end_if_over(lot)

    def take_back(self, root: str, points: int) -> int:
        """Take earned points back: from the lot, from others, or as a debt.

        Returns:
            How many became a debt.
        """
        lot = self.current(root)
        if lot is None:
            return 0
        if part := min(points, lot.pending):
            lot.pending -= part
            self._enter(Debit, accounts.pending(lot.member, lot.id), part, "returned goods")
            points -= part
        if part := min(points, max(0, lot.free)):
            self._debit(lot, part, "returned goods")
            points -= part
        if part := min(points, lot.lost):
            # It is gone already: said in the statement, and asked of no other lot.
            self._enter(Credit, lot.account, part, "had expired")
            self._enter(Debit, lot.account, part, "returned goods")
            lot.lost -= part
            self.changed.add(lot.id)
            points -= part
        if points and self._rules.shortfall != "next_earnings":
            points -= self._cover_from_others(lot, points)
        if points:
            lot.debt += points
            self._make(accounts.debt(lot.member, lot.id))
            self._enter(Credit, accounts.debt(lot.member, lot.id), points, "returned goods")
        return points

    def give_back(self, root: str, points: int, reason: str) -> None:
        """Bring spent points back to the lot they came from, with its end.

        What the lot owes is paid first, then those who paid for it; points whose end has come
        go out again at once, or into a lot with some grace.
        """
        lot = self.current(root)
        if lot is None or not points:
            return
        if part := min(points, lot.debt):
            self._settle(lot, part, reason)
            points -= part
        for cover in [each for each in self.covers if each.owing == lot.root and each.points]:
            if part := min(points, cover.points):
                cover.points -= part
                self.uncovered[cover.id] = self.uncovered.get(cover.id, 0) + part
                points -= part
                self.give_back(cover.paying, part, reason)
        if not points:
            return
        if lot.over(self._rules.now) and (until := self._rules.grace_until) is not None:
            self.open(
                points,
                "returned",
                lot.id,
                reason,
                expires_at=until,
                parent=lot.id,
                origin=lot.origin,
            )
            return
        self._credit(lot, points, reason)
        self._end_if_over(lot)

    def end(self, lot: Lot) -> int:
        """Let points go whose time is over; what orders hold stays until they let go."""
        points = max(0, lot.free)
        if points:
            self._debit(lot, points, "expired")
            lot.lost += points
            lot.rounds += 1
            self.changed.add(lot.id)
        if not lot.points and not lot.pending and lot.state != "ended":
            lot.state = "ended"
            self.changed.add(lot.id)
        return points

    def settle_debts(self) -> None:
        """Pay what is owed out of what came free since."""
        if self._rules.shortfall != "negative":
            return
        for lot in self.usable():
            if not self.debt():
                return
            self._pay_debts(lot)

    def write_off(self, points: int, reason: str) -> None:
        """Strike out a debt that was paid in another way."""
        for lot in sorted(self.lots.values(), key=lambda each: each.id):
            if part := min(points, lot.debt):
                self._settle(lot, part, reason)
                points -= part

    # How it is done

    def _like(self, lot: Lot) -> Lot:
        made = lot_id(self._next())
        same = msgspec.structs.replace(
            lot,
            id=made,
            member=self.member,
            opened_at=self._rules.now,
            points=0,
            held=0,
            pending=0,
            debt=0,
        )
        self.lots[made] = same
        self.effects.append(record_of(same, 0, lot.id))
        self._make(same.account)
        return same

    def _cover_from_others(self, owing: Lot, points: int) -> int:
        covered = 0
        for lot in self.usable():
            if lot.id != owing.id and (part := min(points - covered, lot.free)):
                self._debit(lot, part, "returned goods")
                self._note_cover(owing, lot, part)
                covered += part
        return covered

    def _pay_debts(self, lot: Lot) -> None:
        for owing in sorted(self.lots.values(), key=lambda each: each.id):
            if part := min(owing.debt, max(0, lot.free)):
                self._debit(lot, part, "owed")
                self._settle(owing, part, "paid")
                if owing.id != lot.id:
                    self._note_cover(owing, lot, part)

    def _note_cover(self, owing: Lot, paying: Lot, points: int) -> None:
        cover = Cover(id=lot_id(self._next()), owing=owing.root, paying=paying.root, points=points)
        self.covers.append(cover)
        row: dict[str, str | int | datetime | None] = {
            "id": cover.id,
            "member_id": self.member,
            "owing": cover.owing,
            "paying": cover.paying,
            "points": points,
            "covered_at": self._rules.now,
        }
        self.effects.append(Record(table="loyalty_covers", row=row, key=f"cover:{cover.id}"))

    def _settle(self, lot: Lot, points: int, reason: str) -> None:
        lot.debt -= points
        self._enter(Debit, accounts.debt(lot.member, lot.id), points, reason)

    def _credit(self, lot: Lot, points: int, reason: str) -> None:
        lot.points += points
        self._enter(Credit, lot.account, points, reason)
        if lot.state == "ended":
            lot.state = "open"
            self.changed.add(lot.id)

    def _debit(self, lot: Lot, points: int, reason: str) -> None:
        lot.points -= points
        self._enter(Debit, lot.account, points, reason)

    def _wait(self, lot: Lot, points: int, reason: str) -> None:
        lot.pending += points
        self._enter(Credit, accounts.pending(lot.member, lot.id), points, reason)

    def _end_if_over(self, lot: Lot) -> None:
        if lot.over(self._rules.now):
            self.end(lot)

    def _enter(
        self, kind: type[Credit] | type[Debit], account: str, points: int, why: str
    ) -> None:
        self.effects.append(kind(account=account, amount=points, key=self._next(), reason=why))

    def _make(self, account: str) -> None:
        self.effects.append(Open(account=account, unit="point", key=self._next()))

    def _kept_for_debts(self) -> int:
        return self.debt() if self._rules.shortfall == "negative" else 0

    def _next(self) -> str:
        return f"{self.key}:{len(self.effects)}"


def burning_order(lot: Lot) -> tuple[datetime, datetime, str]:
    """First what ends first, of equals the older."""
    return (lot.expires_at or _FAR, lot.opened_at, lot.id)


def record_of(lot: Lot, points: int, parent: str) -> Record:
    """The row of a new lot."""
    row: dict[str, str | int | datetime | None] = {
        "id": lot.id,
        "member_id": lot.member,
        "root": lot.root,
        "parent": parent,
        "origin": lot.origin,
        "source": lot.source,
        "reference": lot.reference,
        "state": lot.state,
        "points": points,
        "lost": lot.lost,
        "rounds": lot.rounds,
        "available_at": lot.available_at,
        "expires_at": lot.expires_at,
        "warned_at": None,
        "opened_at": lot.opened_at,
    }
    return Record(table="loyalty_lots", row=row, key=f"lot:{lot.id}")

"""What flows through group buying: campaigns, teams, seats."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]
Unit = Literal["people", "pieces"]
"""What a ladder counts."""

CampaignState = Literal["draft", "running", "stopped"]
TeamState = Literal["opening", "open", "settling", "settled"]
Outcome = Literal["", "filled", "topped_up", "unfilled", "empty"]
"""How a team ended: filled by people, filled by the shop (disclosed), not filled, nobody paid."""

SeatState = Literal["placed", "paid", "gone", "owed", "settled"]
"""A seat: ordered, paid, given up, to be settled, settled."""


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of a ladder.

    Attributes:
        reach: People, or pieces, that must have come together.
        percent: What is off then, of the price without the team.
        price: Or what one piece costs then, in fen.
    """

    reach: Annotated[int, msgspec.Meta(ge=2, le=100_000)]
    percent: Percent = 0
    price: Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None = None


class SeatLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an order that takes part in a team, as it was at placing.

    Attributes:
        sku: The SKU's code.
        quantity: Pieces.
        net: What it costs without the team, in fen.
        joined: What it costs at the smallest step, in fen.
    """

    sku: str
    quantity: int
    net: int
    joined: int


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What a campaign promises; it never changes once the campaign has started.

    Attributes:
        products: Products that take part, by id or handle.
        skus: SKUs that take part, by code.
        unit: Whether the ladder counts people or pieces.
        ladder: The steps, the smallest first; who joins pays the smallest.
        seats: People, or pieces, that a team can take at most.
        hours: How long a team may gather.
        orders_per_member: Seats that one member may have in all of the campaign's teams; those
            of teams that did not fill do not count. 0: any number.
        pieces_per_order: Pieces that one order may bring. 0: any number.
        newcomers: New customers that must be in a team (old customers bring new ones).
        leader_percent: What the leader has off besides, of the price without the team.
        unfilled: What becomes of a team that reached no step: ``refund`` gives everybody
            everything back; ``fill`` gives them the smallest step, which must be disclosed.
        disclosure: The sentence that tells shoppers so.
        places: Seats in all teams together. 0: any number.
    """

    products: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    unit: Unit = "people"
    ladder: tuple[Step, ...]
    seats: int
    hours: int
    orders_per_member: int = 1
    pieces_per_order: int = 0
    newcomers: int = 0
    leader_percent: int = 0
    unfilled: Literal["refund", "fill"] = "refund"
    disclosure: str = ""
    places: int = 0


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign.

    Attributes:
        id: Its id.
        title: What shoppers read.
        text: Its conditions, for shoppers.
        rules: What it promises.
        state: ``running`` counts from ``starts_at`` on.
        starts_at: From when teams may be opened, UTC.
        ends_at: Until when, UTC; a team that is open then may gather to its own end.
        created_by: Who wrote it down.
        created_at: UTC.
        started_by: Who started it.
        started_at: When somebody did, UTC.
        stopped_by: Who stopped it.
        stopped_at: UTC.
        stopped_because: In that person's words.
    """

    id: str
    title: str
    text: str
    rules: Rules
    state: CampaignState
    starts_at: datetime
    ends_at: datetime
    created_by: str
    created_at: datetime
    started_by: str = ""
    started_at: datetime | None = None
    stopped_by: str = ""
    stopped_at: datetime | None = None
    stopped_because: str = ""

    def sells(self, product: str, sku: str) -> bool:
        """Whether a line takes part."""
        return product in self.rules.products or sku in self.rules.skus

    def is_on(self, now: datetime) -> bool:
        """Whether teams may be opened at a moment."""
        return self.state == "running" and self.starts_at <= now < self.ends_at


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """A team.

    Attributes:
        id: Its id.
        code: What its link carries; nobody can guess it.
        campaign: Its campaign's id.
        state: ``opening`` until somebody has paid; ``settling`` while money goes back.
        outcome: How it ended.
        size: People, or pieces, that it had when it ended.
        reach: The step that it reached; 0 for none.
        opened_at: UTC.
        ends_at: Until when one may join, UTC.
        decided_at: When it was known how it ends, UTC.
        settled_at: When everybody's money was on its way, UTC.
    """

    id: str
    code: str
    campaign: str
    state: TeamState
    outcome: Outcome
    size: int
    reach: int
    opened_at: datetime
    ends_at: datetime
    decided_at: datetime | None = None
    settled_at: datetime | None = None

    @property
    def is_sure(self) -> bool:
        """Whether its goods may leave the house."""
        return self.outcome in ("filled", "topped_up")


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """One member's place in a team.

    Attributes:
        id: Its id.
        team: The team's id.
        campaign: The campaign's id.
        order: The order's id.
        member: The member's id.
        newcomer: Whether this is the member's first purchase.
        pieces: Of the campaign's goods in the order.
        lines: Those goods, as they were at placing.
        state: Where it stands.
        refund: What goes back at the end, in fen.
        placed_at: UTC.
        paid_at: UTC.
    """

    id: str
    team: str
    campaign: str
    order: str
    member: str
    newcomer: Literal["yes", "no"]
    pieces: int
    lines: tuple[SeatLine, ...]
    state: SeatState
    refund: int
    placed_at: datetime
    paid_at: datetime | None = None


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """What goes back of a seat: per SKU, in fen, already for all its pieces."""

    seat: str
    amounts: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        """In fen."""
        return sum(amount for _, amount in self.amounts)


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """How a team ends.

    Attributes:
        outcome: In one word.
        count: People, or pieces.
        step: What everybody pays by; None when everything goes back.
        leader: The seat that leads: the one that was paid first.
        dues: The differences that go back, when there is a step.
    """

    outcome: Outcome
    count: int
    step: Step | None
    leader: str
    dues: tuple[Due, ...] = ()

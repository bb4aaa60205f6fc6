"""Campaigns, teams and seats as they are kept: read, and turned into what flows."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

import msgspec

from jishi.db import Argument, Value
from jishi.problems import NotFound
from jishi_group_buy import sql
from jishi_group_buy.structs import Campaign, Rules, Seat, SeatLine, Team

T = TypeVar("T")
Fetch = Callable[..., Awaitable[list[tuple[Value, ...]]]]
_rules = msgspec.json.Decoder(Rules)
_lines = msgspec.json.Decoder(tuple[SeatLine, ...])


class Reader(Protocol):
    """A desk, or a transaction of it."""

    async def fetch(self, sql: str, *args: Argument) -> list[tuple[Value, ...]]:
        """All rows of a SELECT."""


class SeatRow(msgspec.Struct, frozen=True):
    """A seat as it is stored.

    ``due`` is empty before the team is decided, then ``all`` (everything goes back) or JSON:
    SKU codes, or after the first try line ids, with fen.
    """

    seat: Seat
    due: str


def campaign_of(row: Sequence[Value]) -> Campaign:
    """A campaign from its row, in the order of `sql.CAMPAIGN_COLUMNS`."""
    names = sql.CAMPAIGN_COLUMNS.split(", ")
    fields = dict(zip(names, row, strict=True))
    fields["rules"] = _rules.decode(str(fields["rules"]))  # type: ignore[assignment]
    return msgspec.convert(fields, Campaign)


def team_of(row: Sequence[Value]) -> Team:
    """A team from its row."""
    return msgspec.convert(dict(zip(sql.TEAM_COLUMNS.split(", "), row, strict=True)), Team)


def seat_of(row: Sequence[Value]) -> SeatRow:
    """A seat from its row."""
    fields = dict(zip(sql.SEAT_COLUMNS.split(", "), row, strict=True))
    due = str(fields.pop("due"))
    fields["order"] = fields.pop("order_id")
    fields["lines"] = _lines.decode(str(fields["lines"]))  # type: ignore[assignment]
    return SeatRow(msgspec.convert(fields, Seat), due)


async def find_campaign(reader: Reader, campaign: str) -> Campaign:
    """A campaign.

    Raises:
        NotFound: There is none with this id.
    """
    rows = await reader.fetch(sql.CAMPAIGN, campaign)
    if not rows:
        raise NotFound("There is no such campaign.")
    return campaign_of(rows[0])


async def find_team(reader: Reader, team: str) -> Team:
    """A team by its id.

    Raises:
        NotFound: There is none.
    """
    rows = await reader.fetch(sql.TEAM, team)
    if not rows:
        raise NotFound("There is no such team.")
    return team_of(rows[0])


async def team_by_code(reader: Reader, code: str) -> Team | None:
    """The team that a link leads to."""
    rows = await reader.fetch(sql.TEAM_BY_CODE, code)
    return team_of(rows[0]) if rows else None


async def campaign_and_team(reader: Reader, code: str) -> tuple[Campaign, Team] | None:
    """The team that a link leads to, with its campaign, in one look."""
    rows = await reader.fetch(sql.CAMPAIGN_AND_TEAM, code)
    if not rows:
        return None
    split = len(sql.CAMPAIGN_COLUMNS.split(", "))
    return campaign_of(rows[0][:split]), team_of(rows[0][split:])


async def seats_of(reader: Reader, team: str) -> list[SeatRow]:
    """All seats of a team, the first first."""
    return [seat_of(row) for row in await reader.fetch(sql.SEATS, team)]


async def seat_of_order(reader: Reader, order: str) -> SeatRow | None:
    """The seat that an order brought; None when it is no team's order."""
    rows = await reader.fetch(sql.SEAT_OF_ORDER, order)
    return seat_of(rows[0]) if rows else None


def as_row(campaign: Campaign) -> tuple[Value, ...]:
    """A campaign as it is stored."""
    row: list[Value] = []
    for name in sql.CAMPAIGN_COLUMNS.split(", "):
        value: str | datetime | Rules | None = getattr(campaign, name)
        row.append(msgspec.json.encode(value).decode() if isinstance(value, Rules) else value)
    return tuple(row)

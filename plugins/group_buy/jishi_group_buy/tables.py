"""What group buying keeps."""

from jishi.db import BigInt, Table, Text, Timestamptz


class CampaignTable(Table, tablename="group_buy_campaigns"):
    """A campaign; its rules never change once it has started."""

    id = Text(primary_key=True)
    title = Text()
    text = Text()
    rules = Text()
    """The `Rules`, as JSON."""
    state = Text()
    starts_at = Timestamptz()
    ends_at = Timestamptz()
    created_by = Text()
    created_at = Timestamptz()
    started_by = Text(default="")
    started_at = Timestamptz(null=True, default=None)
    stopped_by = Text(default="")
    stopped_at = Timestamptz(null=True, default=None)
    stopped_because = Text(default="")


class TeamTable(Table, tablename="group_buy_teams"):
    """A team; its seats are counted by the ledger."""

    id = Text(primary_key=True)
    code = Text()
    campaign = Text()
    state = Text()
    outcome = Text()
    size = BigInt()
    reach = BigInt()
    opened_at = Timestamptz()
    ends_at = Timestamptz()
    decided_at = Timestamptz(null=True, default=None)
    settled_at = Timestamptz(null=True, default=None)


class SeatTable(Table, tablename="group_buy_seats"):
    """A member's place in a team."""

    id = Text(primary_key=True)
    team = Text()
    campaign = Text()
    order_id = Text()
    member = Text()
    newcomer = Text()
    pieces = BigInt()
    lines = Text()
    """The `SeatLine`s, as JSON."""
    state = Text()
    due = Text()
    """What goes back at the end: SKU codes and fen, as JSON."""
    refund = BigInt()
    """The sum of ``due``, or of what went back when the team did not fill, in fen."""
    placed_at = Timestamptz()
    paid_at = Timestamptz(null=True, default=None)
    settled_at = Timestamptz(null=True, default=None)

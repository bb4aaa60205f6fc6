"""Where points, ranks and what they rest on are kept; how many there are, the ledger says."""

from jishi.db import BigInt, Table, Text, Timestamptz


class MemberTable(Table, tablename="loyalty_members"):
    """A member as points and ranks see him; also the lock for every change of his points."""

    id = Text(primary_key=True)
    """The member's id."""
    tier = Text()
    tier_since_at = Timestamptz(null=True)
    tier_until_at = Timestamptz(null=True)
    """When the tier is looked at again."""
    card_tier = Text()
    card_until_at = Timestamptz(null=True)
    birthday = Text()
    """Month and day, ``02-29``; empty when nobody said it. Personal."""
    seen_at = Timestamptz()


class LotTable(Table, tablename="loyalty_lots"):
    """Points that came together and end together."""

    id = Text(primary_key=True)
    member_id = Text()
    root = Text()
    parent = Text()
    origin = Text()
    source = Text()
    reference = Text()
    state = Text()
    points = BigInt()
    lost = BigInt()
    rounds = BigInt()
    available_at = Timestamptz(null=True)
    expires_at = Timestamptz(null=True)
    warned_at = Timestamptz(null=True)
    opened_at = Timestamptz()


class CoverTable(Table, tablename="loyalty_covers"):
    """Points of one lot that went for what another owed."""

    id = Text(primary_key=True)
    member_id = Text()
    owing = Text()
    paying = Text()
    points = BigInt()
    covered_at = Timestamptz()


class OrderTable(Table, tablename="loyalty_orders"):
    """What an order earned and spent, and how much of that was undone."""

    id = Text(primary_key=True)
    """The order's id."""
    member_id = Text()
    lot = Text()
    """The lot that it earned; empty when it earned nothing."""
    channel = Text()
    lines = Text()
    """JSON: a list of `structs.Line`."""
    earned = BigInt()
    taken_back = BigInt()
    spent = BigInt()
    given_back = BigInt()
    fen = BigInt()
    """Paid for goods and not refunded."""
    paid_at = Timestamptz()
    completed_at = Timestamptz(null=True)


class GiftTable(Table, tablename="loyalty_gifts"):
    """Points that one member gave another."""

    id = Text(primary_key=True)
    giver = Text()
    receiver = Text()
    points = BigInt()
    note = Text()
    given_at = Timestamptz()


class ExchangeTable(Table, tablename="loyalty_exchanges"):
    """A reward that was taken."""

    id = Text(primary_key=True)
    member_id = Text()
    reward = Text()
    points = BigInt()
    taken_at = Timestamptz()


class GrantTable(Table, tablename="loyalty_grants"):
    """Points that staff, a review or a birthday gave or took."""

    id = Text(primary_key=True)
    member_id = Text()
    points = BigInt()
    """Below 0 was taken."""
    reason = Text()
    actor = Text()
    granted_at = Timestamptz()


class CardTable(Table, tablename="loyalty_cards"):
    """A tier that was bought."""

    id = Text(primary_key=True)
    """The order's id and the line's."""
    member_id = Text()
    order_id = Text()
    tier = Text()
    starts_at = Timestamptz()
    ends_at = Timestamptz()


class TierChangeTable(Table, tablename="loyalty_tier_changes"):
    """Why somebody has the tier he has."""

    id = Text(primary_key=True)
    member_id = Text()
    was = Text()
    tier = Text()
    measure = BigInt()
    why = Text()
    """``reached``, ``period``, ``refund``."""
    changed_at = Timestamptz()


POINTS_TABLES = (
    MemberTable,
    LotTable,
    CoverTable,
    OrderTable,
    GiftTable,
    ExchangeTable,
    GrantTable,
    CardTable,
    TierChangeTable,
)

"""Members, lots, orders, gifts, rewards, tiers."""

from jishi.db import (
    BigInt,
    Operation,
    Table,
    Text,
    Timestamptz,
    check,
    create_index,
    create_table,
)


class MemberTable(Table, tablename="loyalty_members"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    tier = Text()
    tier_since_at = Timestamptz(null=True)
    tier_until_at = Timestamptz(null=True)
    card_tier = Text()
    card_until_at = Timestamptz(null=True)
    birthday = Text()
    seen_at = Timestamptz()


class LotTable(Table, tablename="loyalty_lots"):
    """What the table was in this version."""

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
    """What the table was in this version."""

    id = Text(primary_key=True)
    member_id = Text()
    owing = Text()
    paying = Text()
    points = BigInt()
    covered_at = Timestamptz()


class OrderTable(Table, tablename="loyalty_orders"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    member_id = Text()
    lot = Text()
    channel = Text()
    lines = Text()
    earned = BigInt()
    taken_back = BigInt()
    spent = BigInt()
    given_back = BigInt()
    fen = BigInt()
    paid_at = Timestamptz()
    completed_at = Timestamptz(null=True)


class GiftTable(Table, tablename="loyalty_gifts"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    giver = Text()
    receiver = Text()
    points = BigInt()
    note = Text()
    given_at = Timestamptz()


class ExchangeTable(Table, tablename="loyalty_exchanges"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    member_id = Text()
    reward = Text()
    points = BigInt()
    taken_at = Timestamptz()


class GrantTable(Table, tablename="loyalty_grants"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    member_id = Text()
    points = BigInt()
    reason = Text()
    actor = Text()
    granted_at = Timestamptz()


class CardTable(Table, tablename="loyalty_cards"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    member_id = Text()
    order_id = Text()
    tier = Text()
    starts_at = Timestamptz()
    ends_at = Timestamptz()


class TierChangeTable(Table, tablename="loyalty_tier_changes"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    member_id = Text()
    was = Text()
    tier = Text()
    measure = BigInt()
    why = Text()
    changed_at = Timestamptz()


OPERATIONS: tuple[Operation, ...] = (
    create_table(MemberTable),
    create_index("loyalty_members_tier", "loyalty_members", "tier_until_at"),
    create_index("loyalty_members_birthday", "loyalty_members", "birthday"),
    create_table(
        LotTable,
        [
            check("state IN ('pending', 'open', 'ended')", "loyalty_lots_state"),
            check("lost >= 0", "loyalty_lots_lost"),
        ],
    ),
    create_index("loyalty_lots_member", "loyalty_lots", "member_id", "state"),
    create_index("loyalty_lots_root", "loyalty_lots", "root"),
    create_index("loyalty_lots_expiry", "loyalty_lots", "expires_at", where="state = 'open'"),
    create_index("loyalty_lots_wait", "loyalty_lots", "available_at", where="state = 'pending'"),
    create_table(CoverTable, [check("points >= 0", "loyalty_covers_points")]),
    create_index("loyalty_covers_member", "loyalty_covers", "member_id", where="points > 0"),
    create_table(
        OrderTable,
        [
            check("taken_back >= 0 AND taken_back <= earned", "loyalty_orders_taken_back"),
            check("given_back >= 0 AND given_back <= spent", "loyalty_orders_given_back"),
        ],
    ),
    create_index("loyalty_orders_member", "loyalty_orders", "member_id", "paid_at"),
    create_table(GiftTable, [check("points > 0", "loyalty_gifts_points")]),
    create_index("loyalty_gifts_giver", "loyalty_gifts", "giver", "given_at"),
    create_table(ExchangeTable, [check("points > 0", "loyalty_exchanges_points")]),
    create_index("loyalty_exchanges_member", "loyalty_exchanges", "member_id", "reward"),
    create_table(GrantTable),
    create_index("loyalty_grants_member", "loyalty_grants", "member_id"),
    create_table(CardTable),
    create_index("loyalty_cards_member", "loyalty_cards", "member_id", "ends_at"),
    create_table(TierChangeTable),
    create_index("loyalty_tier_changes_member", "loyalty_tier_changes", "member_id"),
)

"""What points and tiers know about people: little more than who has them."""

from jishi.personal import Belongs, Personal, PersonalTable, Retention

_BOOKS = "points are owed and accounted for like money; the rows carry a pseudonym"
_MEMBER = (Belongs(column="member_id"),)
_PSEUDONYM = Personal(says="whose it is", erasure="keep", because=_BOOKS)
_THREE_YEARS = 3 * 365

POINTS_PERSONAL = (
    PersonalTable(
        table="loyalty_members",
        title=("Tier and birthday", "会员等级与生日"),
        belongs=(Belongs(column="id"),),
        personal={"id": _PSEUDONYM, "birthday": Personal(says="month and day of birth")},
        plain=("tier", "tier_since_at", "tier_until_at", "card_tier", "card_until_at", "seen_at"),
        erasure="columns",
        because=_BOOKS,
    ),
    PersonalTable(
        table="loyalty_lots",
        title=("Points by their end", "积分批次"),
        belongs=(*_MEMBER, Belongs(column="origin")),
        plain=(
            "id", "member_id", "root", "parent", "origin", "source", "reference", "state",
            "points", "lost", "rounds", "available_at", "expires_at", "warned_at", "opened_at",
        ),
        erasure="keep",
        because=_BOOKS,
    ),
    PersonalTable(
        table="loyalty_covers",
        title=("Points that paid for others", "积分抵补"),
        belongs=_MEMBER,
        plain=("id", "member_id", "owing", "paying", "points", "covered_at"),
        erasure="keep",
        because=_BOOKS,
    ),
    PersonalTable(
        table="loyalty_orders",
        title=("Points of orders", "订单积分"),
        belongs=_MEMBER,
        plain=(
            "id", "member_id", "lot", "channel", "lines", "earned", "taken_back", "spent",
            "given_back", "fen", "paid_at", "completed_at",
        ),
        erasure="keep",
        because="E-Commerce Law art. 31: records of trade are kept for three years at least",
    ),
    PersonalTable(
        table="loyalty_gifts",
        title=("Points given to others", "积分转赠"),
        belongs=(Belongs(column="giver"), Belongs(column="receiver")),
        personal={
            "giver": _PSEUDONYM,
            "receiver": _PSEUDONYM,
            "note": Personal(says="what the giver wrote"),
        },
        plain=("id", "points", "given_at"),
        erasure="columns",
        because=_BOOKS,
        retention=Retention(column="given_at", days=_THREE_YEARS, does="blank"),
    ),
    PersonalTable(
        table="loyalty_exchanges",
        title=("Rewards that were taken", "积分兑换"),
        belongs=_MEMBER,
        plain=("id", "member_id", "reward", "points", "taken_at"),
        erasure="keep",
        because=_BOOKS,
    ),
    PersonalTable(
        table="loyalty_grants",
        title=("Points given by the shop", "积分调整"),
        belongs=_MEMBER,
        personal={
            "member_id": _PSEUDONYM,
            "reason": Personal(says="why, as staff wrote it"),
        },
        plain=("id", "points", "actor", "granted_at"),
        erasure="columns",
        because=_BOOKS,
    ),
    PersonalTable(
        table="loyalty_cards",
        title=("Tiers that were bought", "付费会员"),
        belongs=_MEMBER,
        plain=("id", "member_id", "order_id", "tier", "starts_at", "ends_at"),
        erasure="keep",
        because=_BOOKS,
    ),
    PersonalTable(
        table="loyalty_tier_changes",
        title=("Why somebody has his tier", "等级变动"),
        belongs=_MEMBER,
        plain=("id", "member_id", "was", "tier", "measure", "why", "changed_at"),
        retention=Retention(column="changed_at", days=_THREE_YEARS),
    ),
)  # fmt: skip
"""One declaration for each table of points and tiers."""

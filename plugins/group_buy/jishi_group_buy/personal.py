"""What this plugin's tables know about people: who sat in which team, by a pseudonym."""

from jishi.personal import Belongs, Personal, PersonalTable, impersonal

_TRADE = "E-Commerce Law art. 31: records of trade are kept for three years; a pseudonym"

PERSONAL = (
    impersonal("group_buy_campaigns", "campaigns"),
    impersonal("group_buy_teams", "teams; who sits in them is in the seats"),
    PersonalTable(
        table="group_buy_seats",
        title=("Your places in teams", "拼团记录"),
        belongs=(Belongs(column="member"), Belongs(column="order_id", to="orders_orders")),
        personal={"member": Personal(says="who sits there", erasure="keep", because=_TRADE)},
        plain=(
            "id", "team", "campaign", "order_id", "newcomer", "pieces", "lines", "state", "due",
            "refund", "placed_at", "paid_at", "settled_at",
        ),
        erasure="keep",
        because=_TRADE,
    ),
)  # fmt: skip
"""Every table of the plugin."""

"""What this plugin's tables know about people."""

from jishi.personal import Belongs, Personal, PersonalTable, impersonal

_OF_MEMBER = (Belongs(column="member"),)
_FAIR = "who won can be shown to everybody who took part; the ticket names nobody"

PERSONAL = (
    impersonal("live_stream_sessions", "the merchant's sessions"),
    impersonal("live_stream_draws", "the merchant's draws"),
    PersonalTable(
        table="live_stream_orders",
        title=("Orders from live streams", "直播订单"),
        key=("order_id",),
        belongs=(Belongs(column="order_id", to="orders_orders"),),
        plain=("order_id", "session", "host", "placed_at"),
        erasure="keep",
        because="which session an order came from; it names nobody",
    ),
    PersonalTable(
        table="live_stream_entries",
        title=("Draws that you took part in", "参加的抽奖"),
        key=("draw", "number"),
        belongs=_OF_MEMBER,
        personal={
            "member": Personal(says="who took part"),
            "once": Personal(says="the same", erasure="keep", because=_FAIR),
            "text": Personal(says="a digest of what you wrote", erasure="keep", because=_FAIR),
        },
        plain=("draw", "number", "ticket", "source", "entered_at"),
        erasure="columns",
    ),
    PersonalTable(
        table="live_stream_wins",
        title=("What you won", "中奖记录"),
        key=("draw", "number"),
        belongs=_OF_MEMBER,
        personal={"member": Personal(says="who won")},
        plain=("draw", "number", "prize", "title", "state", "decided_at", "ended_at"),
        erasure="columns",
    ),
    PersonalTable(
        table="live_stream_visits",
        title=("Visits to a store", "到店预约"),
        belongs=_OF_MEMBER,
        personal={
            "member": Personal(says="who came"),
            "hash": Personal(
                says="a digest of the code", erasure="keep", because=_FAIR, export="no"
            ),
        },
        plain=(
            "id",
            "session",
            "store",
            "slot",
            "state",
            "why",
            "turn",
            "booked_at",
            "ended_by",
            "ended_at",
        ),
        erasure="columns",
    ),
)
"""Every table of the plugin."""

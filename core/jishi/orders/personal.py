"""What orders know about people: where goods went, whom to call; the rest records a trade."""

from jishi.personal import Belongs, Personal, PersonalTable, Retention, Sealed

_TRADE = "E-Commerce Law art. 31: records of trade are kept for three years at least"
_YEARS = 3 * 365
_PSEUDONYM = Personal(says="whose order it is", erasure="keep", because=f"{_TRADE}; a pseudonym")
_OF_ORDER = (Belongs(column="order_id", to="orders_orders"),)

PERSONAL = (
    PersonalTable(
        table="orders_orders",
        title=("Orders", "订单"),
        belongs=(Belongs(column="owner"), Belongs(column="member")),
        personal={
            "owner": _PSEUDONYM,
            "member": _PSEUDONYM,
            "address": Personal(says="receiver, telephone, address", blank=None),
            "contact": Personal(says="telephone number"),
            "note": Personal(says="what the shopper wrote"),
            "placing_digest": Personal(says="a digest of the request", export="no"),
        },
        plain=(
            "id", "number", "channel", "store", "location", "status", "version", "currency",
            "total", "paid", "refunded", "delivery_fee", "delivery_refunded", "delivery",
            "explanation", "placing_key",
            "placed_at", "expires_at", "paid_at", "shipped_at", "completed_at",
        ),
        erasure="columns",
        erasure_only="status IN ('completed', 'cancelled', 'expired')",  # a parcel needs to arrive
        because=_TRADE,
        retention=Retention(column="placed_at", days=_YEARS, does="blank"),
        sealed=(Sealed(column="address", found_by="contact", others=("note",)),),
    ),
    PersonalTable(
        table="orders_lines",
        title=("What was bought", "订单商品"),
        belongs=_OF_ORDER,
        plain=(
            "id", "order_id", "position", "sku", "product", "title", "quantity", "unit_price",
            "total", "shipped", "refunded", "refunded_amount", "withdrawn",
        ),
        erasure="keep",
        because=_TRADE,
    ),
    PersonalTable(
        table="orders_timeline",
        title=("What happened to orders", "订单动态"),
        belongs=_OF_ORDER,
        personal={"detail": Personal(says="what he said when he cancelled")},
        plain=("id", "order_id", "step", "actor", "entered_at"),
        erasure="columns",
        erasure_only="actor IN ('member', 'guest')",
        because=_TRADE,
    ),
    PersonalTable(
        table="orders_shipments",
        title=("Parcels", "包裹"),
        belongs=_OF_ORDER,
        plain=(
            "id", "order_id", "key", "digest", "carrier", "tracking", "lines", "shipped_at",
        ),
        erasure="keep",
        because=_TRADE,
    ),
    PersonalTable(
        table="orders_effects",
        title=("What came along with orders", "订单附带记录"),
        belongs=_OF_ORDER,
        plain=(
            "id", "order_id", "transition", "plugin", "version", "key", "effect", "applied_at",
        ),
        erasure="keep",
        because=_TRADE,
    ),
)  # fmt: skip
"""Every table of the room."""

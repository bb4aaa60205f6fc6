"""What payments know about people: who paid, as the gateway calls him."""

from jishi.personal import Belongs, Personal, PersonalTable, Sealed

_TRADE = "E-Commerce Law art. 31: records of trade are kept for three years at least"
_OF_ORDER = (Belongs(column="order_id", to="orders_orders"),)

PERSONAL = (
    PersonalTable(
        table="payments_attempts",
        title=("Payments", "付款"),
        belongs=_OF_ORDER,
        personal={
            "payer": Personal(says="who pays, as the gateway calls him", identifies="yes"),
            "parameters": Personal(says="what the payer's device was told", blank="{}"),
        },
        plain=(
            "id", "order_id", "number", "gateway", "method", "amount", "currency", "status",
            "captured", "refunded", "merchant", "app", "transaction_id", "reference", "channel",
            "started_at", "expires_at", "asked_at", "paid_at",
        ),
        erasure="columns",
        because=_TRADE,
        sealed=(Sealed(column="payer"),),
    ),
    PersonalTable(
        table="payments_refunds",
        title=("Refunds", "退款"),
        belongs=_OF_ORDER,
        personal={"reason": Personal(says="why, in somebody's words")},
        plain=(
            "id", "order_id", "attempt_id", "gateway", "number", "key", "request", "digest",
            "kind", "amount", "currency", "status", "actor", "reference", "problem",
            "requested_at", "settled_at",
        ),
        erasure="columns",
        because=_TRADE,
    ),
    PersonalTable(
        table="payments_alerts",
        title=("Payments that somebody should look at", "付款异常"),
        belongs=_OF_ORDER,
        plain=("id", "kind", "gateway", "number", "order_id", "detail", "raised_at"),
        erasure="keep",
        because=_TRADE,
    ),
)  # fmt: skip
"""Every table of the room."""

"""Attempts to collect money, refunds, alerts."""

from jishi.db import (
    BigInt,
    Operation,
    Table,
    Text,
    Timestamptz,
    check,
    create_index,
    create_table,
    create_unique_index,
    references,
    unique,
)


class AttemptTable(Table, tablename="payments_attempts"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    order_id = Text()
    number = Text()
    gateway = Text()
    method = Text()
    amount = BigInt()
    currency = Text()
    status = Text()
    captured = BigInt()
    refunded = BigInt()
    merchant = Text()
    app = Text()
    transaction_id = Text()
    reference = Text()
    parameters = Text()
    payer = Text()
    channel = Text()
    started_at = Timestamptz()
    expires_at = Timestamptz()
    asked_at = Timestamptz(null=True)
    paid_at = Timestamptz(null=True)


class RefundTable(Table, tablename="payments_refunds"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    order_id = Text()
    attempt_id = Text()
    gateway = Text()
    number = Text()
    key = Text()
    request = Text()
    digest = Text()
    kind = Text()
    amount = BigInt()
    currency = Text()
    status = Text()
    reason = Text()
    actor = Text()
    reference = Text()
    problem = Text()
    requested_at = Timestamptz()
    settled_at = Timestamptz(null=True)


class AlertTable(Table, tablename="payments_alerts"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    kind = Text()
    gateway = Text()
    number = Text()
    order_id = Text()
    detail = Text()
    raised_at = Timestamptz()


OPERATIONS: tuple[Operation, ...] = (
    create_table(
        AttemptTable,
        [
            references("order_id", "orders_orders", "id"),
            check(
                "status IN ('new', 'waiting', 'unknown', 'paid', 'closed', 'refused')",
                "payments_attempts_status",
            ),
            check("amount > 0 AND captured IN (0, amount)", "payments_attempts_amount"),
            check("(status = 'paid') = (captured > 0)", "payments_attempts_captured"),
            check("0 <= refunded AND refunded <= captured", "payments_attempts_refunded"),
            unique("number"),
        ],
    ),
    create_table(
        RefundTable,
        [
            references("order_id", "orders_orders", "id"),
            check(
                "status IN ('owed', 'sent', 'processing', 'refunded', 'failed')",
                "payments_refunds_status",
            ),
            check("amount >= 0", "payments_refunds_amount"),
            unique("number"),
            unique("key"),
        ],
    ),
    create_table(AlertTable),
    create_index("payments_attempts_order", "payments_attempts", "order_id", "id"),
    create_index("payments_refunds_order", "payments_refunds", "order_id", "id"),
    create_index("payments_refunds_request", "payments_refunds", "request"),
    create_unique_index(
        "payments_attempts_transaction",
        "payments_attempts",
        "gateway",
        "transaction_id",
        where="transaction_id <> ''",
    ),
    # One alert for one trouble, however often the message comes.
    create_unique_index(
        "payments_alerts_once", "payments_alerts", "kind", "gateway", "number", "detail"
    ),
)

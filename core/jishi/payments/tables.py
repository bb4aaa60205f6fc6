"""Where payments are kept."""

from jishi.db import BigInt, Table, Text, Timestamptz


class AttemptTable(Table, tablename="payments_attempts"):
    """One try to collect money for an order."""

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
    """Money that one payment gives back."""

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
    """Something about money that a person should look at."""

    id = Text(primary_key=True)
    kind = Text()
    gateway = Text()
    number = Text()
    order_id = Text()
    detail = Text()
    raised_at = Timestamptz()

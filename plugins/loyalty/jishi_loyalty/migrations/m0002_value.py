"""Stored value: top-ups, whose they are, payments and their parts, refunds, proofs."""

from jishi.db import (
    BigInt,
    Operation,
    Table,
    Text,
    Timestamptz,
    check,
    create_index,
    create_table,
    unique,
)


class LotTable(Table, tablename="loyalty_value_lots"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    member = Text()
    source = Text()
    reference = Text()
    paid = BigInt()
    gift = BigInt()
    used_before = BigInt()
    spend_order = Text()
    means = Text()
    store = Text()
    staff = Text()
    topped_at = Timestamptz()


class HolderTable(Table, tablename="loyalty_value_holders"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    lot = Text()
    turn = BigInt()
    holder = Text()
    reason = Text()
    since_at = Timestamptz()


class PaymentTable(Table, tablename="loyalty_value_payments"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    member = Text()
    order_id = Text()
    amount = BigInt()
    refunded = BigInt()
    currency = Text()
    status = Text()
    proved = Text()
    store = Text()
    staff = Text()
    paid_at = Timestamptz()


class PartTable(Table, tablename="loyalty_value_parts"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    payment = Text()
    refund = Text()
    lot = Text()
    kind = Text()
    amount = BigInt()
    place = BigInt()


class RefundTable(Table, tablename="loyalty_value_refunds"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    payment = Text()
    amount = BigInt()
    store = Text()
    staff = Text()
    refunded_at = Timestamptz()


class ReturnTable(Table, tablename="loyalty_value_returns"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    lot = Text()
    member = Text()
    reason = Text()
    amount = BigInt()
    interest = BigInt()
    principal = BigInt()
    gift = BigInt()
    means = Text()
    status = Text()
    store = Text()
    staff = Text()
    returned_at = Timestamptz()


class MemberTable(Table, tablename="loyalty_value_members"):
    """What the table was in this version."""

    member = Text(primary_key=True)
    password = Text()
    failures = BigInt()
    turns = BigInt()
    locked_until_at = Timestamptz(null=True)


class ProofTable(Table, tablename="loyalty_value_proofs"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    member = Text()
    most = BigInt()
    way = Text()
    used_for = Text()
    expires_at = Timestamptz()


class CodeTable(Table, tablename="loyalty_value_codes"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    used_for = Text()
    used_at = Timestamptz()


OPERATIONS: tuple[Operation, ...] = (
    create_table(
        LotTable,
        [
            check("paid >= 0 AND gift >= 0 AND used_before >= 0", "loyalty_value_lots_amounts"),
            check("source IN ('order', 'till', 'transfer')", "loyalty_value_lots_source"),
        ],
    ),
    create_index("loyalty_value_lots_store", "loyalty_value_lots", "store", "topped_at"),
    create_table(HolderTable, [unique("lot", "turn")]),
    create_index("loyalty_value_holders_holder", "loyalty_value_holders", "holder"),
    create_table(
        PaymentTable,
        [
            check("status IN ('paid', 'closed')", "loyalty_value_payments_status"),
            check("0 <= refunded AND refunded <= amount", "loyalty_value_payments_refunded"),
        ],
    ),
    create_index("loyalty_value_payments_member", "loyalty_value_payments", "member", "paid_at"),
    create_index("loyalty_value_payments_order", "loyalty_value_payments", "order_id"),
    create_index("loyalty_value_payments_store", "loyalty_value_payments", "store", "paid_at"),
    create_table(
        PartTable,
        [
            check("amount <> 0 AND (amount < 0) = (refund <> '')", "loyalty_value_parts_amount"),
            check("kind IN ('principal', 'gift')", "loyalty_value_parts_kind"),
        ],
    ),
    create_index("loyalty_value_parts_payment", "loyalty_value_parts", "payment", "place"),
    create_index("loyalty_value_parts_lot", "loyalty_value_parts", "lot"),
    create_table(RefundTable, [check("amount > 0", "loyalty_value_refunds_amount")]),
    create_index("loyalty_value_refunds_payment", "loyalty_value_refunds", "payment"),
    create_index("loyalty_value_refunds_store", "loyalty_value_refunds", "store", "refunded_at"),
    create_table(
        ReturnTable,
        [
            check("status IN ('set_aside', 'paid')", "loyalty_value_returns_status"),
            check("amount >= 0 AND interest >= 0", "loyalty_value_returns_amount"),
        ],
    ),
    create_index("loyalty_value_returns_lot", "loyalty_value_returns", "lot"),
    create_index("loyalty_value_returns_member", "loyalty_value_returns", "member"),
    create_table(MemberTable),
    create_table(ProofTable),
    create_index("loyalty_value_proofs_member", "loyalty_value_proofs", "member", "expires_at"),
    create_table(CodeTable),
)

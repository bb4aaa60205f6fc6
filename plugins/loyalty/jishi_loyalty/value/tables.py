"""Where stored value keeps what the ledger does not: whose, what for, and proofs."""

from jishi.db import BigInt, Table, Text, Timestamptz


class LotTable(Table, tablename="loyalty_value_lots"):
    """Top-ups; never changed."""

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
    """Whose a top-up is: the row with the highest turn counts; only added to."""

    id = Text(primary_key=True)
    lot = Text()
    turn = BigInt()
    holder = Text()
    reason = Text()
    since_at = Timestamptz()


class PaymentTable(Table, tablename="loyalty_value_payments"):
    """Payments, and numbers that were given up before they paid."""

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
    """What a payment took from which half of which lot, and below zero what went back."""

    id = Text(primary_key=True)
    payment = Text()
    refund = Text()
    lot = Text()
    kind = Text()
    amount = BigInt()
    place = BigInt()


class RefundTable(Table, tablename="loyalty_value_refunds"):
    """What went back of payments."""

    id = Text(primary_key=True)
    payment = Text()
    amount = BigInt()
    store = Text()
    staff = Text()
    refunded_at = Timestamptz()


class ReturnTable(Table, tablename="loyalty_value_returns"):
    """Top-ups that were given up for money."""

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
    """Members' payment passwords, as hashes, and how often they were wrong."""

    member = Text(primary_key=True)
    password = Text()
    failures = BigInt()
    turns = BigInt()
    locked_until_at = Timestamptz(null=True)


class ProofTable(Table, tablename="loyalty_value_proofs"):
    """Proofs that it is the member who pays; each is good for one payment."""

    id = Text(primary_key=True)
    member = Text()
    most = BigInt()
    way = Text()
    used_for = Text()
    expires_at = Timestamptz()


class CodeTable(Table, tablename="loyalty_value_codes"):
    """Members' codes that a till has used up."""

    id = Text(primary_key=True)
    used_for = Text()
    used_at = Timestamptz()


VALUE_TABLES = (
    LotTable,
    HolderTable,
    PaymentTable,
    PartTable,
    RefundTable,
    ReturnTable,
    MemberTable,
    ProofTable,
    CodeTable,
)

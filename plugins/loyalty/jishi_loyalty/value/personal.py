"""What stored value knows about people: whose money it is, and how he proves it."""

from jishi.personal import Belongs, Personal, PersonalTable, Retention, impersonal

_BOOKS = (
    "prepaid money is owed and accounted for: who keeps no ledger of it has lost "
    "(法释〔2025〕4号 art. 25); records of trade are kept for three years at least; "
    "the rows carry a pseudonym"
)
_MEMBER = (Belongs(column="member"),)
_HOLDER = (Belongs(column="holder"),)
_LOT = (Belongs(column="lot", to="loyalty_value_lots"),)
_PAYMENT = (Belongs(column="payment", to="loyalty_value_payments"),)

VALUE_PERSONAL = (
    PersonalTable(
        table="loyalty_value_lots",
        title=("Top-ups", "储值批次"),
        belongs=_MEMBER,
        plain=(
            "id", "member", "source", "reference", "paid", "gift", "used_before", "spend_order",
            "means", "store", "staff", "topped_at",
        ),
        erasure="keep",
        because=_BOOKS,
    ),
    PersonalTable(
        table="loyalty_value_holders",
        title=("Whose a top-up is", "储值归属"),
        belongs=_HOLDER,
        plain=("id", "lot", "turn", "holder", "reason", "since_at"),
        erasure="keep",
        because=_BOOKS,
    ),
    PersonalTable(
        table="loyalty_value_payments",
        title=("Payments from stored value", "储值支付"),
        belongs=_MEMBER,
        plain=(
            "id", "member", "order_id", "amount", "refunded", "currency", "status", "proved",
            "store", "staff", "paid_at",
        ),
        erasure="keep",
        because=_BOOKS,
    ),
    PersonalTable(
        table="loyalty_value_parts",
        title=("What payments took from which top-up", "储值支付明细"),
        belongs=(*_PAYMENT, *_LOT),
        plain=("id", "payment", "refund", "lot", "kind", "amount", "place"),
        erasure="keep",
        because=_BOOKS,
    ),
    PersonalTable(
        table="loyalty_value_refunds",
        title=("What went back to stored value", "储值退回"),
        belongs=_PAYMENT,
        plain=("id", "payment", "amount", "store", "staff", "refunded_at"),
        erasure="keep",
        because=_BOOKS,
    ),
    PersonalTable(
        table="loyalty_value_returns",
        title=("Top-ups that were given up for money", "储值退款"),
        belongs=_MEMBER,
        plain=(
            "id", "lot", "member", "reason", "amount", "interest", "principal", "gift", "means",
            "status", "store", "staff", "returned_at",
        ),
        erasure="keep",
        because=_BOOKS,
    ),
    PersonalTable(
        table="loyalty_value_members",
        title=("Payment password", "支付密码"),
        key=("member",),
        belongs=_MEMBER,
        personal={
            "password": Personal(says="the payment password, as argon2id", export="no"),
            "failures": Personal(says="how often it was wrong lately", blank=0),
            "locked_until_at": Personal(says="how long it is locked", blank=None),
        },
        plain=("member", "turns"),
    ),
    PersonalTable(
        table="loyalty_value_proofs",
        title=("Proofs before payments", "支付验证"),
        belongs=_MEMBER,
        personal={"way": Personal(says="password or code")},
        plain=("id", "member", "most", "used_for", "expires_at"),
        retention=Retention(column="expires_at", days=183),
    ),
    impersonal("loyalty_value_codes", "codes of tills that were used up, as hashes"),
)  # fmt: skip
"""Every table of stored value."""

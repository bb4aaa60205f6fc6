"""What this plugin's tables know about people: whose a coupon is, by a pseudonym."""

from jishi.personal import Belongs, Personal, PersonalTable, impersonal

_BOOKS = "what was given away must add up; a member's id is a pseudonym once nobody bears it"
_WHO = Personal(says="whose it is", erasure="keep", because=_BOOKS)

PERSONAL = (
    impersonal("promotions_campaigns", "campaigns"),
    impersonal("promotions_versions", "campaigns", key=("campaign", "number")),
    impersonal("promotions_timeline", "campaigns"),
    impersonal("promotions_state", "campaigns"),
    impersonal("promotions_collections", "goods"),
    impersonal("promotions_batches", "codes that were issued"),
    PersonalTable(
        table="promotions_coupons",
        title=("Your coupons", "您的优惠券"),
        belongs=(Belongs(column="member"), Belongs(column="claimed_by")),
        personal={"member": _WHO, "claimed_by": _WHO},
        plain=(
            "id", "code", "campaign", "batch", "state", "uses", "source",
            "valid_from_at", "expires_at", "claimed_at", "created_at",
        ),
        erasure="keep",
        because=_BOOKS,
    ),
    PersonalTable(
        table="promotions_redemptions",
        title=("Reductions you got", "优惠使用记录"),
        key=("order_id", "campaign"),
        belongs=(Belongs(column="member"), Belongs(column="order_id", to="orders_orders")),
        personal={"member": _WHO},
        plain=(
            "order_id", "campaign", "version", "coupon", "channel", "store", "amount", "kind",
            "actor", "receipt", "total", "redeemed_at", "returned_at", "return_reason",
        ),
        erasure="keep",
        because=_BOOKS,
    ),
    PersonalTable(
        table="promotions_shares",
        title=("What you shared", "分享记录"),
        key=("campaign", "member"),
        belongs=(Belongs(column="member"),),
        personal={"member": Personal(says="who shared")},
        plain=("campaign", "shared_at"),
    ),
)  # fmt: skip
"""Every table of the plugin."""

"""Campaigns, their versions, coupons, redemptions, shares."""

from jishi.db import (
    BigInt,
    Table,
    Text,
    Timestamptz,
    check,
    create_index,
    create_table,
    immutable,
    primary_key,
    unique,
)


class Campaign(Table, tablename="promotions_campaigns"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    title = Text()
    trigger = Text()
    status = Text()
    version = BigInt()
    started_by = Text()
    started_at = Timestamptz(null=True)
    stopped_by = Text()
    stopped_at = Timestamptz(null=True)
    stop_reason = Text()
    made_by = Text()
    created_at = Timestamptz()


class Version(Table, tablename="promotions_versions"):
    """What the table was in this version."""

    id = None  # else there would be a serial one beside the key
    campaign = Text(primary_key=True)
    number = BigInt()
    rule = Text()
    made_by = Text()
    made_at = Timestamptz()


class Timeline(Table, tablename="promotions_timeline"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    campaign = Text()
    step = Text()
    actor = Text()
    detail = Text()
    happened_at = Timestamptz()


class State(Table, tablename="promotions_state"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    version = BigInt()


class Collection(Table, tablename="promotions_collections"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    products = Text()
    updated_at = Timestamptz()


class Batch(Table, tablename="promotions_batches"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    campaign = Text()
    size = BigInt()
    note = Text()
    source = Text()
    made_by = Text()
    created_at = Timestamptz()


class Coupon(Table, tablename="promotions_coupons"):
    """What the table was in this version."""

    id = Text(primary_key=True)
    code = Text()
    campaign = Text()
    batch = Text()
    member = Text(null=True)
    claimed_by = Text(null=True)
    state = Text()
    uses = BigInt()
    source = Text()
    valid_from_at = Timestamptz(null=True)
    expires_at = Timestamptz(null=True)
    claimed_at = Timestamptz(null=True)
    created_at = Timestamptz()


class Redemption(Table, tablename="promotions_redemptions"):
    """What the table was in this version."""

    id = None  # else there would be a serial one beside the key
    order_id = Text(primary_key=True)
    campaign = Text()
    version = BigInt()
    coupon = Text()
    member = Text(null=True)
    channel = Text()
    store = Text(null=True)
    amount = BigInt()
    kind = Text()
    actor = Text()
    receipt = Text()
    total = BigInt()
    redeemed_at = Timestamptz()
    returned_at = Timestamptz(null=True)
    return_reason = Text()


class Share(Table, tablename="promotions_shares"):
    """What the table was in this version."""

    id = None  # else there would be a serial one beside the key
    campaign = Text(primary_key=True)
    member = Text()
    shared_at = Timestamptz()


OPERATIONS = (
    create_table(
        Campaign,
        constraints=[
            check("status IN ('draft', 'on', 'stopped')", "promotions_campaigns_status"),
            check("trigger IN ('automatic', 'coupon')", "promotions_campaigns_trigger"),
        ],
    ),
    create_index("promotions_campaigns_status", "promotions_campaigns", "status"),
    create_table(Version, constraints=[primary_key("campaign", "number")]),
    immutable("promotions_versions"),
    create_table(Timeline),
    create_index("promotions_timeline_campaign", "promotions_timeline", "campaign"),
    create_table(State),
    create_table(Collection),
    create_table(Batch, constraints=[unique("source")]),
    create_index("promotions_batches_campaign", "promotions_batches", "campaign"),
    create_table(
        Coupon,
        constraints=[
            unique("code"),
            unique("source"),
            check("state IN ('open', 'void')", "promotions_coupons_state"),
            check("uses >= 0", "promotions_coupons_uses"),
        ],
    ),
    create_index("promotions_coupons_member", "promotions_coupons", "member", "state"),
    create_index("promotions_coupons_campaign", "promotions_coupons", "campaign", "id"),
    create_index("promotions_coupons_batch", "promotions_coupons", "batch", "id"),
    create_table(
        Redemption,
        constraints=[
            primary_key("order_id", "campaign"),
            check("kind IN ('order', 'till')", "promotions_redemptions_kind"),
        ],
    ),
    create_index("promotions_redemptions_campaign", "promotions_redemptions", "campaign"),
    create_index("promotions_redemptions_member", "promotions_redemptions", "member"),
    create_table(Share, constraints=[primary_key("campaign", "member")]),
)

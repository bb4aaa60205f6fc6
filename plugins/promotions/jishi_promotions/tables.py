"""Where campaigns, coupons and their uses are kept; what can run out, the ledger counts."""

from jishi.db import BigInt, Table, Text, Timestamptz


class CampaignTable(Table, tablename="promotions_campaigns"):
    """A campaign: its life; what it says stands in its versions."""

    id = Text(primary_key=True)
    title = Text()
    trigger = Text()
    status = Text()
    """``draft``, ``on`` or ``stopped``."""
    version = BigInt()
    """The number of the version that counts."""
    started_by = Text()
    started_at = Timestamptz(null=True)
    stopped_by = Text()
    stopped_at = Timestamptz(null=True)
    stop_reason = Text()
    made_by = Text()
    created_at = Timestamptz()


class VersionTable(Table, tablename="promotions_versions"):
    """What a campaign says, once for ever; a change is another version."""

    id = None  # else there would be a serial one beside the key
    campaign = Text(primary_key=True)
    number = BigInt()
    rule = Text()
    made_by = Text()
    made_at = Timestamptz()


class TimelineTable(Table, tablename="promotions_timeline"):
    """Who did what to a campaign, and when."""

    id = Text(primary_key=True)
    campaign = Text()
    step = Text()
    actor = Text()
    detail = Text()
    happened_at = Timestamptz()


class StateTable(Table, tablename="promotions_state"):
    """One row: a number that grows with every change of what is on."""

    id = Text(primary_key=True)
    version = BigInt()


class CollectionTable(Table, tablename="promotions_collections"):
    """The merchant's own collections of products, as JSON."""

    id = Text(primary_key=True)
    products = Text()
    updated_at = Timestamptz()


class BatchTable(Table, tablename="promotions_batches"):
    """Codes that were issued together."""

    id = Text(primary_key=True)
    campaign = Text()
    size = BigInt()
    note = Text()
    source = Text()
    """The request that asked for it; unique."""
    made_by = Text()
    created_at = Timestamptz()


class CouponTable(Table, tablename="promotions_coupons"):
    """A coupon: a code, and whose it is."""

    id = Text(primary_key=True)
    code = Text()
    """Folded; unique."""
    campaign = Text()
    batch = Text()
    member = Text(null=True)
    """Who holds it; nobody yet when it is null. Personal."""
    claimed_by = Text(null=True)
    """Who held it first. Personal."""
    state = Text()
    """``open`` or ``void``; whether it was used, the ledger says."""
    uses = BigInt()
    """How often it can be used in all; 0: as often as the campaign allows."""
    source = Text()
    """Where it came from, once: a request, an event; unique."""
    valid_from_at = Timestamptz(null=True)
    expires_at = Timestamptz(null=True)
    claimed_at = Timestamptz(null=True)
    created_at = Timestamptz()


class RedemptionTable(Table, tablename="promotions_redemptions"):
    """A campaign was used: by an order, or at a till."""

    id = None  # else there would be a serial one beside the key
    order_id = Text(primary_key=True)
    """The order's id, or ``till:`` and the redemption's own."""
    campaign = Text()
    version = BigInt()
    coupon = Text()
    member = Text(null=True)
    """Personal."""
    channel = Text()
    store = Text(null=True)
    amount = BigInt()
    """What the customer saved, in fen."""
    kind = Text()
    """``order`` or ``till``."""
    actor = Text()
    receipt = Text()
    total = BigInt()
    """What was bought at a till, before this, in fen; an order knows its own."""
    redeemed_at = Timestamptz()
    returned_at = Timestamptz(null=True)
    return_reason = Text()


class ShareTable(Table, tablename="promotions_shares"):
    """A member showed a campaign to others; once per member and campaign."""

    id = None  # else there would be a serial one beside the key
    campaign = Text(primary_key=True)
    member = Text()
    """Personal."""
    shared_at = Timestamptz()


TABLES: tuple[type[Table], ...] = (
    CampaignTable,
    VersionTable,
    TimelineTable,
    StateTable,
    CollectionTable,
    BatchTable,
    CouponTable,
    RedemptionTable,
    ShareTable,
)

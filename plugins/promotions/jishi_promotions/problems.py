"""What can go wrong with campaigns and coupons.

NotFound ── NoCampaign, NoCoupon
Clash ───── CampaignMoved, CampaignOver, CouponGone, ClaimedEnough
Invalid ─── LimitFixed, BadCode, NotForCoupons
TooMany ── TooManyWrongCodes
"""

from jishi.problems import Clash, Invalid, NotFound, TooMany


class NoCampaign(NotFound):
    """There is no such campaign."""

    code = "no_campaign"
    title = "There is no such campaign"


class NoCoupon(NotFound):
    """There is no coupon with this code for whoever asks."""

    code = "no_coupon"
    title = "There is no such coupon"


class CampaignMoved(Clash):
    """Somebody else changed the campaign."""

    code = "campaign_changed"
    title = "The campaign was changed meanwhile"


class CampaignOver(Clash):
    """The campaign is not on."""

    code = "campaign_not_on"
    title = "The campaign is not on"


class CouponGone(Clash):
    """The coupon was used, ended or went to somebody else."""

    code = "coupon_gone"
    title = "The coupon cannot be used"


class ClaimedEnough(Clash):
    """A claim limit is reached."""

    code = "claim_limit"
    title = "No more of these coupons"


class LimitFixed(Invalid):
    """A limit that people rely on may not change in a running campaign."""

    code = "limit_fixed"
    title = "This limit stays as it is"


class BadCode(Invalid):
    """A code that cannot be one."""

    code = "bad_code"
    title = "The code is not right"


class NotForCoupons(Invalid):
    """An automatic campaign has no coupons."""

    code = "not_for_coupons"
    title = "This campaign has no coupons"


class TooManyWrongCodes(TooMany):
    """Somebody guesses."""

    code = "too_many_wrong_codes"
    title = "Too many wrong codes"

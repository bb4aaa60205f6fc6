"""What members and staff are told when points cannot do what they want."""

from jishi.problems import Clash, Invalid, NotFound, TooMany


class NotEnoughPoints(Clash):
    """There are not so many points."""

    code = "not_enough_points"
    title = "Not enough points"


class NoGift(Invalid):
    """A gift that cannot be made."""

    code = "gift_refused"
    title = "This gift cannot be made"


class GiftLimit(TooMany):
    """More gifts than one member may make a day."""

    code = "gift_limit"
    title = "Enough given for today"


class NoReward(NotFound):
    """There is no such reward, or it is taken in the cart."""

    code = "no_reward"
    title = "There is no such reward"


class RewardLimit(Clash):
    """One member may take it only so often."""

    code = "reward_limit"
    title = "This reward was taken already"


class BirthdayKnown(Clash):
    """A birthday is said once."""

    code = "birthday_known"
    title = "The birthday is known"

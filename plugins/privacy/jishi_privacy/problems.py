"""What can be wrong with a request about personal data."""

from jishi.problems import Clash, Forbidden, Invalid, NotFound, TooMany


class NoSuchPurpose(NotFound):
    """Nobody is asked to agree to this."""

    code = "no_such_purpose"
    title = "There is no such purpose"


class TextChanged(Clash):
    """The text that was agreed to is not the one that counts."""

    code = "text_changed"
    title = "The text has changed"


class GuardianMissing(Invalid):
    """A child under 14 needs a guardian's consent (PIPL art. 31)."""

    code = "guardian_missing"
    title = "A guardian has to agree"


class CannotForget(Clash):
    """Something has to end before the member can be forgotten."""

    code = "cannot_be_erased"
    title = "You cannot be forgotten yet"


class ProofRefused(Forbidden):
    """The code is not the one that was sent."""

    code = "proof_refused"
    title = "The code is wrong, too old or used up"


class TooManyArchives(TooMany):
    """Archives are asked for too often."""

    code = "too_many_archives"
    title = "Too many archives in a day"


class LinkOver(NotFound):
    """The link is wrong, over, or its archive is gone."""

    code = "link_over"
    title = "This link does not work any more"

"""What shall go wrong, told over the control API, so that a shop can show how it copes.

Counts say how many more times; -1 means until it is set again.
"""

import msgspec


class AnswerFaults(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Faults in answers to the merchant's calls."""

    only: str = ""
    """Only calls whose ``METHOD /path`` contains this."""
    slow: float = 0.0
    """Seconds before each answer."""
    fail: int = 0
    """Refuse this many calls, with the next three, before doing anything."""
    status: int = 500
    code: str = "SYSTEM_ERROR"
    message: str = "系统异常，请稍后重试"
    lose: int = 0
    """Do the work of this many calls, then cut the connection in the middle of the answer."""
    mis_sign: int = 0
    """Sign this many answers wrongly."""

    def concerns(self, call: str) -> bool:
        """Whether a call (``METHOD /path``) is meant."""
        return self.only in call


class NoticeFaults(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Faults in the delivery of notices."""

    drop: int = 0
    """Lose this many attempts on the way; they count as failed."""
    duplicate: int = 0
    """Send this many extra copies of every notice at the same time."""
    replay: bool = False
    """Make the copies identical to the byte instead of signing each."""
    reorder: int = 0
    """Hold notices back until so many wait, then send the last first."""
    delay: float = 0.0
    """Seconds before the first attempt of each notice."""
    mis_sign: int = 0
    """Sign this many attempts with a stranger's key."""
    probe: int = 0
    """Before this many attempts send a copy signed ``WECHATPAY/SIGNTEST/…``."""
    wrong_time: int = 0
    """Date this many attempts ``time_offset`` seconds away from now."""
    time_offset: int = -600


class Faults(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """All faults; the default is a WeChat Pay that works."""

    answers: AnswerFaults = msgspec.field(default_factory=AnswerFaults)
    notices: NoticeFaults = msgspec.field(default_factory=NoticeFaults)


def strikes(faults: AnswerFaults | NoticeFaults, name: str) -> bool:
    """Whether the counted fault happens now; counts it down."""
    left: int = getattr(faults, name)
    if left > 0:
        setattr(faults, name, left - 1)
    return left != 0

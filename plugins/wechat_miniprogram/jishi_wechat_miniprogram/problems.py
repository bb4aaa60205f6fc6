"""What can go wrong between the shop and WeChat, named for what the caller must do next.

MiniProgramProblem
├── Refused         WeChat said no; nothing happened
│   ├── Busy        WeChat says: later (-1, 45009, 45011)
│   └── StaleToken  the access token is no longer good (40001, 40014, 42001)
├── NotReached      the request never left; it may be sent again
├── OutcomeUnknown  no answer: the call may or may not have had its effect
└── NotTrusted      a push does not prove that WeChat sent it; change nothing

The last ones are for shoppers: `CodeRefused`, `WechatSilent`.
"""

from jishi.problems import Invalid, OutOfService

STALE_TOKEN = frozenset({40001, 40014, 42001})
"""WeChat's codes for an access token that is wrong or over."""

BUSY = frozenset({-1, 45009, 45011})
"""System busy, the day's calls are used up, too many in a minute."""


class MiniProgramProblem(Exception):
    """Anything between the shop and WeChat that did not go well."""


class Refused(MiniProgramProblem):
    """WeChat said no, and nothing happened.

    WeChat's own sentence is kept out of ``str()``: it repeats what was sent.

    Args:
        code: WeChat's ``errcode``.
        message: WeChat's ``errmsg``.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"WeChat refused with {code}")
        self.code = code
        self.message = message


class Busy(Refused):
    """WeChat has no time now; the same call may be made later."""


class StaleToken(Refused):
    """The access token is wrong or over."""


class NotReached(MiniProgramProblem):
    """The request never left; it may be sent again."""


class OutcomeUnknown(MiniProgramProblem):
    """No answer, or none that makes sense."""


class NotTrusted(MiniProgramProblem):
    """A push does not prove that WeChat sent it, or proves it for somebody else."""


class CodeRefused(Invalid):
    """WeChat does not take the code; it was used, is too old or belongs to another app."""

    code = "wechat_code_refused"
    title = "WeChat does not take this code"


class WechatSilent(OutOfService):
    """WeChat does not answer at the moment."""

    code = "wechat_silent"
    title = "WeChat does not answer"


def refusal(code: int, message: str) -> Refused:
    """The problem that an ``errcode`` stands for."""
    if code in STALE_TOKEN:
        return StaleToken(code, message)
    return Busy(code, message) if code in BUSY else Refused(code, message)

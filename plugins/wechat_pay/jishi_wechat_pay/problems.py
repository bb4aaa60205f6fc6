"""What can go wrong between the shop and WeChat Pay, named for what the caller must do next.

WechatPayProblem
├── NotTrusted            the message does not prove that WeChat sent it; change nothing
│   ├── SignatureMissing  a signature header is absent or makes no sense
│   ├── SignatureStale    signed five minutes ago or more, or that far in the future
│   ├── SignatureProbe    WeChat's deliberate test of whether merchants verify
│   ├── SignatureWrong    the signature does not fit the message
│   ├── SerialUnknown     signed with a key that is not ours to trust
│   └── Replayed          its nonce was used for another message
├── Unreadable            proved, but not a message we understand
├── Refused               WeChat said no; nothing happened
│   ├── NotThere          there is no such order or refund
│   └── Throttled         too many calls; nothing happened, try later
└── OutcomeUnknown        no answer that can be trusted; ask again before deciding anything
"""

import msgspec


class WechatPayProblem(Exception):
    """Anything between the shop and WeChat Pay that did not go well."""


class NotTrusted(WechatPayProblem):
    """The message does not prove that WeChat sent it."""


class SignatureMissing(NotTrusted):
    """A signature header is absent or makes no sense."""


class SignatureStale(NotTrusted):
    """The message was signed outside of the five-minute window."""


class SignatureProbe(NotTrusted):
    """WeChat tests whether the merchant verifies; accepting it would fail the test."""


class SignatureWrong(NotTrusted):
    """The signature does not fit the message."""


class SerialUnknown(NotTrusted):
    """The message names a key that this merchant does not trust."""


class Replayed(NotTrusted):
    """The nonce was used for another message before."""


class Unreadable(WechatPayProblem):
    """The message is genuine but not one that can be understood."""


class ErrorDetail(msgspec.Struct, frozen=True, kw_only=True):
    """Where WeChat found fault with a request."""

    field: str | None = None
    value: object = None
    issue: str | None = None
    location: str | None = None


class Refused(WechatPayProblem):
    """WeChat said no, and nothing happened.

    Args:
        status: The HTTP status.
        code: WeChat's error code, such as ``PARAM_ERROR``; empty when the answer had none.
        message: WeChat's own sentence.
        detail: Where the fault is, when WeChat says so.
    """

    def __init__(
        self, status: int, code: str, message: str, detail: ErrorDetail | None = None
    ) -> None:
        where = f" ({detail.field})" if detail is not None and detail.field else ""
        super().__init__(f"WeChat Pay refused with {status} {code}{where}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail


class NotThere(Refused):
    """WeChat knows no such order or refund."""


class Throttled(Refused):
    """Too many calls; nothing happened, the same call may be sent later."""


class OutcomeUnknown(WechatPayProblem):
    """No answer that can be trusted: the call may or may not have had its effect."""

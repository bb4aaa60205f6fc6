"""What can go wrong in front of a person: one tree, answered as RFC 9457 problem documents.

Problem
├── Invalid          422  what was sent makes no sense
├── Unauthenticated  401  who is asking?
├── Forbidden        403  known, but may not
├── NotFound         404  not there, or not yours
├── Clash            409  the world moved on; look again and retry
├── TooMany          429  slow down
└── OutOfService     503  we cannot answer safely right now

A room derives its own (`CartEmpty(Invalid)`), each with a stable ``code``.
"""

from typing import ClassVar


class Problem(Exception):
    """Something a caller can understand and act on.

    Args:
        detail: What happened and what was expected, in one or two sentences.
        field: Where: the path of the offending field, as sent (``lines[2].quantity``).
        next_step: What to do now.
        extra: Further machine-readable members of the problem document.
    """

    code: ClassVar[str] = "problem"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "The request could not be served"

    def __init__(
        self,
        detail: str = "",
        *,
        field: str | None = None,
        next_step: str | None = None,
        **extra: object,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.field = field
        self.next_step = next_step
        self.extra = extra

    def document(self) -> dict[str, object]:
        """The members of the problem document (RFC 9457), without the request's own."""
        members: dict[str, object] = {
            "type": f"urn:jishi:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }
        if self.field is not None:
            members["field"] = self.field
        if self.next_step is not None:
            members["next_step"] = self.next_step
        return members | self.extra


class Invalid(Problem):
    """What was sent makes no sense."""

    code = "invalid"
    status = 422
    title = "The request is not valid"


class Unauthenticated(Problem):
    """Nobody is known to be asking."""

    code = "unauthenticated"
    status = 401
    title = "Log in first"


class Forbidden(Problem):
    """The caller is known but may not do this."""

    code = "forbidden"
    status = 403
    title = "Not allowed"


class NotFound(Problem):
    """It does not exist, or it is somebody else's; the answer is the same on purpose."""

    code = "not_found"
    status = 404
    title = "Not found"


class Clash(Problem):
    """Somebody was faster, or the thing is in another state by now."""

    code = "clash"
    status = 409
    title = "The state has changed"


class TooMany(Problem):
    """The caller asks more than is good for the others."""

    code = "too_many_requests"
    status = 429
    title = "Too many requests"


class OutOfService(Problem):
    """A safe answer is impossible right now."""

    code = "out_of_service"
    status = 503
    title = "Temporarily out of service"

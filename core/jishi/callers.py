"""Who is asking: resolved once per request by the web's middleware, read everywhere."""

from typing import Any, Literal, Protocol, cast

import msgspec

from jishi.problems import Forbidden, NotFound, Unauthenticated


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who is asking, through which channel.

    Attributes:
        kind: Somebody unknown, a guest with a token of his own, a member, or staff.
        id: The owner's id (guest, member or staff id); None only for ``anonymous``.
        channel: The sales channel of the request (``web``, ``mini_program``, a till …).
        store: The store, where there is one.
        scopes: What staff may do (``orders:refund``); empty for shoppers.
        address: The client's network address, for limits and the audit log.
        request_id: Names this request in logs and problem documents.
    """

    kind: Literal["anonymous", "guest", "member", "staff"] = "anonymous"
    id: str | None = None
    channel: str = "web"
    store: str | None = None
    scopes: frozenset[str] = frozenset()
    address: str = ""
    request_id: str = ""

    @property
    def owner(self) -> str:
        """The id that carts and orders of this shopper belong to.

        Raises:
            Unauthenticated: Nobody is known; null never equals anybody.
        """
        if self.kind not in ("guest", "member") or not self.id:
            raise Unauthenticated(
                "This needs a shopper's token.",
                next_step="POST /store/sessions, or POST /store/login.",
            )
        return self.id


class _Request(Protocol):
    @property
    def scope(self) -> Any: ...


def caller_of(request: _Request) -> Caller:
    """The caller that the middleware found for this request."""
    return cast("Caller", request.scope["jishi.caller"])


def require_shopper(request: _Request) -> Caller:
    """The guest or member who asks.

    Raises:
        Unauthenticated: The request carries no shopper's token.
    """
    caller = caller_of(request)
    _ = caller.owner
    return caller


def require_member(request: _Request) -> Caller:
    """The member who asks.

    Raises:
        Unauthenticated: The caller is a guest, staff or nobody.
    """
    caller = caller_of(request)
    if caller.kind != "member" or not caller.id:
        raise Unauthenticated("This needs a member's token.", next_step="POST /store/login")
    return caller


def require_staff(request: _Request, scope: str) -> Caller:
    """The member of staff who asks, if he may do ``scope``.

    Args:
        request: The request.
        scope: ``<subject>:<verb>``, for instance ``orders:refund``; ``*`` in a role allows all.

    Raises:
        Unauthenticated: The request carries no staff token.
        Forbidden: The role does not include the scope.
    """
    caller = caller_of(request)
    if caller.kind != "staff" or not caller.id:
        raise Unauthenticated("This needs a staff token.", next_step="POST /admin/login")
    subject = scope.split(":", 1)[0]
    if not caller.scopes & {"*", scope, f"{subject}:*"}:
        raise Forbidden(
            f"Your role does not include {scope}.",
            next_step="Ask the owner to add it to your role.",
            scope=scope,
        )
    return caller


def must_own(owner: str, caller: Caller) -> None:
    """Refuse, as if it did not exist, what belongs to somebody else.

    Raises:
        NotFound: The caller is not the owner.
    """
    if not owner or owner != caller.owner:
        raise NotFound

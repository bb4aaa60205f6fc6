"""Guests and members at the store's door: sessions, codes, login."""

from typing import Annotated

import msgspec
from litestar import Request, get, patch, post
from litestar.datastructures import State
from litestar.params import JSONBody

from jishi.callers import caller_of, require_member
from jishi.membership import account_routes, admin_routes, duplicate_routes
from jishi.membership.contacts import Contact, Typed, identity_of
from jishi.membership.guests import new_guest
from jishi.membership.log_in import log_in
from jishi.membership.members import rename_member
from jishi.membership.profile import load_me
from jishi.membership.send_code import send_login_code
from jishi.membership.structs import Guest, LoggedIn, Me, Member
from jishi.membership.tokens import log_out
from jishi.shop import shop_of

Name = Annotated[str, msgspec.Meta(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
Code = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6}$")]


class Login(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a login.

    Attributes:
        phone: Where the code went; or ``email``.
        email: Where the code went; or ``phone``.
        code: The six digits.
        name: How a new member wants to be called.
    """

    phone: Typed | None = None
    email: Typed | None = None
    code: Code
    name: Name = ""


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a member may change about himself."""

    name: Name


class CodeOnItsWay(msgspec.Struct, frozen=True, kw_only=True):
    """The one answer to everybody who asks for a code.

    Attributes:
        expires_in: How long it will fit, in seconds.
    """

    expires_in: int = 300


@post("/store/sessions", operation_id="membership_open_session", tags=["login"])
async def open_session(request: Request[object, object, State]) -> Guest:
    """A guest's token, for carts and orders without a login."""
    return new_guest(shop_of(request))


@post("/store/login/codes", operation_id="membership_send_code", status_code=202, tags=["login"])
async def send_code(
    request: Request[object, object, State], data: JSONBody[Contact]
) -> CodeOnItsWay:
    """Send a one-time code; known and unknown are answered alike."""
    identity = identity_of(data.phone, data.email)
    await send_login_code(shop_of(request), identity, caller_of(request).address)
    return CodeOnItsWay()


@post("/store/login", operation_id="membership_log_in", status_code=200, tags=["login"])
async def log_in_route(request: Request[object, object, State], data: JSONBody[Login]) -> LoggedIn:
    """Log in with a code; the first login joins. What a guest has becomes the member's."""
    return await log_in(
        shop_of(request),
        identity_of(data.phone, data.email),
        data.code,
        caller_of(request),
        data.name,
        request.app.state.adopters,
    )


@post("/store/logout", operation_id="membership_log_out", status_code=204, tags=["login"])
async def log_out_route(request: Request[object, object, State]) -> None:
    """End the token that this request carries."""
    require_member(request)
    token = request.headers.get("authorization", "").partition(" ")[2].strip()
    await log_out(shop_of(request), token)


@get("/store/me", operation_id="membership_me", tags=["me"])
async def me(request: Request[object, object, State]) -> Me:
    """Who I am, with what plugins know of me: points, a tier."""
    return await load_me(shop_of(request), _member_id(request))


@patch("/store/me", operation_id="membership_change_me", tags=["me"])
async def change_me(request: Request[object, object, State], data: JSONBody[Profile]) -> Member:
    """Be called by another name."""
    return await rename_member(shop_of(request), _member_id(request), data.name)


def _member_id(request: Request[object, object, State]) -> str:
    return require_member(request).owner


ROUTES = (
    open_session,
    send_code,
    log_in_route,
    log_out_route,
    me,
    change_me,
    *account_routes.ROUTES,
    *admin_routes.ROUTES,
    *duplicate_routes.ROUTES,
)
"""Every handler of membership."""

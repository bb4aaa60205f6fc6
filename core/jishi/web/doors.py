"""Who may come in where: ``/store`` and ``/admin`` are closed, but for the doors named here.

Handlers still ask for the role or the owner they need; this says no before a body is looked at,
and says in the API's description what each address asks for.
"""

from typing import Literal

from litestar.types import Scope

from jishi.callers import Caller
from jishi.problems import Unauthenticated

Wanted = Literal["anybody", "shopper", "member", "staff"]

_FRONT_GARDEN = (
    "/store/brands",
    "/store/categories",
    "/store/login",
    "/store/products",
    "/store/sessions",
    "/store/shop",
)
"""Open to everybody, with everything below."""

_OPEN = frozenset({("POST", "/store/carts"), ("POST", "/admin/login")})

_NEXT = {
    "shopper": ("This needs a shopper's token.", "POST /store/sessions, or POST /store/login."),
    "member": ("This needs a member's token.", "POST /store/login"),
    "staff": ("This needs a staff token.", "POST /admin/login"),
}
_SUITS: dict[Wanted, frozenset[str]] = {
    "shopper": frozenset({"guest", "member"}),
    "member": frozenset({"member"}),
    "staff": frozenset({"staff"}),
}


def wanted_at(method: str, path: str) -> Wanted:
    """Who may come in.

    Args:
        method: Upper case.
        path: An address, or its template.
    """
    if (method, path) in _OPEN or path.startswith(_FRONT_GARDEN):
        return "anybody"
    if path.startswith("/admin/"):
        return "staff"
    if path.startswith(("/store/me", "/store/logout")):
        return "member"
    return "shopper" if path.startswith("/store/") else "anybody"


def check_door(scope: Scope) -> None:
    """Refuse whoever may not come in.

    Raises:
        Unauthenticated: He has no token, or one of another kind.
    """
    wanted = wanted_at(scope["method"], scope["path"])  # type: ignore[typeddict-item]
    caller: Caller = scope["jishi.caller"]  # type: ignore[typeddict-item]
    if wanted != "anybody" and caller.kind not in _SUITS[wanted]:
        said, next_step = _NEXT[wanted]
        raise Unauthenticated(said, next_step=next_step)

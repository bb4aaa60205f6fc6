"""Whoever of the staff it is: for what needs no scope."""

from litestar import Request
from litestar.datastructures import State

from jishi.callers import Caller, caller_of
from jishi.problems import Unauthenticated


def require_anybody_of_staff(request: Request[object, object, State]) -> Caller:
    """The member of staff who asks.

    Raises:
        Unauthenticated: The request carries no staff token.
    """
    caller = caller_of(request)
    if caller.kind != "staff" or not caller.id:
        raise Unauthenticated("This needs a staff token.", next_step="POST /admin/login")
    return caller

"""How staff set up a second factor, and take it off."""

from typing import Annotated

import msgspec
from litestar import Request, delete, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody

from jishi.callers import require_staff
from jishi.shop import shop_of
from jishi.staff.anybody import require_anybody_of_staff
from jishi.staff.second_factor import (
    confirm_second_factor,
    drop_second_factor,
    reset_second_factor,
    set_up_second_factor,
)
from jishi.staff.structs import Enrolment, OneTimeCode, RecoveryCodes

AnyRequest = Request[object, object, State]
_Known = Annotated[str, msgspec.Meta(max_length=256)]


class PasswordAgain(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The password, once more."""

    current_password: _Known


class Confirmation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first code of the authenticator."""

    code: OneTimeCode


class Removal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The password and a code, once more."""

    current_password: _Known
    code: OneTimeCode


@post("/admin/me/second-factor", operation_id="staff_begin_second_factor", tags=["staff"])
async def begin(request: AnyRequest, data: JSONBody[PasswordAgain]) -> Enrolment:
    """Get a secret for an authenticator; show its address as a QR code, then confirm."""
    caller = require_anybody_of_staff(request)
    return await set_up_second_factor(shop_of(request), caller, data.current_password)


@post("/admin/me/second-factor/confirm", operation_id="staff_add_second_factor", tags=["staff"])
async def confirm(request: AnyRequest, data: JSONBody[Confirmation]) -> RecoveryCodes:
    """Send the first code; the recovery codes are shown this once. Log in again afterwards."""
    caller = require_anybody_of_staff(request)
    return await confirm_second_factor(shop_of(request), caller, data.code)


@post(
    "/admin/me/second-factor/remove",
    operation_id="staff_remove_second_factor",
    status_code=204,
    tags=["staff"],
)
async def remove(request: AnyRequest, data: JSONBody[Removal]) -> None:
    """Take one's own second factor off; log in again afterwards."""
    caller = require_anybody_of_staff(request)
    await drop_second_factor(shop_of(request), caller, data.current_password, data.code)


@delete(
    "/admin/staff/{person_id:str}/second-factor",
    operation_id="staff_reset_second_factor",
    tags=["staff"],
)
async def reset(request: AnyRequest, person_id: FromPath[str]) -> None:
    """Take the second factor off somebody who lost it; he is logged out."""
    caller = require_staff(request, "staff:write")
    await reset_second_factor(shop_of(request), caller, person_id)


ROUTES = (begin, confirm, remove, reset)

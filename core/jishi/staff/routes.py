"""How staff log in and are looked after."""

from typing import Annotated

import msgspec
from litestar import Request, delete, get, patch, post, put
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody, PathParameter, QueryParameter

from jishi.callers import caller_of, require_staff
from jishi.shop import shop_of
from jishi.staff import factor_routes, review_routes
from jishi.staff.anybody import require_anybody_of_staff
from jishi.staff.audit import list_audit
from jishi.staff.log_in import change_own_password, log_in_staff, log_out_staff
from jishi.staff.people import add_person, change_person, list_people, load_person
from jishi.staff.roles import list_roles, remove_role, set_role
from jishi.staff.second_factor import second_factor_of
from jishi.staff.structs import (
    AuditPage,
    NewPerson,
    OneTimeCode,
    Password,
    Person,
    PersonChange,
    Role,
    RoleScope,
    SecondFactor,
    StaffLogin,
)

_PAGE = 100
AnyRequest = Request[object, object, State]


class Credentials(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """E-mail, password, and the code of whoever has a second factor."""

    email: Annotated[str, msgspec.Meta(max_length=254)]
    password: Annotated[str, msgspec.Meta(max_length=256)]
    code: OneTimeCode = ""


class PasswordChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The password that was, and the one that is to be."""

    current_password: Annotated[str, msgspec.Meta(max_length=256)]
    new_password: Password


class RoleDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a role may do."""

    scopes: Annotated[list[RoleScope], msgspec.Meta(max_length=100)]


class Myself(msgspec.Struct, frozen=True, kw_only=True):
    """Who I am and what I may do."""

    person: Person
    scopes: tuple[str, ...]
    second_factor: SecondFactor


class People(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody who works here."""

    items: list[Person]


class Roles(msgspec.Struct, frozen=True, kw_only=True):
    """Every role."""

    items: list[Role]


@post("/admin/login", operation_id="staff_log_in", status_code=200, tags=["staff"])
async def log_in(request: AnyRequest, data: JSONBody[Credentials]) -> StaffLogin:
    """Log in with e-mail and password, and a code where there is a second factor."""
    return await log_in_staff(
        shop_of(request), data.email, data.password, caller_of(request), data.code
    )


@post("/admin/logout", operation_id="staff_log_out", status_code=204, tags=["staff"])
async def log_out(request: AnyRequest) -> None:
    """End the token that this request carries."""
    require_anybody_of_staff(request)
    token = request.headers.get("authorization", "").partition(" ")[2].strip()
    await log_out_staff(shop_of(request), token)


@get("/admin/me", operation_id="staff_me", tags=["staff"])
async def me(request: AnyRequest) -> Myself:
    """Who I am and what I may do."""
    caller = require_anybody_of_staff(request)
    person = await load_person(shop_of(request).database, caller.id or "")
    return Myself(
        person=person,
        scopes=tuple(sorted(caller.scopes)),
        second_factor=await second_factor_of(shop_of(request), person),
    )


@post("/admin/me/password", operation_id="staff_set_password", status_code=204, tags=["staff"])
async def set_password(request: AnyRequest, data: JSONBody[PasswordChange]) -> None:
    """Take another password; log in again afterwards."""
    caller = require_anybody_of_staff(request)
    await change_own_password(shop_of(request), caller, data.current_password, data.new_password)


@get("/admin/staff", operation_id="staff_list", tags=["staff"])
async def people(request: AnyRequest) -> People:
    """Everybody who works here."""
    require_staff(request, "staff:read")
    return People(items=await list_people(shop_of(request).database))


@post("/admin/staff", operation_id="staff_add", tags=["staff"])
async def new_person(request: AnyRequest, data: JSONBody[NewPerson]) -> Person:
    """Let somebody work here."""
    return await add_person(shop_of(request), require_staff(request, "staff:write"), data)


@get("/admin/staff/{person_id:str}", operation_id="staff_person", tags=["staff"])
async def person(request: AnyRequest, person_id: FromPath[str]) -> Person:
    """One of the staff."""
    require_staff(request, "staff:read")
    return await load_person(shop_of(request).database, person_id)


@patch("/admin/staff/{person_id:str}", operation_id="staff_change", tags=["staff"])
async def changed_person(
    request: AnyRequest, person_id: FromPath[str], data: JSONBody[PersonChange]
) -> Person:
    """Change a name, role, standing or password."""
    caller = require_staff(request, "staff:write")
    return await change_person(shop_of(request), caller, person_id, data)


@delete("/admin/staff/{person_id:str}", operation_id="staff_block", tags=["staff"])
async def block_person(request: AnyRequest, person_id: FromPath[str]) -> None:
    """Block somebody at once; the audit log keeps his name."""
    caller = require_staff(request, "staff:write")
    await change_person(shop_of(request), caller, person_id, PersonChange(standing="blocked"))


@get("/admin/roles", operation_id="staff_roles", tags=["staff"])
async def roles(request: AnyRequest) -> Roles:
    """Every role and what it may do."""
    require_staff(request, "staff:read")
    return Roles(items=await list_roles(shop_of(request).database))


@put("/admin/roles/{name:str}", operation_id="staff_set_role", tags=["staff"])
async def define_role(
    request: AnyRequest,
    name: Annotated[str, PathParameter(pattern="^[a-z][a-z0-9_]{0,31}$")],
    data: JSONBody[RoleDefinition],
) -> Role:
    """Define a role, or define it anew."""
    return await set_role(
        shop_of(request), require_staff(request, "staff:write"), name, data.scopes
    )


@delete("/admin/roles/{name:str}", operation_id="staff_remove_role", tags=["staff"])
async def drop_role(request: AnyRequest, name: FromPath[str]) -> None:
    """Forget a role that nobody has."""
    await remove_role(shop_of(request), require_staff(request, "staff:write"), name)


@get("/admin/audit", operation_id="staff_audit", tags=["staff"])
async def audit(
    request: AnyRequest,
    cursor: Annotated[int | None, QueryParameter(ge=1, le=2**62)] = None,
    subject: Annotated[str, QueryParameter(max_length=64)] = "",
) -> AuditPage:
    """Who did what, newest first."""
    require_staff(request, "audit:read")
    return await list_audit(shop_of(request).database, cursor, _PAGE, subject)


ROUTES = (
    log_in,
    log_out,
    me,
    set_password,
    people,
    new_person,
    person,
    changed_person,
    block_person,
    roles,
    define_role,
    drop_role,
    audit,
    *factor_routes.ROUTES,
    *review_routes.ROUTES,
)
"""Every handler of staff."""

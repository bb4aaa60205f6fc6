"""The login's page: a phone number, the code that was sent to it, and logging out."""

from collections.abc import Sequence

from litestar import get, post

from jishi.checkout import merge_carts
from jishi.membership import Adopter, identity_of, log_out, send_login_code
from jishi.membership import log_in as log_in_with
from jishi.problems import Problem
from jishi.themes.forms import Form, read_form
from jishi.themes.visit import AnyRequest, Page, Visit, local_path


@get("/login", include_in_schema=False)
async def login(request: AnyRequest) -> Page:
    """Ask for the phone number."""
    visit = Visit(request)
    return await _show(visit, visit.query, "phone", None)


@post("/login/code", include_in_schema=False)
async def send_code(request: AnyRequest) -> Page:
    """Send a code and ask for it."""
    visit = Visit(request)
    form = await read_form(request)
    try:
        identity = identity_of(form.get("phone", ""), None)
        await send_login_code(visit.shop, identity, visit.caller.address)
    except Problem as problem:
        return await _show(visit, form, "phone", problem)
    return await _show(visit, form, "code", None)


@post("/login", include_in_schema=False)
async def log_in(request: AnyRequest) -> Page:
    """Log in with the code; what the guest has becomes the member's."""
    visit = Visit(request)
    form = await read_form(request)
    adopters: Sequence[Adopter] = request.app.state.get("adopters", (merge_carts,))
    try:
        identity = identity_of(form.get("phone", ""), None)
        code = form.get("code", "")[:20]
        entered = await log_in_with(visit.shop, identity, code, visit.caller, "", adopters)
    except Problem as problem:
        return await _show(visit, form, "code", problem)
    visit.be(entered.token)
    return visit.go(local_path(form.get("next", "/")))


@post("/logout", include_in_schema=False)
async def log_out_here(request: AnyRequest) -> Page:
    """Log out, here only."""
    visit = Visit(request)
    if visit.caller.kind == "member":
        await log_out(visit.shop, request.cookies.get(visit.token_cookie, ""))
    visit.be("")
    return visit.go("/")


async def _show(visit: Visit, form: Form, step: str, problem: Problem | None) -> Page:
    return await visit.show(
        "login.html",
        problem.status if problem else 200,
        step=step,
        phone=form.get("phone", "")[:30],
        onward=local_path(form.get("next", "/")),
        problem=problem,
    )


ROUTES = (login, send_code, log_in, log_out_here)

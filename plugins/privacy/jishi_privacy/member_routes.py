"""What members reach below ``/privacy``: their consents, a copy of everything, being forgotten."""

from typing import Annotated, Any

import msgspec
from litestar import Request as HttpRequest
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from jishi.callers import caller_of, require_member
from jishi.dossiers import objections_to_erasure
from jishi.membership import member_ids, proof_code_fits, send_proof_code
from jishi.orders import Objection
from jishi.problems import NotFound
from jishi.sealing import sealing_of
from jishi.shop import Shop, shop_of
from jishi_privacy.consents import Consent, Standing, Word, history, say, standings
from jishi_privacy.jobs import read_archive
from jishi_privacy.office import Office, office_of
from jishi_privacy.problems import ProofRefused
from jishi_privacy.requests import (
    Link,
    Request,
    ask_erasure,
    ask_export,
    find,
    link,
    requests_of,
    take_back,
)

AnyRequest = HttpRequest[Any, Any, Any]

PROOF = "privacy:erasure"
"""What a code is good for that proves that a member wants to be forgotten."""


class Standings(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked, and where the caller stands."""

    items: tuple[Standing, ...]


class Consents(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was said, the oldest first."""

    items: tuple[Consent, ...]


class Requests(msgspec.Struct, frozen=True, kw_only=True):
    """Requests, the youngest first."""

    items: tuple[Request, ...]


class Obstacles(msgspec.Struct, frozen=True, kw_only=True):
    """Why the member cannot be forgotten yet; none: he can."""

    items: tuple[Objection, ...]


class Proof(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The code that came to the member's phone."""

    code: Annotated[str, msgspec.Meta(min_length=4, max_length=16)]


@get("/purposes", operation_id="privacy_purposes")
async def purposes(request: AnyRequest) -> Standings:
    """What members are asked to agree to; for a member, where he stands."""
    shop, office, caller = shop_of(request), office_of(request), caller_of(request)
    ids: tuple[str, ...] = ()
    if caller.kind == "member":
        ids = await member_ids(shop.database, caller.owner)
    return Standings(items=tuple(await standings(office.desk, office.settings, ids)))


@get("/consents", operation_id="privacy_my_consents")
async def my_consents(request: AnyRequest) -> Consents:
    """Everything that I ever agreed to or took back."""
    shop, office, me = _mine(request)
    return Consents(items=tuple(await history(office.desk, await member_ids(shop.database, me))))


@post("/consents", operation_id="privacy_say", status_code=201)
async def say_word(request: AnyRequest, data: JSONBody[Word]) -> Consent:
    """Agree to a purpose, or take it back: as easily as it was given."""
    shop, office, me = _mine(request)
    sealing = sealing_of(shop.config)
    caller = require_member(request)
    return await say(office.desk, office.settings, sealing, caller, me, data)


@get("/requests", operation_id="privacy_my_requests")
async def my_requests(request: AnyRequest) -> Requests:
    """What I asked for, and how far it is."""
    shop, office, me = _mine(request)
    ids = await member_ids(shop.database, me)
    return Requests(items=tuple(await requests_of(office.desk, ids)))


@get("/requests/{request_id:str}", operation_id="privacy_my_request")
async def my_request(request: AnyRequest, request_id: FromPath[str]) -> Request:
    """One of my requests."""
    return await _own(request, request_id)


@post("/export", operation_id="privacy_export", status_code=202)
async def export(request: AnyRequest) -> Request:
    """Have a copy made of everything that is known about me."""
    shop, office, me = _mine(request)
    return await ask_export(shop, office.desk, office.settings, me, "member")


@post("/requests/{request_id:str}/link", operation_id="privacy_link", status_code=201)
async def link_to(request: AnyRequest, request_id: FromPath[str]) -> Link:
    """A link to my archive that works for some minutes; whoever has it has the archive."""
    office = office_of(request)
    return await link(office.desk, office.settings, await _own(request, request_id))


@get("/archives/{token:str}", operation_id="privacy_archive", media_type="application/zip")
async def archive(request: AnyRequest, token: FromPath[str]) -> Response[bytes]:
    """The archive that a link leads to."""
    shop, office = shop_of(request), office_of(request)
    content = await read_archive(shop, office.desk, token)
    headers = {
        "content-disposition": 'attachment; filename="personal-data.zip"',
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
    }
    return Response(content, media_type="application/zip", headers=headers)


@get("/erasure", operation_id="privacy_obstacles")
async def obstacles(request: AnyRequest) -> Obstacles:
    """What would have to end before I can be forgotten."""
    shop, _, me = _mine(request)
    return Obstacles(items=await objections_to_erasure(shop, me))


@post("/erasure/codes", operation_id="privacy_erasure_code", status_code=204)
async def erasure_code(request: AnyRequest) -> None:
    """Send a code to my phone: being forgotten needs it."""
    shop, _, me = _mine(request)
    await send_proof_code(shop, me, PROOF, caller_of(request).address)


@post("/erasure", operation_id="privacy_erasure", status_code=202)
async def erasure(request: AnyRequest, data: JSONBody[Proof]) -> Request:
    """Be forgotten, once the time to think is over."""
    shop, office, me = _mine(request)
    if not await proof_code_fits(shop, me, PROOF, data.code):
        raise ProofRefused(
            "The code is wrong, too old or used up.",
            field="code",
            next_step="POST /privacy/erasure/codes sends another.",
        )
    return await ask_erasure(shop, office.desk, office.settings, me, "member")


@post("/erasure/cancel", operation_id="privacy_stay", status_code=200)
async def stay(request: AnyRequest) -> Request:
    """Not be forgotten after all."""
    shop, office, me = _mine(request)
    return await take_back(shop, office.desk, me)


def _mine(request: AnyRequest) -> tuple[Shop, Office, str]:
    return shop_of(request), office_of(request), require_member(request).owner


async def _own(request: AnyRequest, request_id: str) -> Request:
    """One of the caller's own requests; anybody else's is not there."""
    shop, office, me = _mine(request)
    found = await find(office.desk, request_id)
    if found.member not in await member_ids(shop.database, me):
        raise NotFound("There is no such request.")
    return found


MEMBER_ROUTES = (
    purposes,
    my_consents,
    say_word,
    my_requests,
    my_request,
    export,
    link_to,
    archive,
    obstacles,
    erasure_code,
    erasure,
    stay,
)
"""For members."""

"""What staff reach below ``/privacy/admin``; whatever they do is in the audit log."""

from typing import Annotated, Any

import msgspec
from litestar import Request as HttpRequest
from litestar import get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from jishi.callers import Caller, require_staff
from jishi.db import Transaction
from jishi.dossiers import forgotten, keys_in_use, periods, personal_tables
from jishi.events import note_look
from jishi.membership import load_member, member_ids
from jishi.personal import PersonalTable
from jishi.sealing import sealing_of
from jishi.shop import Shop, shop_of
from jishi.staff import record
from jishi_privacy import sql
from jishi_privacy.consents import Consent, Word, history, say
from jishi_privacy.looks import LookPage, list_looks
from jishi_privacy.member_routes import Consents, Requests
from jishi_privacy.office import office_of
from jishi_privacy.requests import Request, Row, ask_erasure, ask_export

AnyRequest = HttpRequest[Any, Any, Any]
_Id = Annotated[str, QueryParameter(max_length=64)]
_Cursor = Annotated[str | None, QueryParameter(max_length=140)]
_PAGE = 50


class Reason(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why staff act for a member."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """What a table knows about people, for the register of processing.

    Attributes:
        table: Its name.
        title: What its rows are: English and Chinese.
        about: ``member``, ``staff`` or ``nobody``.
        says: What its personal columns say.
        after_erasure: ``delete``, ``columns`` or ``keep``.
        because: Why something stays.
        days: How long rows are kept; None: the core looks after it, or for ever.
    """

    table: str
    title: tuple[str, str]
    about: str
    says: dict[str, str]
    after_erasure: str
    because: str
    days: int | None


class Register(msgspec.Struct, frozen=True, kw_only=True):
    """Every table.

    Attributes:
        items: The tables.
        forgotten: Tables and columns that nobody declared; should be empty.
    """

    items: tuple[Declared, ...]
    forgotten: tuple[str, ...]


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """Which keys seal what is stored.

    Attributes:
        newest: The key that seals; None: text is stored in clear.
        configured: The keys of the build, the newest last.
        rows: How many rows each key seals; ``""`` counts those in clear.
    """

    newest: str | None
    configured: tuple[str, ...]
    rows: dict[str, int]


@get("/admin/looks", operation_id="privacy_looks")
async def looks(
    request: AnyRequest, subject: _Id = "", staff: _Id = "", cursor: _Cursor = None
) -> LookPage:
    """Who of the staff was shown whose data, the youngest first."""
    require_staff(request, "privacy:read")
    return await list_looks(office_of(request).desk, subject, staff, cursor, _PAGE)


@get("/admin/requests", operation_id="privacy_requests")
async def requests(request: AnyRequest, cursor: _Cursor = None) -> Requests:
    """What members asked for, the youngest first."""
    require_staff(request, "privacy:read")
    rows = await office_of(request).desk.fetch_as(Row, sql.ALL_REQUESTS, cursor or "~", _PAGE)
    return Requests(items=tuple(Request(**msgspec.structs.asdict(row)) for row in rows))


@get("/admin/members/{member_id:str}/consents", operation_id="privacy_consents_of")
async def consents_of(request: AnyRequest, member_id: FromPath[str]) -> Consents:
    """What a member agreed to and took back."""
    caller, shop = require_staff(request, "privacy:read"), shop_of(request)
    member = await load_member(shop.database, member_id)
    await note_look(shop, caller, "member", [member.id])
    ids = await member_ids(shop.database, member.id)
    return Consents(items=tuple(await history(office_of(request).desk, ids)))


@post(
    "/admin/members/{member_id:str}/consents", operation_id="privacy_write_down", status_code=201
)
async def write_down(
    request: AnyRequest, member_id: FromPath[str], data: JSONBody[Word]
) -> Consent:
    """Write down what a member said at a till or on the telephone."""
    caller, shop = require_staff(request, "privacy:write"), shop_of(request)
    office, member = office_of(request), await load_member(shop.database, member_id)
    sealing = sealing_of(shop.config)
    said = await say(office.desk, office.settings, sealing, caller, member.id, data)
    await _audit(shop, caller, "privacy.consent_written", member.id, {"purpose": said.purpose})
    return said


@post("/admin/members/{member_id:str}/export", operation_id="privacy_export_of", status_code=202)
async def export_of(
    request: AnyRequest, member_id: FromPath[str], data: JSONBody[Reason]
) -> Request:
    """Have a member's archive made for him; he fetches it with a link of his own."""
    caller, shop = require_staff(request, "privacy:write"), shop_of(request)
    office, member = office_of(request), await load_member(shop.database, member_id)
    actor = f"staff:{caller.id}"
    made = await ask_export(shop, office.desk, office.settings, member.id, actor)
    await _audit(shop, caller, "privacy.export_asked", member.id, {"request": made.id})
    return made


@post("/admin/members/{member_id:str}/erasure", operation_id="privacy_erasure_of", status_code=202)
async def erasure_of(
    request: AnyRequest, member_id: FromPath[str], data: JSONBody[Reason]
) -> Request:
    """Have a member forgotten who asked for it in another way, once his time to think is over."""
    caller, shop = require_staff(request, "privacy:erase"), shop_of(request)
    office, member = office_of(request), await load_member(shop.database, member_id)
    actor = f"staff:{caller.id}"
    asked = await ask_erasure(shop, office.desk, office.settings, member.id, actor)
    await _audit(shop, caller, "privacy.erasure_asked", member.id, {"request": asked.id})
    return asked


@get("/admin/tables", operation_id="privacy_tables")
async def tables(request: AnyRequest) -> Register:
    """The register: what every table knows about people, and how long."""
    require_staff(request, "privacy:read")
    shop = shop_of(request)
    days = periods(shop, office_of(request).settings.retention)
    declared = personal_tables(shop).values()
    return Register(
        items=tuple(_declared(one, days.get(one.table)) for one in declared),
        forgotten=tuple(await forgotten(shop)),
    )


@get("/admin/keys", operation_id="privacy_keys")
async def keys(request: AnyRequest) -> Keys:
    """Which keys are in use; one that seals no rows any more may leave the build."""
    require_staff(request, "privacy:read")
    shop = shop_of(request)
    sealing = sealing_of(shop.config)
    return Keys(newest=sealing.newest, configured=sealing.ids, rows=await keys_in_use(shop))


@post("/admin/keys/reseal", operation_id="privacy_reseal", status_code=202)
async def reseal_all(request: AnyRequest) -> None:
    """Seal everything with the newest key, in a job."""
    caller, shop = require_staff(request, "privacy:write"), shop_of(request)
    desk = office_of(request).desk
    newest = sealing_of(shop.config).newest or "clear"
    await desk.atomically(
        lambda w: w.enqueue("reseal", {}, key=f"{newest}:{desk.now().timestamp():.0f}")
    )
    await _audit(shop, caller, "privacy.reseal_asked", newest, {})


def _declared(one: PersonalTable, days: int | None) -> Declared:
    return Declared(
        table=one.table,
        title=one.title,
        about=one.about,
        says={name: each.says for name, each in one.personal.items()},
        after_erasure=one.erasure,
        because=one.because,
        days=days,
    )


async def _audit(
    shop: Shop, caller: Caller, action: str, subject: str, detail: dict[str, object]
) -> None:
    async def work(tx: Transaction) -> None:
        await record(tx, shop, caller, action, subject, detail)

    await shop.database.atomically(work)


STAFF_ROUTES = (
    looks,
    requests,
    consents_of,
    write_down,
    export_of,
    erasure_of,
    tables,
    keys,
    reseal_all,
)
"""For staff."""

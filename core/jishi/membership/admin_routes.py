"""Members as staff see them."""

from typing import Annotated

from litestar import Request, get
from litestar.datastructures import State
from litestar.params import FromPath, QueryParameter

from jishi.callers import require_staff
from jishi.events import note_look
from jishi.membership.members import list_members
from jishi.membership.profile import load_file
from jishi.membership.structs import MemberFile, MemberPage
from jishi.shop import shop_of

_PAGE = 50


@get("/admin/members", operation_id="membership_list_members", tags=["members"])
async def members(
    request: Request[object, object, State],
    q: Annotated[str, QueryParameter(max_length=64)] = "",
    cursor: Annotated[str | None, QueryParameter(max_length=64)] = None,
) -> MemberPage:
    """Members, newest first; ``q`` is a part of a name, number or address, or an id."""
    caller, shop = require_staff(request, "members:read"), shop_of(request)
    page = await list_members(shop.database, q.strip(), cursor, _PAGE)
    await note_look(shop, caller, "member", [one.id for one in page.items])
    return page


@get("/admin/members/{member_id:str}", operation_id="membership_member", tags=["members"])
async def member(request: Request[object, object, State], member_id: FromPath[str]) -> MemberFile:
    """Everything that is kept about a member, by any of his ids, with what plugins add."""
    caller, shop = require_staff(request, "members:read"), shop_of(request)
    file = await load_file(shop, member_id)
    await note_look(shop, caller, "member", [file.member.id])
    return file


ROUTES = (members, member)
"""The handlers below ``/admin/members``."""

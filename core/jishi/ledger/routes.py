"""The ledger for staff: recount it, look at an account."""

from typing import Annotated, Any

import msgspec
from litestar import Request, get
from litestar.params import FromPath, FromQuery, QueryParameter

from jishi.callers import require_staff
from jishi.ledger.check_ledger import Owners, check
from jishi.ledger.problems import NoAccount
from jishi.ledger.read_accounts import find_account, statement
from jishi.ledger.structs import Discrepancy, Entry
from jishi.shop import Shop

SCOPE = "ledger:read"
AnyRequest = Request[Any, Any, Any]
PageSize = Annotated[int, QueryParameter(ge=1, le=200, description="At most so many entries.")]


class LedgerCheck(msgspec.Struct, frozen=True, kw_only=True):
    """What a recount found; nothing when the ledger is right."""

    discrepancies: tuple[Discrepancy, ...]


class AccountView(msgspec.Struct, frozen=True, kw_only=True):
    """An account and a page of its entries, the youngest first.

    Attributes:
        account: Its id.
        balance: What it has, in its own unit.
        held: What of it is set aside.
        available: What can still be held or taken.
        items: Entries.
        next: Cursor of the next page; None at the end.
    """

    account: str
    balance: int
    held: int
    available: int
    items: tuple[Entry, ...]
    next: str | None


@get("/admin/ledger/check", operation_id="ledger_check", tags=["ledger"])
async def check_ledger(request: AnyRequest) -> LedgerCheck:
    """Recount every balance from its entries and every hold from its owners."""
    require_staff(request, SCOPE)
    shop: Shop = request.app.state.shop
    owners: tuple[Owners, ...] = request.app.state.get("ledger_owners", ())
    return LedgerCheck(discrepancies=tuple(await check(shop.database, owners)))


@get("/admin/ledger/accounts/{account:path}", operation_id="ledger_account", tags=["ledger"])
async def show_account(
    request: AnyRequest,
    account: FromPath[str],
    cursor: FromQuery[str | None] = None,
    limit: PageSize = 50,
) -> AccountView:
    """How an account stands and how it came to it."""
    require_staff(request, SCOPE)
    shop: Shop = request.app.state.shop
    account = account.removeprefix("/")  # a SKU's code may have slashes of its own
    found = await find_account(shop.database, account)
    if found is None:
        raise NoAccount
    items = await statement(shop.database, account, before=cursor, limit=limit)
    return AccountView(
        account=account,
        balance=found.balance,
        held=found.held,
        available=found.available,
        items=tuple(items),
        next=items[-1].id if len(items) == limit else None,
    )


ROUTES = (check_ledger, show_account)

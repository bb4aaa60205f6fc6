"""How tills reach stored value, below ``/loyalty/pos/value``: by staff, for a store.

The store is the one of the request (``Jishi-Store``). Every write carries the till's own
``Idempotency-Key``; sent again, it is the same sale.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from jishi.callers import Caller, require_staff
from jishi.events import note_look
from jishi.idempotency import REPLAYED, IdempotencyKey, key_of
from jishi.problems import Invalid, NotFound
from jishi.shop import shop_of
from jishi.staff import record
from jishi_loyalty.purses import survivor
from jishi_loyalty.value import sql
from jishi_loyalty.value.book import find_payment, left_of, statement_of
from jishi_loyalty.value.codes import Shown, must_be_fresh, read_code
from jishi_loyalty.value.give_back import GivingBack, refund_payment
from jishi_loyalty.value.law import Due
from jishi_loyalty.value.names import name_of
from jishi_loyalty.value.part import StoredValue
from jishi_loyalty.value.problems import NotToBeHad
from jishi_loyalty.value.returns import GivingUp, Hands, Return, find_return, give_up, work_out
from jishi_loyalty.value.routes import value_of
from jishi_loyalty.value.spend import Spending, spend
from jishi_loyalty.value.structs import (
    AtTill,
    Day,
    DayLine,
    Look,
    LotView,
    TillPaid,
    TillPayment,
    TillReversal,
    TillTopUp,
    ValueStatement,
)
from jishi_loyalty.value.top_up import NewLot, top_up

T = TypeVar("T")
AnyRequest = Request[Any, Any, Any]
Date = Annotated[str | None, QueryParameter(pattern=r"^\d{4}-\d{2}-\d{2}$", description="A day.")]


def _till(request: AnyRequest, scope: str) -> tuple[StoredValue, Caller, str]:
    caller = require_staff(request, scope)
    if not caller.store:
        raise Invalid("Say which store this is.", field="Jishi-Store")
    value = value_of(shop_of(request))
    if value.settings.enabled == "no":
        raise NotToBeHad("This shop has no stored value.")
    return value, caller, caller.store


@post("/pos/value/look", operation_id="loyalty_pos_look", status_code=200)
async def look(request: AnyRequest, data: JSONBody[Look]) -> AtTill:
    """Who stands there, and what he has."""
    value, caller, _ = _till(request, "value:read")
    shown = _fresh(request, data.code)
    await note_look(shop_of(request), caller, "member", [shown.member])
    return await _standing(value, shown.member)


@post("/pos/value/top-ups", operation_id="loyalty_pos_top_up", status_code=201)
async def take_top_up(
    request: AnyRequest, data: JSONBody[TillTopUp], idempotency_key: IdempotencyKey = None
) -> Response[LotView]:
    """Take money over the counter; with store and staff written down."""
    value, caller, store = _till(request, "value:top_up")
    name = name_of("top_up", store, key_of(idempotency_key))
    known = await value.desk.fetch("SELECT id FROM loyalty_value_lots WHERE id = $1", name)
    shown = read_code(shop_of(request), data.code) if known else _fresh(request, data.code)
    paid, gift = _what(value, data)
    lot = NewLot(
        id=name,
        member=shown.member,
        source="till",
        reference=data.slip,
        paid=paid,
        gift=gift,
        spend_order=value.settings.spend_order,
        means=data.means,
        store=store,
        staff=str(caller.id),
        at=value.desk.now(),
    )
    return _answer(LotView.of(await top_up(value.desk, value.settings, lot)), known)


def _what(value: StoredValue, data: TillTopUp) -> tuple[int, int]:
    """What is paid and what is given, in fen."""
    if (data.plan is None) == (data.amount is None):
        raise Invalid("Name a plan or an amount.", field="plan")
    if data.amount is not None:
        if value.settings.free_amount == "no":
            raise Invalid("This shop takes top-ups by plan.", field="amount")
        return data.amount, 0
    plan = value.settings.plan(data.plan or "")
    if plan is None:
        raise Invalid("There is no such plan.", field="plan")
    return plan.pay, plan.gift


@post("/pos/value/payments", operation_id="loyalty_pos_pay", status_code=201)
async def pay(
    request: AnyRequest, data: JSONBody[TillPayment], idempotency_key: IdempotencyKey = None
) -> Response[TillPaid]:
    """Have the member pay whose fresh code was read; each code pays once."""
    value, caller, store = _till(request, "value:spend")
    shop = shop_of(request)
    name = name_of("payment", store, key_of(idempotency_key))
    shown = read_code(shop, data.code)
    known = await find_payment(value.desk, name)
    if known is None:
        must_be_fresh(shop, shown)
    wanted = Spending(
        id=name,
        member=shown.member,
        amount=data.amount,
        currency=shop.config.shop.currency,
        store=store,
        staff=str(caller.id),
        code=shown.name,
    )
    await spend(value.desk, value.settings, wanted)
    return _answer(await _paid(value, name), known)


@post(
    "/pos/value/payments/{payment:str}/reverse",
    operation_id="loyalty_pos_reverse",
    status_code=201,
)
async def reverse(
    request: AnyRequest,
    payment: FromPath[str],
    data: JSONBody[TillReversal],
    idempotency_key: IdempotencyKey = None,
) -> Response[TillPaid]:
    """Give back what was paid at a till, at this or another store."""
    value, caller, store = _till(request, "value:spend")
    found = await find_payment(value.desk, payment)
    if found is None or found.order:
        raise NotFound("There is no such payment at a till.")
    name = name_of("reverse", store, key_of(idempotency_key))
    back = GivingBack(
        id=name, payment=payment, amount=data.amount, store=store, staff=str(caller.id)
    )
    known = await value.desk.fetch(sql.REFUND, name)
    await refund_payment(value.desk, back)
    return _answer(await _paid(value, payment), known)


@post("/pos/value/returns/preview", operation_id="loyalty_pos_preview_return", status_code=200)
async def preview_return(request: AnyRequest, data: JSONBody[GivingUp]) -> Due:
    """What would be due if a top-up were given up; nothing is changed."""
    value, _, _ = _till(request, "value:refund")
    return await work_out(value.desk, value.settings, data, value.desk.now())


@post("/pos/value/returns", operation_id="loyalty_pos_return", status_code=201)
async def return_top_up(
    request: AnyRequest, data: JSONBody[GivingUp], idempotency_key: IdempotencyKey = None
) -> Response[Return]:
    """Give a top-up up for money, as the law works it out; the gift ends with it."""
    value, caller, store = _till(request, "value:refund")
    shop = shop_of(request)
    name = name_of("return", store, key_of(idempotency_key))
    hands = Hands(id=name, store=store, staff=str(caller.id))
    known = await find_return(value.desk, name)
    done = await give_up(shop, value.desk, value.settings, data, hands)
    if known is None:
        async with shop.database.transaction() as tx:
            detail = {"amount": done.amount, "interest": done.interest, "lot": done.lot}
            await record(tx, shop, caller, "value.given_up", done.member, detail)
    return _answer(done, known)


@get("/pos/value/day", operation_id="loyalty_pos_day")
async def day(request: AnyRequest, date: Date = None) -> Day:
    """What this store took in, was paid and gave back in a day, for closing the till."""
    value, _, store = _till(request, "value:read")
    zone = ZoneInfo(shop_of(request).config.shop.timezone)
    now = value.desk.now().astimezone(zone)
    try:
        began = datetime.fromisoformat(date).replace(tzinfo=zone) if date else now
    except ValueError as error:
        raise Invalid("There is no such day.", field="date") from error
    began = began.replace(hour=0, minute=0, second=0, microsecond=0)
    rows = await value.desk.fetch(sql.DAY, store, began, began + timedelta(days=1))
    items = [
        DayLine(kind=str(a), means=str(b), amount=int(str(c)), count=int(str(d)))
        for a, b, c, d in rows
    ]
    return Day(store=store, items=tuple(one for one in items if one.count))


@get("/members/{member_id:str}/value", operation_id="loyalty_member_value")
async def member_value(request: AnyRequest, member_id: FromPath[str]) -> tuple[LotView, ...]:
    """A member's top-ups, for staff."""
    value, member = await _looked_at(request, member_id)
    return tuple(LotView.of(one) for one in await left_of(value.desk, member))


@get("/members/{member_id:str}/value/statement", operation_id="loyalty_member_value_statement")
async def member_statement(request: AnyRequest, member_id: FromPath[str]) -> ValueStatement:
    """A member's statement, for staff."""
    value, member = await _looked_at(request, member_id)
    return ValueStatement(items=tuple(await statement_of(value.desk, member)))


async def _looked_at(request: AnyRequest, member_id: str) -> tuple[StoredValue, str]:
    """Whom staff look at; it is written down before he is shown."""
    caller, shop = require_staff(request, "members:read"), shop_of(request)
    value = value_of(shop)
    await note_look(shop, caller, "member", [member_id])
    return value, await survivor(value.desk, member_id)


def _answer(body: T, known: object) -> Response[T]:
    """The answer, marked when it was given before."""
    return Response(body, headers=REPLAYED if known else {}, status_code=201)


def _fresh(request: AnyRequest, code: str) -> Shown:
    shown = read_code(shop_of(request), code)
    must_be_fresh(shop_of(request), shown)
    return shown


async def _standing(value: StoredValue, member: str) -> AtTill:
    member = await survivor(value.desk, member)
    left = await left_of(value.desk, member)
    return AtTill(
        member=member,
        balance=sum(one.total for one in left),
        principal=sum(one.principal for one in left),
        gift=sum(one.gift for one in left),
    )


async def _paid(value: StoredValue, payment: str) -> TillPaid:
    found = await find_payment(value.desk, payment)
    if found is None:
        raise NotFound("There is no such payment at a till.")
    standing = await _standing(value, found.member)
    return TillPaid(
        id=found.id, amount=found.amount, refunded=found.refunded, balance=standing.balance
    )


TILL_ROUTES = (
    look,
    take_top_up,
    pay,
    reverse,
    preview_return,
    return_top_up,
    day,
    member_value,
    member_statement,
)
"""For staff."""

"""How members reach their stored value, below ``/loyalty/value``."""

from typing import TYPE_CHECKING, Any, cast

from litestar import Request, Response, get, post, put
from litestar.params import JSONBody

from jishi.callers import Caller, require_member
from jishi.idempotency import IdempotencyKey, key_of
from jishi.membership import proof_code_fits, send_proof_code
from jishi.problems import Invalid
from jishi.shop import Shop, shop_of
from jishi_loyalty.purses import survivor
from jishi_loyalty.value.book import left_of, statement_of
from jishi_loyalty.value.codes import MemberCode, must_be_fresh, new_code, read_code
from jishi_loyalty.value.move import HandingOver, hand_over
from jishi_loyalty.value.names import name_of
from jishi_loyalty.value.problems import ProofWrong
from jishi_loyalty.value.prove import check_password, has_password, keep_proof, set_password
from jishi_loyalty.value.structs import (
    LotView,
    NewPassword,
    NewProof,
    Proof,
    Transfer,
    ValueStatement,
    Wallet,
)

if TYPE_CHECKING:
    from jishi_loyalty.plugin import Loyalty
    from jishi_loyalty.value.part import StoredValue

AnyRequest = Request[Any, Any, Any]
PURPOSE = "loyalty:value"
"""What codes to the phone are for."""


def value_of(shop: Shop) -> "StoredValue":
    """Stored value of a shop that has the plugin on."""
    return cast("Loyalty", shop.hooks.plugin("loyalty")).value


async def _me(request: AnyRequest) -> tuple[Shop, "StoredValue", Caller, str]:
    caller, shop = require_member(request), shop_of(request)
    value = value_of(shop)
    return shop, value, caller, await survivor(value.desk, caller.owner)


@get("/value", operation_id="loyalty_value")
async def wallet(request: AnyRequest) -> Wallet:
    """What I have, top-up by top-up, and what can be bought."""
    _, value, _, member = await _me(request)
    left = await left_of(value.desk, member)
    return Wallet(
        balance=sum(one.total for one in left),
        principal=sum(one.principal for one in left),
        gift=sum(one.gift for one in left),
        has_password="yes" if await has_password(value.desk, member) else "no",
        step_up_from=value.settings.step_up_from,
        filing_reference=value.settings.filing_reference,
        lots=tuple(LotView.of(one) for one in left),
        plans=value.settings.plans if value.settings.enabled == "yes" else (),
    )


@get("/value/statement", operation_id="loyalty_value_statement")
async def statement(request: AnyRequest) -> ValueStatement:
    """Every change of it, the youngest first; each line says what there was after it."""
    _, value, _, member = await _me(request)
    return ValueStatement(items=tuple(await statement_of(value.desk, member)))


@post("/value/codes", operation_id="loyalty_value_code", status_code=201)
async def code(request: AnyRequest) -> MemberCode:
    """My next code for the till; it lives for a minute and pays once."""
    shop, value, _, member = await _me(request)
    return new_code(shop, member, value.settings.code_seconds)


@post("/value/proofs/codes", operation_id="loyalty_value_send_proof", status_code=202)
async def send_proof(request: AnyRequest) -> Response[None]:
    """Send a code to my phone, with which I prove that it is I."""
    shop, _, caller, member = await _me(request)
    await send_proof_code(shop, member, PURPOSE, caller.address)
    return Response(None, status_code=202)


@put("/value/password", operation_id="loyalty_value_password", status_code=204)
async def password(request: AnyRequest, data: JSONBody[NewPassword]) -> None:
    """Set my payment password: with a code to my phone, or with the one before."""
    shop, value, _, member = await _me(request)
    await _prove(shop, value, member, data.current, data.code)
    await set_password(value.desk, member, data.password)


@post("/value/proofs", operation_id="loyalty_value_prove", status_code=201)
async def prove(request: AnyRequest, data: JSONBody[NewProof]) -> Proof:
    """Prove that it is I who pay next; good for one payment of at most so much."""
    shop, value, _, member = await _me(request)
    way = await _prove(shop, value, member, data.password, data.code)
    minutes = value.settings.proof_minutes
    await keep_proof(value.desk, member, data.most, way, minutes)
    return Proof(most=data.most, minutes=minutes)


async def _prove(
    shop: Shop, value: "StoredValue", member: str, password: str | None, code: str | None
) -> str:
    """How it was proved.

    Raises:
        Invalid: Neither came, or both.
        ProofWrong: It is wrong.
        PasswordLocked: It was wrong too often.
    """
    if (password is None) == (code is None):
        raise Invalid("Send the payment password or a code.", field="password")
    if password is not None:
        await check_password(value.desk, member, password)
        return "password"
    if not await proof_code_fits(shop, member, PURPOSE, code or ""):
        raise ProofWrong("The code is wrong or too old.", field="code")
    return "code"


@post("/value/transfers", operation_id="loyalty_value_hand_over", status_code=201)
async def transfer(
    request: AnyRequest, data: JSONBody[Transfer], idempotency_key: IdempotencyKey = None
) -> LotView:
    """Hand the rest of a top-up over to the member whose code was read; it needs a proof."""
    shop, value, _, member = await _me(request)
    shown = read_code(shop, data.to)
    name = name_of("transfer", member, key_of(idempotency_key))
    if not await value.desk.fetch("SELECT id FROM loyalty_value_lots WHERE id = $1", name):
        must_be_fresh(shop, shown)
    wanted = HandingOver(id=name, lot=data.lot, member=member, to=shown.member)
    return LotView.of(await hand_over(value.desk, value.settings, wanted))


VALUE_ROUTES = (wallet, statement, code, send_proof, password, prove, transfer)
"""For members."""

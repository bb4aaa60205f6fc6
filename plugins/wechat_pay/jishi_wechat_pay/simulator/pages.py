"""The pages on which a person plays the customer: see what waits, confirm or refuse."""

from contextlib import suppress
from typing import Literal
from urllib.parse import urlencode

import msgspec
from jinja2 import Environment, PackageLoader
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect

from jishi_wechat_pay.simulator.till import CannotPay, Till
from jishi_wechat_pay.simulator.world import Order

_templates = Environment(
    loader=PackageLoader("jishi_wechat_pay.simulator"), autoescape=True, trim_blocks=True
)
_templates.filters["yuan"] = lambda fen: f"{fen // 100}.{fen % 100:02d}"


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What the customer pressed."""

    decision: Literal["confirm", "refuse"]


@get("/")
async def waiting_orders(state: State) -> Response[str]:
    """Orders that wait for a payment."""
    return _page("waiting.html", orders=_till(state).waiting())


@get("/pay/{code:str}")
async def payment_sheet(
    state: State, code: FromPath[str], redirect_url: FromQuery[str] = ""
) -> Response[str]:
    """One order, as a customer sees it after scanning.

    An H5 payment names where to go afterwards; it is offered as a link.
    """
    till = _till(state)
    merchant = till.world.keys.merchant.mchid
    back = redirect_url if redirect_url.startswith(("http://", "https://")) else ""
    return _page("pay.html", order=_order(till, code), merchant=merchant, back=back)


@post("/pay/{code:str}")
async def decide(
    state: State,
    code: FromPath[str],
    data: URLEncodedBody[Decision],
    redirect_url: FromQuery[str] = "",
) -> Redirect:
    """Confirm or refuse, then look at the result."""
    till = _till(state)
    order = _order(till, code)
    if data.decision == "refuse":
        till.refuse(order)
    else:
        # When it cannot be paid any more, the page that follows says how it stands.
        with suppress(CannotPay):
            till.pay(order)
    onward = f"?{urlencode({'redirect_url': redirect_url})}" if redirect_url else ""
    return Redirect(f"/pay/{code}{onward}", status_code=303)


def _page(template: str, **values: object) -> Response[str]:
    text = _templates.get_template(template).render(**values)
    return Response(text, media_type="text/html")


def _till(state: State) -> Till:
    till: Till = state.till
    return till


def _order(till: Till, code: str) -> Order:
    order = till.order_with_code(code)
    if order is None:
        raise NotFoundException("no such order")
    return order

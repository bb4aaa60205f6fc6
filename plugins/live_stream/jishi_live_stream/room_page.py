"""The room's page in the shop's own storefront: what is shown, and what its buttons do."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from jishi.catalogue import sellables
from jishi.checkout import Details, WantedLine, add_line, current_cart, open_cart, set_details
from jishi.identifiers import new_id
from jishi.plugins import Desk
from jishi.problems import NotFound, Problem
from jishi.themes import Form, Visit, read_form
from jishi_live_stream import pages, take_part, visits
from jishi_live_stream.claim_coupon import claim_coupon
from jishi_live_stream.prices import WISH
from jishi_live_stream.settings import LiveStreamSettings
from jishi_live_stream.structs import Session

_Asked = Request[object, object, State]
_SCRIPT = Path(__file__).parent / "templates" / "live_stream" / "room.js"
Find = Callable[[str], Awaitable[Session]]


def room_routes(
    desk: Desk, find: Find, settings: LiveStreamSettings
) -> list[ControllerRouterHandler]:
    """The page, its buttons and its script.

    Args:
        desk: The plugin's.
        find: Gives a session that viewers may see.
        settings: The plugin's.
    """

    @get("/rooms/{session:str}", include_in_schema=False)
    async def room(request: _Asked, session: FromPath[str]) -> Response[str]:
        """The room."""
        return await _show(desk, Visit(request), await find(session), "")

    @post("/rooms/{session:str}/{button:str}", include_in_schema=False)
    async def press(
        request: _Asked, session: FromPath[str], button: FromPath[str]
    ) -> Response[str]:
        """A button of the room: buy, coupon, comment, bag, visit."""
        visit, found = Visit(request), await find(session)
        form = await read_form(request)
        if button == "buy":
            await _buy(visit, found, form)
            return visit.go("/cart")
        if visit.caller.kind != "member" or visit.caller.id is None:
            return visit.go(f"/login?next=/live_stream/rooms/{found.id}")
        try:
            said = await _do(desk, button, found, visit.caller.id, form, settings)
        except NotFound:
            raise
        except Problem as problem:
            said = problem.detail
        return await _show(desk, visit, found, said)

    @get("/room.js", include_in_schema=False, media_type="text/javascript")
    async def script() -> str:
        """What keeps a room's page moving."""
        return _SCRIPT.read_text()

    return [room, press, script]


async def _show(desk: Desk, visit: Visit, session: Session, said: str) -> Response[str]:
    member = visit.caller.id if visit.caller.kind == "member" else None
    shown = await pages.shown(desk, session, member)
    skus = [card.sku for card in shown.cards]
    goods = await sellables(visit.shop.database, skus, session.plan.channel)
    # A button's own key: pressing it again after the answer is another wish.
    key = new_id()
    template = "live_stream/room.html"
    return await visit.show(template, session=shown, goods=goods, said=said, key=key)


async def _buy(visit: Visit, session: Session, form: Form) -> None:
    """Put goods into the visitor's cart, and the session with them: its price holds there."""
    shop, caller = visit.shop, visit.shopper()
    cart = await current_cart(shop, caller) or await open_cart(shop, caller)
    wanted = msgspec.convert({"sku": form.get("sku", "")}, WantedLine)
    cart = await add_line(shop, caller.owner, caller.channel, cart.id, wanted, None)
    extras = {**cart.extras, WISH: session.id}
    await set_details(shop, caller.owner, cart.id, Details(extras=extras))


async def _do(
    desk: Desk,
    button: str,
    session: Session,
    member: str,
    form: Form,
    settings: LiveStreamSettings,
) -> str:
    """What a member's button does; gives the sentence that he reads."""
    key, draw = form.get("key", "")[:64] or new_id(), form.get("draw", "")
    match button:
        case "coupon":
            await claim_coupon(desk, session, form.get("code", ""), member, key)
            return "领取成功，下单时自动使用。 It is yours, and is used by itself."
        case "comment":
            await take_part.write_comment(desk, draw, member, form.get("text", "")[:500])
            return "已参加抽奖。 You take part."
        case "bag":
            ticket = await take_part.open_bag(desk, draw, member, key, settings)
            return (
                f"恭喜：{ticket.won}！ You have won."
                if ticket.won
                else "没有中奖。 Nothing in it."
            )
        case "visit":
            booked = await visits.book_visit(desk, session, member, form.get("slot", ""), settings)
            return f"到店出示：{booked.code} Show this code at the store."
        case _:
            raise NotFound("The room has no such button.")

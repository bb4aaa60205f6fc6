"""How flash sales are reached: shoppers' pages, and the merchant's desk below ``admin``."""

from typing import Annotated

import msgspec
from litestar import Request, get, post, put
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler

from jishi.callers import require_member, require_staff
from jishi.plugins import Desk
from jishi_flash_sale import pages, sql
from jishi_flash_sale import sales as stories
from jishi_flash_sale.memory import Memory
from jishi_flash_sale.settings import FlashSaleSettings
from jishi_flash_sale.structs import Plan, Report, Sale, SaleShown, Turn
from jishi_flash_sale.turns import take_turn

_Asked = Request[object, object, State]
_Cursor = Annotated[str | None, QueryParameter(max_length=64)]
_BEYOND, _PAGE = "~", 50
"""Sorts behind every id; sales on a page."""


class Because(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a sale is stopped."""

    because: Annotated[str, msgspec.Meta(max_length=500)] = ""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """Sales that run, or will."""

    items: tuple[SaleShown, ...]


class Sales(msgspec.Struct, frozen=True, kw_only=True):
    """Sales, the youngest first, and where to go on; ``next`` is None at the end."""

    items: tuple[Sale, ...]
    next: str | None


def shopper_routes(
    desk: Desk, memory: Memory, settings: FlashSaleSettings
) -> list[ControllerRouterHandler]:
    """The pages of shoppers; pieces are bought by placing an order with ``flash_sale.sale``."""

    @get("/sales", operation_id="flash_sale_sales")
    async def running() -> Shown:
        """Sales that run now or will, the next first; count down from ``now``."""
        now = desk.now()
        found = (await memory.running()).values()
        return Shown(items=tuple([await pages.shown(memory, sale, now) for sale in found]))

    @get("/sales/{sale:str}", operation_id="flash_sale_sale")
    async def sale_page(sale: FromPath[str]) -> SaleShown:
        """A sale, once it is scheduled."""
        known = (await memory.running()).get(sale)
        found = known or await stories.find_sale(desk, sale)
        if found.state == "draft":
            raise stories.NoSuchSale
        return await pages.shown(memory, found, desk.now())

    @post("/sales/{sale:str}/turn", status_code=200, operation_id="flash_sale_turn")
    async def turn(request: _Asked, sale: FromPath[str]) -> Turn:
        """A place in the queue; asked again, the same one."""
        member = require_member(request)
        known = (await memory.running()).get(sale) or await stories.find_sale(desk, sale)
        return await take_turn(desk, known, member.owner, settings)

    return [running, sale_page, turn]


def staff_routes(
    desk: Desk, memory: Memory, settings: FlashSaleSettings
) -> list[ControllerRouterHandler]:
    """The merchant's desk: ``campaigns:read`` to look, ``campaigns:write`` to act."""

    @get("/admin/sales", operation_id="flash_sale_list")
    async def list_sales(request: _Asked, cursor: _Cursor = None) -> Sales:
        """All sales, the youngest first."""
        require_staff(request, "campaigns:read")
        found = await stories.sales(desk, sql.SALES, cursor or _BEYOND, _PAGE + 1)
        more = found[_PAGE - 1].id if len(found) > _PAGE else None
        return Sales(items=tuple(found[:_PAGE]), next=more)

    @post("/admin/sales", operation_id="flash_sale_write")
    async def write(request: _Asked, data: JSONBody[Plan]) -> Sale:
        """Write a sale down; nothing is sold yet."""
        caller = require_staff(request, "campaigns:write")
        return await stories.write_down(desk, data, settings, f"staff:{caller.id}")

    @put("/admin/sales/{sale:str}", operation_id="flash_sale_rewrite")
    async def rewrite(request: _Asked, sale: FromPath[str], data: JSONBody[Plan]) -> Sale:
        """Change a draft."""
        require_staff(request, "campaigns:write")
        return await stories.write_anew(desk, sale, data, settings)

    @get("/admin/sales/{sale:str}", operation_id="flash_sale_report")
    async def look(request: _Asked, sale: FromPath[str]) -> Report:
        """How a sale goes: what is left, ordered, given back; who stopped it and when."""
        require_staff(request, "campaigns:read")
        return await pages.report(desk, sale)

    @post("/admin/sales/{sale:str}/schedule", status_code=200, operation_id="flash_sale_schedule")
    async def schedule(request: _Asked, sale: FromPath[str]) -> Sale:
        """Take the quota from the shelf; the sale begins by itself."""
        caller = require_staff(request, "campaigns:write")
        done = await stories.schedule(desk, sale, f"staff:{caller.id}")
        memory.forget()
        return done

    @post("/admin/sales/{sale:str}/stop", status_code=200, operation_id="flash_sale_stop")
    async def stop(request: _Asked, sale: FromPath[str], data: JSONBody[Because]) -> Sale:
        """Stop a sale: nobody new gets its price, orders placed before keep it."""
        caller = require_staff(request, "campaigns:write")
        actor = f"staff:{caller.id}"
        done = await stories.end(desk, sale, "stopped", actor, data.because)
        memory.forget()
        return done

    return [list_sales, write, rewrite, look, schedule, stop]

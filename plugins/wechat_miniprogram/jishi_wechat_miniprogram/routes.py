"""How the plugin is reached: login, phone, consents, codes, scenes, WeChat's push, the report."""

from collections.abc import Callable
from typing import Annotated

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.types import ControllerRouterHandler

from jishi.callers import Caller, caller_of, require_member, require_staff
from jishi.catalogue import show_product
from jishi.membership import LoggedIn, Member, load_member
from jishi.problems import Invalid, NotFound, Unauthenticated
from jishi.shop import Shop, shop_of
from jishi_wechat_miniprogram.account import Account
from jishi_wechat_miniprogram.add_phone import add_phone
from jishi_wechat_miniprogram.codes import code_of
from jishi_wechat_miniprogram.consents import add_consents, consents_of
from jishi_wechat_miniprogram.frozen_money import FrozenMoney, frozen_money
from jishi_wechat_miniprogram.log_in import log_in
from jishi_wechat_miniprogram.problems import NotTrusted
from jishi_wechat_miniprogram.push import Marks, PushReader
from jishi_wechat_miniprogram.scenes import Kind, Scene, find_scene
from jishi_wechat_miniprogram.settings import AppSettings
from jishi_wechat_miniprogram.take_push import take_push

_Code = Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern=r"^[\x21-\x7e]+$")]
_Name = Annotated[str, msgspec.Meta(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
_Template = Annotated[str, msgspec.Meta(min_length=8, max_length=64)]
_JsonRequest = Request[object, object, State]
AccountOf = Callable[[Shop], Account]


class Login(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a login.

    Attributes:
        code: From ``wx.login``.
        name: How a new member wants to be called.
    """

    code: _Code
    name: _Name = ""


class Phone(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the button ``getPhoneNumber`` gave."""

    code: _Code


class Accepted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The templates that ``wx.requestSubscribeMessage`` told as ``accept``."""

    templates: Annotated[tuple[_Template, ...], msgspec.Meta(min_length=1, max_length=3)]


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """A template that the mini program may ask consent for.

    Attributes:
        template: The template's id.
        events: What it tells of.
        remaining: How many messages the member still wants.
    """

    template: str
    events: tuple[str, ...]
    remaining: int


class Consents(msgspec.Struct, frozen=True, kw_only=True):
    """Every template of the shop."""

    items: tuple[Asking, ...]


class Scanned(msgspec.Struct, frozen=True, kw_only=True):
    """What a code stands for."""

    kind: Kind
    target: str
    store: str = ""


def routes_of(account_of: AccountOf) -> list[ControllerRouterHandler]:
    """Every handler of the plugin.

    Args:
        account_of: Gives what the plugin works with.
    """
    return [
        *_members_routes(account_of),
        *_code_routes(account_of),
        *_push_routes(account_of),
    ]


def _members_routes(account_of: AccountOf) -> list[ControllerRouterHandler]:
    @post("/login", operation_id="wechat_miniprogram_log_in", status_code=200)
    async def log_in_route(request: _JsonRequest, data: JSONBody[Login]) -> LoggedIn:
        """Log in with the code of wx.login; the first login joins."""
        account, caller = account_of(shop_of(request)), caller_of(request)
        adopters = request.app.state.adopters
        return await log_in(account, _app(account, caller), data.code, caller, data.name, adopters)

    @post("/phone", operation_id="wechat_miniprogram_add_phone", status_code=200)
    async def phone(request: _JsonRequest, data: JSONBody[Phone]) -> Member:
        """Be recognised by the phone number that WeChat verified."""
        caller, account = require_member(request), account_of(shop_of(request))
        await add_phone(account, _app(account, caller), caller.owner, data.code)
        return await load_member(account.shop.database, caller.owner)

    @get("/consents", operation_id="wechat_miniprogram_consents")
    async def consents(request: _JsonRequest) -> Consents:
        """Which messages there are, and how many of each I still want."""
        caller, account = require_member(request), account_of(shop_of(request))
        return await _consents(account, _app(account, caller), caller.owner)

    @post("/consents", operation_id="wechat_miniprogram_consent", status_code=200)
    async def consent(request: _JsonRequest, data: JSONBody[Accepted]) -> Consents:
        """Want one more message of each of these."""
        caller, account = require_member(request), account_of(shop_of(request))
        app = _app(account, caller)
        known = {each.template for each in account.settings.messages.values()}
        if strange := set(data.templates) - known:
            raise Invalid(
                f"This shop sends no message of the template {sorted(strange)[0]!r}.",
                field="templates",
                next_step="GET /wechat_miniprogram/consents lists them.",
            )
        if account.settings.consents == "client":
            await add_consents(account.desk, caller.owner, app.appid, data.templates)
        return await _consents(account, app, caller.owner)

    return [log_in_route, phone, consents, consent]


def _code_routes(account_of: AccountOf) -> list[ControllerRouterHandler]:
    @get("/codes/products/{handle:str}", operation_id="wechat_miniprogram_product_code")
    async def product_code(
        request: _JsonRequest, handle: FromPath[str], width: FromQuery[int] = 430
    ) -> Response[bytes]:
        """The code that opens a product on sale; ``target`` is its handle."""
        shop, caller = shop_of(request), caller_of(request)
        channel = _of_a_mini_program(account_of(shop), caller)
        locale = shop.config.shop.locale
        await show_product(shop.database, handle, channel=channel, locale=locale, location="main")
        return await _image(account_of(shop), caller, Scene("product", handle), width)

    @get("/codes/stores/{store:str}", operation_id="wechat_miniprogram_store_code")
    async def store_code(
        request: _JsonRequest, store: FromPath[str], width: FromQuery[int] = 430
    ) -> Response[bytes]:
        """The code that opens a store."""
        shop = shop_of(request)
        _must_be_store(shop, store)
        return await _image(account_of(shop), caller_of(request), Scene("store", store), width)

    @get(
        "/codes/stores/{store:str}/tables/{table:str}",
        operation_id="wechat_miniprogram_table_code",
    )
    async def table_code(
        request: _JsonRequest,
        store: FromPath[str],
        table: FromPath[str],
        width: FromQuery[int] = 430,
    ) -> Response[bytes]:
        """The code to stick on a table; for staff."""
        shop, caller = shop_of(request), require_staff(request, "catalogue:read")
        _must_be_store(shop, store)
        if len(table) > 64:
            raise Invalid("A table's name has at most 64 characters.", field="table")
        return await _image(account_of(shop), caller, Scene("table", table, store), width)

    @get("/scenes/{scene:str}", operation_id="wechat_miniprogram_scene")
    async def scanned(request: _JsonRequest, scene: FromPath[str]) -> Scanned:
        """What a code stands for."""
        found = await find_scene(account_of(shop_of(request)).desk, scene)
        return Scanned(kind=found.kind, target=found.target, store=found.store)

    return [product_code, store_code, table_code, scanned]


def _push_routes(account_of: AccountOf) -> list[ControllerRouterHandler]:
    @get("/notify/{appid:str}", operation_id="wechat_miniprogram_greet", media_type="text/plain")
    async def greet(request: _JsonRequest, appid: FromPath[str]) -> str:
        """Tell WeChat that this address is the shop's."""
        account = account_of(shop_of(request))
        echo = request.query_params.get("echostr", "")
        try:
            return _reader(account, appid).greet(_marks(request), echo, account.desk.now())
        except NotTrusted as reason:
            raise _forged(account, reason) from None

    @post(
        "/notify/{appid:str}",
        operation_id="wechat_miniprogram_push",
        status_code=200,
        media_type="text/plain",
    )
    async def push(request: _JsonRequest, appid: FromPath[str]) -> str:
        """Take what WeChat pushes."""
        account, body = account_of(shop_of(request)), await request.body()
        try:
            pushed = _reader(account, appid).read(_marks(request), body, account.desk.now())
        except NotTrusted as reason:
            raise _forged(account, reason) from None
        await take_push(account, appid, pushed)
        return "success"

    @get("/frozen", operation_id="wechat_miniprogram_frozen")
    async def frozen(request: _JsonRequest) -> FrozenMoney:
        """How much money WeChat holds back, and why; for staff."""
        require_staff(request, "payments:read")
        return await frozen_money(account_of(shop_of(request)))

    return [greet, push, frozen]


def _app(account: Account, caller: Caller) -> AppSettings:
    """The mini program of the caller's channel."""
    app = account.settings.app_of(caller.channel)
    if app is None:
        raise Invalid(
            f"The channel {caller.channel} is no mini program.",
            field="Jishi-Channel",
            next_step=f"One of: {', '.join(account.settings.apps)}.",
        )
    return app


def _of_a_mini_program(account: Account, caller: Caller) -> str:
    """The caller's channel if it is a mini program's, else the first that is."""
    return (
        caller.channel
        if caller.channel in account.settings.apps
        else next(iter(account.settings.apps))
    )


async def _consents(account: Account, app: AppSettings, member: str) -> Consents:
    remaining = {
        each.template: each.remaining
        for each in await consents_of(account.desk, member, app.appid)
    }
    events: dict[str, list[str]] = {}
    for event, told in account.settings.messages.items():
        events.setdefault(told.template, []).append(event)
    return Consents(
        items=tuple(
            Asking(template=each, events=tuple(of), remaining=remaining.get(each, 0))
            for each, of in events.items()
        )
    )


async def _image(account: Account, caller: Caller, scene: Scene, width: int) -> Response[bytes]:
    if not 280 <= width <= 1280:
        raise Invalid("A code is 280 to 1280 pixels wide.", field="width")
    app = account.settings.apps[_of_a_mini_program(account, caller)]
    image, media_type = await code_of(account, app, scene, width)
    return Response(
        image, media_type=media_type, headers={"cache-control": "public, max-age=86400"}
    )


def _must_be_store(shop: Shop, store: str) -> None:
    if store not in shop.config.stores:
        raise NotFound("There is no such store.")


def _reader(account: Account, appid: str) -> PushReader:
    reader = account.reader(appid)
    if reader is None:
        raise NotFound("Nothing is pushed here.")
    return reader


def _marks(request: _JsonRequest) -> Marks:
    query = request.query_params
    return Marks(
        timestamp=query.get("timestamp", ""),
        nonce=query.get("nonce", ""),
        signature=query.get("signature", ""),
        msg_signature=query.get("msg_signature", ""),
    )


def _forged(account: Account, reason: NotTrusted) -> Unauthenticated:
    account.desk.log.warning("push_refused", why=str(reason))
    return Unauthenticated("This does not prove that WeChat sent it.")

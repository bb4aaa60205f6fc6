"""The simulator's control panel, over JSON: people, codes, payments, pushes, faults."""

from datetime import timedelta
from typing import Literal

import httpx
import msgspec
from litestar import Controller, Response, get, post, put
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, JSONBody

from jishi_wechat_miniprogram.simulator import postman
from jishi_wechat_miniprogram.simulator.world import App, Call, Payment, Terms, User, World


class CodeWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose code is wanted."""

    appid: str
    user: str
    kind: Literal["login", "phone"] = "login"


class PaymentWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payment that was made."""

    transaction_id: str
    appid: str
    user: str
    amount: int
    out_trade_no: str = ""


class ConsentWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a user allows."""

    appid: str
    user: str
    template: str
    times: int = 1


class PushWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A push of one's own words."""

    appid: str
    event: str
    members: dict[str, object] = {}
    timestamp: int | None = None
    send: bool = False


class Frozen(msgspec.Struct, frozen=True, kw_only=True):
    """Money that WeChat holds, in fen."""

    total: int
    payments: tuple[str, ...]


class Control(Controller):
    """Makes the simulated world move."""

    path = "/_control"

    @get("/health")
    async def health(self) -> dict[str, str]:
        """Say that the simulator is there."""
        return {"status": "ok"}

    @post("/reset", status_code=204)
    async def reset(self, state: State) -> None:
        """Forget everything."""
        _world(state).reset()

    @post("/clock", status_code=200)
    async def clock(self, state: State, data: JSONBody[dict[str, float]]) -> dict[str, float]:
        """Let time pass: ``{"advance": seconds}``."""
        _world(state).moved += timedelta(seconds=data["advance"])
        return {"moved": _world(state).moved.total_seconds()}

    @put("/apps")
    async def set_app(self, state: State, data: JSONBody[App]) -> App:
        """A mini program, with its push place, pages and templates."""
        _world(state).apps[data.appid] = data
        return data

    @put("/users")
    async def set_user(self, state: State, data: JSONBody[User]) -> User:
        """Somebody who uses WeChat."""
        _world(state).users[data.name] = data
        return data

    @post("/codes", status_code=200)
    async def code(self, state: State, data: JSONBody[CodeWish]) -> dict[str, str]:
        """What ``wx.login`` or the phone button gives; with the user's openid."""
        world = _world(state)
        if data.appid not in world.apps or data.user not in world.users:
            raise NotFoundException("no such app or user")
        openid = world.openid_of(data.appid, data.user)
        return {"code": world.give_code(data.appid, data.user, data.kind), "openid": openid}

    @post("/consents", status_code=200)
    async def consent(self, state: State, data: JSONBody[ConsentWish]) -> dict[str, int]:
        """A user says yes to messages of a template."""
        world = _world(state)
        key = (data.appid, world.openid_of(data.appid, data.user), data.template)
        world.consents[key] += data.times
        return {"remaining": world.consents[key]}

    @put("/payments")
    async def pay(self, state: State, data: JSONBody[PaymentWish]) -> Payment:
        """A payment through a mini program: its money is frozen."""
        world = _world(state)
        payment = Payment(
            transaction_id=data.transaction_id,
            appid=data.appid,
            openid=world.openid_of(data.appid, data.user),
            amount=data.amount,
            out_trade_no=data.out_trade_no,
        )
        world.payments[payment.transaction_id] = payment
        return payment

    @get("/payments/{number:str}")
    async def payment(self, state: State, number: FromPath[str]) -> Payment:
        """How WeChat sees a payment."""
        return _payment(_world(state), number)

    @post("/payments/{number:str}/receive", status_code=200)
    async def receive(self, state: State, number: FromPath[str]) -> postman.Letter:
        """The customer says that everything arrived."""
        return _end(_world(state), number, 3, ("confirm_receive_time", "confirm_receive_method"))

    @post("/payments/{number:str}/settle", status_code=200)
    async def settle(self, state: State, number: FromPath[str]) -> postman.Letter:
        """WeChat pays out."""
        return _end(_world(state), number, 4, ("settlement_time",))

    @get("/frozen")
    async def frozen(self, state: State) -> Frozen:
        """Money of payments of which WeChat does not know everything that was shipped."""
        held = [one for one in _world(state).payments.values() if one.state == 1]
        return Frozen(
            total=sum(one.amount for one in held),
            payments=tuple(one.transaction_id for one in held),
        )

    @post("/pushes", status_code=200)
    async def push(self, state: State, data: JSONBody[PushWish]) -> postman.Letter:
        """Write a push; ``send`` brings it to the app's push place as well."""
        world = _world(state)
        app = world.apps[data.appid]
        letter = postman.write(world, app, data.event, dict(data.members), data.timestamp)
        if not data.send:
            return letter
        http: httpx.AsyncClient = state.http
        return await postman.deliver(http, app, letter)

    @get("/terms")
    async def terms(self, state: State) -> Terms:
        """How WeChat behaves."""
        return _world(state).terms

    @put("/terms")
    async def set_terms(self, state: State, data: JSONBody[Terms]) -> Terms:
        """Behave differently."""
        _world(state).terms = data
        return data

    @get("/calls")
    async def calls(self, state: State) -> list[Call]:
        """The shop's calls, oldest first."""
        return list(_world(state).calls)

    @get("/messages")
    async def messages(self, state: State) -> list[dict[str, object]]:
        """Subscribe messages that were sent, oldest first."""
        return _world(state).messages

    @get("/")
    async def page(self, state: State) -> Response[str]:
        """What there is, for a person."""
        world = _world(state)
        held = sum(one.amount for one in world.payments.values() if one.state == 1)
        text = (
            f"微信小程序模拟器 simulated WeChat mini programs\n"
            f"apps {len(world.apps)}, users {len(world.users)}, messages {len(world.messages)}, "
            f"frozen {held} fen\n"
        )
        return Response(text, media_type="text/plain")


def _end(world: World, number: str, to: int, times: tuple[str, ...]) -> postman.Letter:
    """Move a payment on and write the push that tells it."""
    payment = _payment(world, number)
    if payment.state < 2:
        raise NotFoundException("it was not shipped")
    payment.state = max(payment.state, to)
    now = int(world.now().timestamp())
    members: dict[str, object] = {
        "transaction_id": payment.transaction_id,
        "merchant_id": payment.mchid,
        "merchant_trade_no": payment.out_trade_no,
        **{name: 2 if name.endswith("method") else now for name in times},
    }
    app = world.apps[payment.appid]
    return postman.write(world, app, "trade_manage_order_settlement", members)


def _payment(world: World, number: str) -> Payment:
    if number not in world.payments:
        raise NotFoundException(f"no payment {number}")
    return world.payments[number]


def _world(state: State) -> World:
    world: World = state.world
    return world

"""What a simulated WeChat knows: mini programs, users, codes, tokens, payments, what was said."""

import secrets
from collections import Counter, deque
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from jishi.clock import Clock

Mode = Literal["plaintext", "compat", "safe"]


class PushPlace(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Where and how messages are pushed, as a merchant sets it in the console."""

    url: str = ""
    token: str = "AAAAA"  # noqa: S105 - the documentation's own example
    aes_key: str = "A" * 43
    mode: Mode = "safe"


class App(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A mini program."""

    appid: str
    secret: str
    push: PushPlace = msgspec.field(default_factory=PushPlace)
    pages: tuple[str, ...] = (
        "pages/product/index",
        "pages/store/index",
        "pages/table/index",
    )
    templates: dict[str, tuple[str, ...]] = {}
    """Template ids and their keys (``thing1``)."""
    raw_id: str = "gh_97417a04a28d"


class User(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Somebody who uses WeChat."""

    name: str
    unionid: str = ""
    phone: str = ""
    country: str = "86"
    risky: bool = False


class Given(msgspec.Struct, kw_only=True):
    """A login or phone code."""

    appid: str
    user: str
    kind: Literal["login", "phone"]
    until: datetime
    used: bool = False


class Token(msgspec.Struct, kw_only=True):
    """An access token."""

    text: str
    appid: str
    until: datetime


class Parcel(msgspec.Struct, kw_only=True):
    """What was said of one parcel."""

    tracking_no: str
    express_company: str
    item_desc: str


class Payment(msgspec.Struct, kw_only=True):
    """A payment through a mini program; its money is frozen until it is shipped and received.

    Attributes:
        state: 1 to be shipped, 2 shipped, 3 received, 4 settled, 5 refunded.
        amount: In fen.
    """

    transaction_id: str
    appid: str
    openid: str
    amount: int
    mchid: str = "1900000109"
    out_trade_no: str = ""
    state: int = 1
    logistics_type: int = 0
    delivery_mode: int = 0
    parcels: list[Parcel] = []
    reshipped: bool = False


class Call(msgspec.Struct, kw_only=True):
    """One request of the shop's, for the record."""

    path: str
    errcode: int
    body: dict[str, object] = {}


class Terms(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How WeChat behaves; what is left out goes back to its default."""

    fail: dict[str, int] = {}
    """Refuse calls of a path with an errcode until it is set again."""
    fail_once: dict[str, int] = {}
    """The same for the next call alone."""
    lose_once: tuple[str, ...] = ()
    """Do the work of the next call of these paths, then answer with HTTP 502."""
    slow: float = 0.0
    """Seconds before each answer."""
    allowed: bool = True
    """Whether the caller's address is on the list (else 40164)."""


class World:
    """All that the simulator remembers; gone when it ends.

    Args:
        clock: The machine's; `moved` goes on top.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self.moved = timedelta(0)
        self.apps: dict[str, App] = {}
        self.users: dict[str, User] = {}
        self.codes: dict[str, Given] = {}
        self.tokens: dict[str, Token] = {}
        self.stable: dict[str, str] = {}
        self.plain: dict[str, str] = {}
        self.forced: dict[str, list[datetime]] = {}
        self.consents: Counter[tuple[str, str, str]] = Counter()
        self.payments: dict[str, Payment] = {}
        self.messages: list[dict[str, object]] = []
        self.calls: deque[Call] = deque(maxlen=5000)
        self.counted: Counter[tuple[str, str]] = Counter()
        self.terms = Terms()

    def now(self) -> datetime:
        """The simulator's time, UTC."""
        return self._clock.now() + self.moved

    def openid_of(self, appid: str, user: str) -> str:
        """A user's openid: another one in every mini program, always the same in one."""
        return f"o{appid[-6:]}-{user}".ljust(28, "x")[:28]

    def user_with(self, appid: str, openid: str) -> User | None:
        """Whose openid it is in this mini program."""
        for user in self.users.values():
            if self.openid_of(appid, user.name) == openid:
                return user
        return None

    def give_code(self, appid: str, user: str, kind: Literal["login", "phone"]) -> str:
        """A code as the mini program gets it; it serves once, for five minutes."""
        code = "0" + secrets.token_hex(15)
        until = self.now() + timedelta(minutes=5)
        self.codes[code] = Given(appid=appid, user=user, kind=kind, until=until)
        return code

    def count(self, what: str, span: timedelta) -> int:
        """Count one more call, and say how many there were in this span."""
        window = str(int(self.now().timestamp() // span.total_seconds()))
        self.counted[(what, window)] += 1
        return self.counted[(what, window)]

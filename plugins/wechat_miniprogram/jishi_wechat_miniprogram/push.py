"""Reads what WeChat pushes: proves it, opens it, refuses what is old, repeated or for others."""

import hashlib
from collections import deque
from datetime import datetime, timedelta

import msgspec

from jishi_wechat_miniprogram.problems import NotTrusted
from jishi_wechat_miniprogram.push_seal import is_signed, open_envelope
from jishi_wechat_miniprogram.settings import PushSettings

WINDOW = timedelta(minutes=5)
"""How old a push may be, and how far ahead."""

LARGEST = 64 * 1024
"""Bytes; WeChat's pushes have a few hundred."""


class Marks(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in a push's address."""

    timestamp: str
    nonce: str
    signature: str = ""
    msg_signature: str = ""


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """A push that was proved.

    Attributes:
        id: The same whenever WeChat sends the same message again.
        event: The event, such as ``trade_manage_order_settlement``; or the kind of message.
        body: The message, JSON.
    """

    id: str
    event: str
    body: bytes


class _Sealed(msgspec.Struct, frozen=True):
    envelope: str = msgspec.field(default="", name="Encrypt")


class _Message(msgspec.Struct, frozen=True):
    kind: str = msgspec.field(default="", name="MsgType")
    event: str = msgspec.field(default="", name="Event")


class PushReader:
    """The letter box of one mini program.

    A repeated push is given again: whoever acts on it knows its id. Another message under the
    marks of one that came is refused. What is remembered lives in this process; across processes
    the inbox makes a push count once.

    Args:
        appid: The mini program.
        settings: Its token, key and mode.
    """

    def __init__(self, appid: str, settings: PushSettings) -> None:
        self._appid = appid
        self._mode = settings.mode
        self._token = settings.token.reveal()
        self._key = settings.aes_key.reveal() if settings.aes_key is not None else ""
        self._seen: dict[tuple[str, str], bytes] = {}
        self._ends: deque[tuple[datetime, tuple[str, str]]] = deque()

    def greet(self, marks: Marks, echo: str, now: datetime) -> str:
        """Answer WeChat's question whether the address is ours.

        Raises:
            NotTrusted: WeChat did not ask.
        """
        self._check_time(marks, now)
        if not is_signed(marks.signature, self._token, marks.timestamp, marks.nonce):
            raise NotTrusted("the signature does not fit")
        return echo

    def read(self, marks: Marks, body: bytes, now: datetime) -> Pushed:
        """Prove and open a push.

        Raises:
            NotTrusted: It proves nothing, or something for somebody else.
        """
        if len(body) > LARGEST:
            raise NotTrusted("no push of WeChat is that large")
        self._check_time(marks, now)
        message = self._proved(marks, body)
        self._remember(marks, message, now)
        try:
            head = msgspec.json.decode(message, type=_Message)
        except (msgspec.MsgspecError, RecursionError):
            raise NotTrusted("the message is not JSON; choose JSON in WeChat's console") from None
        digest = hashlib.sha256(self._appid.encode() + b"\n" + message).hexdigest()
        return Pushed(id=digest, event=head.event or head.kind, body=message)

    def _proved(self, marks: Marks, body: bytes) -> bytes:
        if self._mode == "plaintext":
            if not is_signed(marks.signature, self._token, marks.timestamp, marks.nonce):
                raise NotTrusted("the signature does not fit")
            return body
        # In compat mode the open text stands beside the envelope; nothing signs it.
        try:
            envelope = msgspec.json.decode(body, type=_Sealed).envelope
        except (msgspec.MsgspecError, RecursionError):
            raise NotTrusted("the push is not JSON; choose JSON in WeChat's console") from None
        parts = (self._token, marks.timestamp, marks.nonce, envelope)
        if not envelope or not is_signed(marks.msg_signature, *parts):
            raise NotTrusted("the signature does not fit")
        return open_envelope(envelope, self._key, self._appid)

    def _check_time(self, marks: Marks, now: datetime) -> None:
        if not (marks.timestamp.isascii() and marks.timestamp.isdigit()):
            raise NotTrusted("the push has no time")
        if len(marks.timestamp) > 12 or abs(now.timestamp() - int(marks.timestamp)) >= 300:
            raise NotTrusted("the push is too old")

    def _remember(self, marks: Marks, message: bytes, now: datetime) -> None:
        while self._ends and self._ends[0][0] <= now:
            self._seen.pop(self._ends.popleft()[1], None)
        key, digest = (marks.timestamp, marks.nonce), hashlib.sha256(message).digest()
        known = self._seen.get(key)
        if known is None:
            self._seen[key] = digest
            self._ends.append((now + 2 * WINDOW, key))
        elif known != digest:
            raise NotTrusted("these marks were used for another message")

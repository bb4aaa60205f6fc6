"""Finds out who is asking: token or cookie, channel, network address. Decided here, once."""

import re
import time
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

import msgspec
from litestar.types import HTTPScope

from jishi.callers import Caller
from jishi.config import did_you_mean
from jishi.identifiers import new_id
from jishi.membership import caller_from_token
from jishi.problems import Forbidden, Problem, Unauthenticated
from jishi.shop import Shop
from jishi.staff import staff_from_token
from jishi.web.headers import Https
from jishi.web.limits import API, is_form
from jishi.web.settings import WebSettings
from jishi.web.shared_limits import SharedLimits
from jishi.web.throttle import Throttles

# A guest's token has these letters, too, and is not to be found in a log.
_REQUEST_ID = re.compile(rb"(?!g\.)[A-Za-z0-9._-]{8,64}")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class UnknownPlace(Problem):
    """The request names a channel or a store that this shop does not have."""

    code = "unknown_channel"
    status = 400
    title = "There is no such channel"


def cookie_of(base_url: str) -> str:
    """The storefront's cookie; over plain http browsers refuse the ``__Host-`` one."""
    return "__Host-jishi" if base_url.startswith("https://") else "jishi"


def request_id_of(headers: dict[bytes, bytes]) -> str:
    """The sender's own request id when it is a sane one, else a new one."""
    sent = headers.get(b"x-request-id")
    return sent.decode("ascii") if sent and _REQUEST_ID.fullmatch(sent) else new_id()


class Visitors:
    """Recognises who asks.

    Args:
        shop: The shop.
        settings: Whom to believe, how many logins to take.
    """

    def __init__(self, shop: Shop, settings: WebSettings) -> None:
        self._shop = shop
        self._channels = shop.config.channels
        self._first = "web" if "web" in self._channels else next(iter(self._channels))
        self._proxies = tuple(ip_network(each, strict=False) for each in settings.trusted_proxies)
        self._throttles = Throttles(settings, time.monotonic, _shared(shop, settings))
        base = urlsplit(shop.config.shop.base_url)
        self._origin = f"{base.scheme}://{base.netloc}"
        self._cookie = cookie_of(shop.config.shop.base_url)
        self.https: Https = "yes" if base.scheme == "https" else "no"

    async def recognise(
        self, scope: HTTPScope, headers: dict[bytes, bytes], place: str, request_id: str
    ) -> Caller:
        """The caller of a request.

        Raises:
            Unauthenticated: A token was sent, but nobody has it.
            Forbidden: Another site's page sent a form.
            UnknownPlace: There is no such channel or store.
            TooMany: Too many logins, or too many new visitors from one address.
        """
        address = self._address(scope, headers)
        if scope["method"] == "POST":
            await self._throttles.knock(scope, address)
        channel, store = self._channel(headers), self._store(headers)
        if place in API and b"authorization" not in headers:
            return Caller(channel=channel, store=store, address=address, request_id=request_id)
        known = await self._known(scope, headers, place)
        return msgspec.structs.replace(
            known,
            channel=channel,
            store=store or known.store,
            address=address,
            request_id=request_id,
        )

    async def _known(self, scope: HTTPScope, headers: dict[bytes, bytes], place: str) -> Caller:
        if place not in API and scope["method"] not in _SAFE:
            self._require_own_page(headers)
        sent = headers.get(b"authorization", b"").decode("latin-1")
        if sent:
            return await self._bearer(sent, place)
        if place in API:
            return Caller()
        token = _cookie(headers.get(b"cookie", b"").decode("latin-1"), self._cookie)
        return (await caller_from_token(self._shop, token) if token else None) or Caller()

    async def _bearer(self, sent: str, place: str) -> Caller:
        scheme, _, token = sent.partition(" ")
        token = token.strip()
        caller = None
        if scheme.lower() == "bearer" and 0 < len(token) <= 512 and token.isascii():
            ways = [caller_from_token, staff_from_token]
            for way in reversed(ways) if place == "admin" else ways:
                caller = caller or await way(self._shop, token)
        if caller is None:
            raise Unauthenticated(
                "The token is unknown, has expired or was revoked.",
                field="Authorization",
                next_step="Log in again, or open a guest session with POST /store/sessions.",
            )
        return caller

    def _require_own_page(self, headers: dict[bytes, bytes]) -> None:
        """Refuse what another site's page makes a browser send (CSRF)."""
        site = headers.get(b"sec-fetch-site", b"").decode("latin-1")
        origin = headers.get(b"origin", b"").decode("latin-1")
        host = headers.get(b"host", b"").decode("latin-1")
        if site == "same-origin":
            return
        own = origin == self._origin or (bool(host) and urlsplit(origin).netloc == host)
        if site in ("", "none") and origin and own:
            return
        if b"cookie" not in headers and not is_form(headers):
            return  # there is nothing that a browser added by itself
        raise Forbidden(
            "This form was not sent from a page of this shop.",
            next_step="Open the page again and send it from there.",
        )

    def _channel(self, headers: dict[bytes, bytes]) -> str:
        if b"jishi-channel" not in headers:
            return self._first
        sent = headers[b"jishi-channel"].decode("latin-1")
        if sent and sent not in self._channels:
            hint = did_you_mean(sent, self._channels)
            raise UnknownPlace(
                f"There is no channel {sent[:40]!r}{hint or '.'}",
                field="Jishi-Channel",
                next_step=f"One of: {', '.join(self._channels)}; or leave the header out.",
            )
        return sent or self._first

    def _store(self, headers: dict[bytes, bytes]) -> str | None:
        if b"jishi-store" not in headers:
            return None
        sent = headers[b"jishi-store"].decode("latin-1")
        if sent and sent not in self._shop.config.stores:
            raise UnknownPlace(f"There is no store {sent[:40]!r}.", field="Jishi-Store")
        return sent or None

    def _address(self, scope: HTTPScope, headers: dict[bytes, bytes]) -> str:
        """The network address; a proxy's word counts only if the merchant trusts the proxy."""
        client = scope.get("client")
        address = client[0] if client else ""
        if not self._proxies:
            return address
        hops = headers.get(b"x-forwarded-for", b"").decode("latin-1").split(",")
        while hops and self._trusts(address):
            hop = hops.pop().strip()
            if not _is_address(hop):
                break
            address = hop
        return address

    def _trusts(self, address: str) -> bool:
        if not _is_address(address):
            return False
        return any(ip_address(address) in proxy for proxy in self._proxies)


def _shared(shop: Shop, settings: WebSettings) -> SharedLimits | None:
    """Where all processes count together, if the merchant has such a place."""
    if not settings.shared_limits:
        return None
    return SharedLimits(settings.shared_limits, shop.config.shop.name)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _cookie(header: str, name: str) -> str:
    for part in header.split(";"):
        key, _, value = part.strip().partition("=")
        if key == name and len(value) <= 512:
            return value.strip('"')
    return ""

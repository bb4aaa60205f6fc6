"""Guests: a token that needs no row, because its signature proves that we gave it out."""

import base64
import hmac
import re

from jishi.identifiers import new_id
from jishi.membership.structs import Guest
from jishi.shop import Shop

_TOKEN = re.compile(r"g\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([A-Za-z0-9_-]{22})")
_MAC_BYTES = 16


def new_guest(shop: Shop) -> Guest:
    """A guest nobody has met before."""
    guest = new_id()
    return Guest(id=guest, token=f"g.{guest}.{_mac(shop, guest)}")


def guest_of(shop: Shop, token: str) -> str | None:
    """The id in a guest's token, or None when this shop did not sign it."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        return None
    guest, mac = found.groups()
    return guest if hmac.compare_digest(mac, _mac(shop, guest)) else None


def _mac(shop: Shop, guest: str) -> str:
    # The purpose is part of what is signed: no other signature of the shop can serve as a guest's.
    secret = shop.config.shop.secret.reveal().encode()
    digest = hmac.digest(secret, f"guest token\n{guest}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:_MAC_BYTES]).rstrip(b"=").decode()

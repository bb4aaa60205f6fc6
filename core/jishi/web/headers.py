"""Headers that protect whoever reads an answer."""

from typing import Literal

from jishi.callers import Caller

Header = tuple[bytes, bytes]
Https = Literal["yes", "no"]
"""Whether the shop's public address is https."""

_ALWAYS: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
_HSTS: Header = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
_DATA = b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_PAGE = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "img-src {pictures}; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'{rest}"
)
# Catalogues that are taken over often name their pictures by http://. A shop on https has the
# browser ask for these by https; a shop on plain http shows them as they are.
_PAGES = {
    "yes": _PAGE.replace("{pictures}", "'self' data: https:").replace(
        "{rest}", "; upgrade-insecure-requests"
    ),
    "no": _PAGE.replace("{pictures}", "'self' data: https: http:").replace("{rest}", ""),
}


_GUARDS: dict[Https, tuple[Header, ...]] = {"yes": (*_ALWAYS, _HSTS), "no": _ALWAYS}
DATA_GUARDS: dict[Https, tuple[Header, ...]] = {
    https: (*guards, (b"content-security-policy", _DATA)) for https, guards in _GUARDS.items()
}
"""What protects every answer that is no page."""

_GUARDED = frozenset(name for name, _ in DATA_GUARDS["yes"])


def protect(headers: list[Header], caller: Caller, nonce: str, https: Https) -> list[Header]:
    """The headers of an answer with the protecting ones added; what it says itself stays.

    Args:
        headers: The answer's own.
        caller: Answers to somebody known are not kept by caches.
        nonce: Allows the inline scripts and styles of this one page.
        https: Whether the shop's public address is https.
    """
    own = {name.lower(): value for name, value in headers}
    guards = DATA_GUARDS[https]
    if own.get(b"content-type", b"").startswith(b"text/html"):
        policy = _PAGES[https].format(nonce=nonce).encode("ascii")
        guards = (*_GUARDS[https], (b"content-security-policy", policy))
    if not own.keys().isdisjoint(_GUARDED):
        guards = tuple(each for each in guards if each[0] not in own)
    headers = [*headers, *guards]
    if b"x-request-id" not in own:
        headers.append((b"x-request-id", caller.request_id.encode("ascii")))
    if (caller.kind != "anonymous" or b"set-cookie" in own) and b"cache-control" not in own:
        headers.append((b"cache-control", b"no-store"))
    return headers

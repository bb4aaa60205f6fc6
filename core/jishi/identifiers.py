"""Names for things: sortable ids, unguessable order numbers, secrets."""

import secrets
import threading
import time

_NUMBER_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so that a number survives being read out on the phone."""

_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """A UUID of version 7 (RFC 9562 §5.7) in its usual 36-letter form.

    Ids of one process grow strictly, also inside one millisecond, so an index is appended to and
    a cursor can page by id.
    """
    global _last
    with _lock:
        # 48 bits of milliseconds and 12 bits that count on inside one (RFC 9562 §6.2, method 1).
        stamp = max((time.time_ns() // 1_000_000) << 12, _last + 1)
        _last = stamp
    digits = (
        ((stamp >> 12) << 80)
        | (0x7 << 76)
        | ((stamp & 0xFFF) << 64)
        | (0b10 << 62)
        | secrets.randbits(62)
    )
    text = f"{digits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def new_order_number() -> str:
    """A public order number of 20 letters that nobody can guess or count.

    It fits what gateways allow as a merchant's order number (WeChat Pay: 6–32 of
    ``[0-9A-Za-z_-|*]``).
    """
    digits = secrets.randbits(100)
    return "".join(_NUMBER_ALPHABET[(digits >> shift) & 31] for shift in range(95, -1, -5))


def new_secret() -> str:
    """A token of 256 random bits, safe in a header, a cookie and an address."""
    return secrets.token_urlsafe(32)

"""The ledger's accounts of live streams."""


def card(session: str, sku: str) -> str:
    """Pieces that are sold at a session's price."""
    return f"live_stream:{session}:card:{sku}"


def card_share(member: str, session: str, sku: str) -> str:
    """Pieces that a member may still have at that price."""
    return f"live_stream:{member}:{session}:card:{sku}"


def coupons(session: str, code: str) -> str:
    """Coupons that nobody has claimed."""
    return f"live_stream:{session}:coupon:{code}"


def own_coupons(member: str, session: str, code: str) -> str:
    """A member's coupons that he has not used."""
    return f"live_stream:{member}:{session}:coupon:{code}"


def coupon_share(member: str, session: str, code: str) -> str:
    """Coupons that a member may still claim."""
    return f"live_stream:{member}:{session}:claim:{code}"


def prize(draw: str, place: int) -> str:
    """Prizes that nobody has won, or that came back."""
    return f"live_stream:{draw}:prize:{place}"


def slot(session: str, code: str) -> str:
    """Places of a time in the store."""
    return f"live_stream:{session}:slot:{code}"

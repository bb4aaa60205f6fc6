"""A viewer claims a coupon of the session."""

from collections.abc import Sequence

import msgspec

from jishi.effects import Credit, Debit, DeskEffect, Open
from jishi.plugins import Desk
from jishi.problems import Clash, NotFound
from jishi_live_stream import accounts
from jishi_live_stream.structs import CouponPlan, Session


class NotLive(Clash):
    """The session is not live."""

    code = "session_not_live"
    title = "The session is not live"


class OwnCoupon(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon of a session, as its viewer sees it.

    Attributes:
        code: Names it in the session.
        title: What people read.
        left: Coupons that nobody has claimed.
        mine: The viewer's own that he has not used.
    """

    code: str
    title: str
    left: int
    mine: int


async def claim_coupon(desk: Desk, session: Session, code: str, member: str, key: str) -> None:
    """Give a member one coupon of a live session, once per key.

    Args:
        desk: The plugin's.
        session: The session.
        code: Which coupon.
        member: For whom.
        key: The member's own; a repeat changes nothing.

    Raises:
        NotLive: Coupons are only given while the session is live.
        NotFound: It has no such coupon.
        NotEnough: They are gone, or the member has his share.
    """
    if not session.is_live(desk.now()):
        raise NotLive("Coupons of a session are given while it is live.")
    coupon = session.coupon(code)
    if coupon is None:
        raise NotFound(f"The session has no coupon {code[:64]!r}.")
    await desk.atomically(lambda w: w.apply(claiming(session.id, coupon, member, key), member))


def claiming(session: str, coupon: CouponPlan, member: str, key: str) -> list[DeskEffect]:
    """What moves one coupon to a member."""
    code, name = coupon.code, f"{session}:{coupon.code}:{member}:{key}"
    share = accounts.coupon_share(member, session, code)
    return [
        Open(account=share, unit="coupon", key=share, balance=coupon.per_member),
        Debit(
            account=share, amount=1, key=f"{name}:share", reason="claimed",
            refusal=f"每人限领 {coupon.per_member} 张。",
        ),
        Debit(
            account=accounts.coupons(session, code), amount=1, key=f"{name}:out",
            reason="claimed", refusal="优惠券已经领完。",
        ),
        *giving(session, code, member, name),
    ]  # fmt: skip


def giving(session: str, code: str, member: str, name: str) -> list[DeskEffect]:
    """What puts one coupon into a member's hand."""
    own = accounts.own_coupons(member, session, code)
    return [Credit(account=own, amount=1, key=f"{name}:in", reason=f"live stream {session}")]


async def coupons_of(desk: Desk, session: Session, member: str | None) -> Sequence[OwnCoupon]:
    """A session's coupons, and how many of them are the member's."""
    named = [
        (
            coupon,
            accounts.coupons(session.id, coupon.code),
            accounts.own_coupons(member or "-", session.id, coupon.code),
        )
        for coupon in session.plan.coupons
    ]
    stands = await desk.balances([account for _, *two in named for account in two])
    return [
        OwnCoupon(
            code=coupon.code,
            title=coupon.title,
            left=stands[all_].available,
            mine=stands[own].available if member else 0,
        )
        for coupon, all_, own in named
    ]

"""Points buy a coupon; goods are bought in the cart."""

from typing import Literal

import msgspec

from jishi.effects import Event, Record
from jishi.idempotency import KeyReused
from jishi.plugins import Writing
from jishi_loyalty import sql
from jishi_loyalty.lot_ids import lot_id
from jishi_loyalty.problems import NoReward, RewardLimit
from jishi_loyalty.purses import close_purse, lock_member, open_purse, survivor
from jishi_loyalty.scheme import Scheme
from jishi_loyalty.settings import Reward


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A reward that was taken.

    Attributes:
        id: The exchange's id; whoever hands out the coupon does so once for it.
        reward: The reward's code.
        points: What it cost.
        coupon: The coupon that comes of it.
        replayed: ``yes`` if it had been taken before.
    """

    id: str
    reward: str
    points: int
    coupon: str
    replayed: Literal["yes", "no"] = "no"


async def exchange_points(scheme: Scheme, member: str, code: str, key: str) -> Taken:
    """Take a reward for points, once per key; the coupon comes by ``loyalty.reward_taken``.

    Raises:
        NoReward: There is none of that code, or it is goods, which are put into the cart.
        RewardLimit: The member had it as often as one may.
        NotEnoughPoints: He has not so many.
        KeyReused: The key came with another reward before.
    """
    made = lot_id(f"exchange:{member}:{key}")
    member = await survivor(scheme.desk, member)

    async def work(w: Writing) -> Taken:
        await lock_member(w, member, scheme.now())
        if known := await w.fetch(sql.EXCHANGE, made):
            if known[0][0] != code:
                raise KeyReused(key)
            found = next((each for each in scheme.settings.rewards if each.code == code), None)
            coupon = found.coupon if found else ""
            points = int(str(known[0][1]))
            return Taken(id=made, reward=code, points=points, coupon=coupon, replayed="yes")
        reward = _reward(scheme, code)
        (row,) = await w.fetch(sql.EXCHANGES_OF, member, code)
        if reward.per_member and int(str(row[0])) >= reward.per_member:
            raise RewardLimit(f"{reward.title} can be had {reward.per_member} times.")
        await _write(w, scheme, member, reward, made)
        return Taken(id=made, reward=code, points=reward.points, coupon=reward.coupon)

    return await scheme.desk.atomically(work)


def _reward(scheme: Scheme, code: str) -> Reward:
    for reward in scheme.settings.rewards:
        if reward.code == code and reward.coupon:
            return reward
        if reward.code == code:
            raise NoReward(
                f"{reward.title} is had in the cart.",
                next_step=f"Put {reward.sku} into the cart and send extras "
                f'{{"loyalty.rewards": "{code}"}}.',
            )
    raise NoReward("There is no such reward.")


async def _write(w: Writing, scheme: Scheme, member: str, reward: Reward, made: str) -> None:
    purse = await open_purse(w, scheme, member, f"exchange:{made}")
    purse.burn(reward.points, reward.title)
    record = Record(
        table="loyalty_exchanges",
        row={
            "id": made,
            "member_id": member,
            "reward": reward.code,
            "points": reward.points,
            "taken_at": scheme.now(),
        },
        key=f"exchange:{made}",
    )
    told = Event(
        name="loyalty.reward_taken",
        subject=made,
        data={
            "exchange": made,
            "member": member,
            "reward": reward.code,
            "coupon": reward.coupon,
            "points": reward.points,
        },
        key=f"told:exchange:{made}",
    )
    await close_purse(w, purse, made, [record, told])

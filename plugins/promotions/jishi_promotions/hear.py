"""What happens elsewhere: orders that end give back what they used, rewards become coupons."""

from collections.abc import Sequence

from jishi.effects import Credit, DeskEffect, Event
from jishi.events import Happened, Listener
from jishi.plugins import Desk, Plugin, Writing, hookimpl
from jishi.shop import Shop
from jishi_promotions import sql
from jishi_promotions.campaigns import rule_in
from jishi_promotions.claims import award_coupon
from jishi_promotions.problems import CampaignOver, NoCampaign, NotForCoupons


class Ears(Plugin):
    """The part of the plugin that listens."""

    @hookimpl
    def register_jobs(self) -> Sequence[Listener]:
        """What happens elsewhere: orders that end, members that merge, rewards that are bought."""
        return (
            Listener(event="order.cancelled", do=self.order_ended),
            Listener(event="order.expired", do=self.order_ended),
            Listener(event="order.refunded", do=self.order_refunded),
            Listener(event="member.merged", do=self.members_merged),
            Listener(event="member.parted", do=self.members_parted),
            Listener(event="loyalty.reward_taken", do=self.reward_bought),
            Listener(event="loyalty.reward_bought", do=self.reward_bought),
        )

    async def order_ended(self, shop: Shop, happened: Happened) -> None:
        """An order was cancelled or expired: its uses are somebody else's again, once.

        What it only held the core has given back already; what it had paid for is credited.
        """
        await give_back(self.desk, happened.subject, "cancel")

    async def order_refunded(self, shop: Shop, happened: Happened) -> None:
        """All money of an order went back: its uses come back where the rule says so."""
        await give_back(self.desk, happened.subject, "refund")

    async def members_merged(self, shop: Shop, happened: Happened) -> None:
        """The coupons of a member that became another are that one's."""
        await self._move(sql.MERGED, happened)

    async def members_parted(self, shop: Shop, happened: Happened) -> None:
        """The coupons that had come with a member go with him again."""
        await self._move(sql.PARTED, happened)

    async def _move(self, statement: str, happened: Happened) -> None:
        source, target = happened.data.get("source"), happened.data.get("target")
        if not isinstance(source, str) or not isinstance(target, str):
            return

        async def work(w: Writing) -> None:
            await w.execute(statement, source, target)

        await self.desk.atomically(work)

    async def reward_bought(self, shop: Shop, happened: Happened) -> None:
        """Somebody took a reward that is a coupon of ours; ``coupon`` names the campaign.

        What cannot be given is told as ``promotions.coupon_refused``, so that whoever took
        something for it can give that back.
        """
        campaign = happened.data.get("coupon") or happened.data.get("campaign")
        member = happened.data.get("member")
        if not isinstance(campaign, str) or not isinstance(member, str):
            return
        source = f"event:{happened.key}"
        try:
            await award_coupon(self.desk, campaign, member, source)
        except (NoCampaign, NotForCoupons, CampaignOver) as problem:
            self.desk.log.warning("reward_refused", campaign=campaign, why=problem.code)
            data: dict[str, str | int | None] = {
                "campaign": campaign,
                "member": member,
                "why": problem.code,
                "reward": happened.subject,
            }
            refused = Event(
                name="promotions.coupon_refused", data=data, key=source, subject=happened.subject
            )

            async def work(w: Writing) -> None:
                await w.apply([refused], source)

            await self.desk.atomically(work)


async def give_back(desk: Desk, order_id: str, why: str) -> None:
    """Give back, once, what an order has used up and does not need any more.

    Args:
        desk: The plugin's.
        order_id: The order's id.
        why: ``cancel`` or ``refund``: whether a rule's uses come back for this reason is the
            rule's say.
    """
    redeemed = await desk.fetch(sql.REDEEMED, order_id)
    ended = await desk.fetch(sql.ENDED, order_id)
    if not redeemed or not ended:
        return
    status, total, refunded = ended[0]
    is_over = status in ("cancelled", "expired")
    if not is_over and (why != "refund" or int(str(refunded)) < int(str(total))):
        return  # it lives, or only a part of it went back

    async def work(w: Writing) -> None:
        kept = await _kept(w, order_id, is_over)
        now = desk.now()
        effects = await _credits(w, order_id, kept)
        if effects:
            await w.apply(effects, f"back:{order_id}")
        for campaign, *_ in redeemed:
            if f"promotions:{campaign}:" not in kept:
                await w.execute(sql.ORDER_RETURNED, order_id, campaign, now, why)

    await desk.atomically(work)


async def _credits(w: Writing, order_id: str, kept: set[str]) -> list[DeskEffect]:
    """Credits of everything that was taken for good, stays not taken and was not given back."""
    posted = [
        (str(key), str(account), int(str(amount)))
        for key, account, amount in await w.fetch(sql.POSTED, order_id)
        if not any(f"{account}:".startswith(prefix) for prefix in kept)
    ]
    keys = [f"desk:promotions:back:{key}" for key, _, _ in posted]
    done = {str(row[0]) for row in await w.fetch(sql.ENTERED, keys)} if keys else set()
    return [
        Credit(account=account, amount=amount, key=f"back:{key}", reason="the order ended")
        for key, account, amount in posted
        if f"desk:promotions:back:{key}" not in done
    ]


async def _kept(w: Writing, order_id: str, is_over: bool) -> set[str]:
    """Beginnings of the accounts whose uses stay used."""
    kept: set[str] = set()
    posted = bool(await w.fetch(sql.POSTED, order_id))
    for campaign, coupon, version in await w.fetch(sql.REDEEMED_RULES, order_id):
        rule = await rule_in(w, str(campaign), int(str(version)))
        stays = rule.returned == "never" if is_over else rule.returned != "refund"
        if stays and posted:
            kept.add(f"promotions:{campaign}:")
            if coupon:
                kept.add(f"promotions:coupon:{coupon}:")
    return kept
